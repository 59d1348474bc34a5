"""Attention roll-out, of our attention and of torch's."""

import torch
from torch import nn

from lamina.explanation.attention_rollout import AttentionRollout
from lamina.explanation.features import Patches, PlacedWords, Words
from lamina.explanation.question import Place, Question, ask
from lamina.networks.layers.attention import SelfAttention
from tests.explanation.made import convolutions, reader
from tests.networks.taggers import made as taggers


class Ours(nn.Module):
    def __init__(self, depth: int = 2) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.layers = nn.ModuleList(SelfAttention(8, 2) for _ in range(depth))

    def forward(self, ids):
        sequence = self.embedding(ids)
        for layer in self.layers:
            sequence = sequence + layer(sequence, ids != 0)
        return sequence.mean(dim=(1, 2))


class Theirs(nn.Module):
    def __init__(self, ours: SelfAttention) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.layer = nn.MultiheadAttention(8, 2, batch_first=True)
        with torch.no_grad():
            self.layer.in_proj_weight.copy_(ours.query_key_value.weight)
            self.layer.in_proj_bias.copy_(ours.query_key_value.bias)

    def forward(self, ids):
        sequence = self.embedding(ids)
        return self.layer(sequence, sequence, sequence, need_weights=False)[0].mean(dim=(1, 2))


def test_shares_are_multiplied_with_half_of_each_place_handed_on():
    torch.manual_seed(0)
    network = Ours().eval()
    ids = torch.tensor([[3, 4, 5]])
    found = AttentionRollout().attribute(ask(network, ids, features=[Words()])).values["0"]
    sequence, flow = network.embedding(ids), torch.eye(3)
    for layer in network.layers:
        shares = layer.shares(sequence, ids != 0)[0].mean(dim=0)
        flow = (0.5 * shares + 0.5 * torch.eye(3)) @ flow
        sequence = sequence + layer(sequence, ids != 0)
    assert torch.allclose(found, flow.mean(dim=0), atol=1e-6)
    assert abs(float(found.sum()) - 1) < 1e-5


def test_attention_of_torch_is_read_as_well():
    torch.manual_seed(0)
    ours = Ours(depth=1).eval()
    theirs = Theirs(ours.layers[0]).eval()
    theirs.embedding.load_state_dict(ours.embedding.state_dict())
    ids = torch.tensor([[3, 4, 5, 9]])
    both = [
        AttentionRollout().attribute(ask(n, ids, features=[Words()])).values["0"]
        for n in (ours, theirs)
    ]
    assert torch.allclose(*both, atol=1e-6)


def test_places_of_a_picture_are_laid_over_its_patches():
    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches = nn.Conv2d(1, 8, 2, stride=2)
            self.layer = SelfAttention(8, 2)

        def forward(self, pictures):
            return self.layer(self.patches(pictures).flatten(2).transpose(1, 2)).mean(dim=(1, 2))

    torch.manual_seed(0)
    network = Looks().eval()
    picture = torch.randn(1, 1, 4, 8)
    asked = ask(network, picture, features=[Patches(2, torch.zeros(1))])
    found = AttentionRollout().attribute(asked).values["0"]
    shares = network.layer.shares(network.patches(picture).flatten(2).transpose(1, 2))
    wanted = (0.5 * shares[0].mean(dim=0) + 0.5 * torch.eye(8)).mean(dim=0)
    assert found.shape == (8,)
    assert found.argmax() == wanted.argmax()


class Tags(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.known = nn.Linear(3, 8)
        self.layer = SelfAttention(8, 2)

    def forward(self, words):
        return self.layer(self.known(words.float()), words[..., 0] != 0).mean(dim=(1, 2))


def test_words_that_keep_their_places_are_pooled_where_each_has_a_vector():
    torch.manual_seed(0)
    network = Tags().eval()
    words = torch.randint(1, 9, (1, 5, 3))
    own = [PlacedWords(torch.tensor([1, 9, 0]), stride=2)]
    asked = ask(network, words, features=own, places={0: Place("known")})
    found = AttentionRollout().attribute(asked).values["0"]
    shares = network.layer.shares(network.known(words.float()), words[..., 0] != 0)[0].mean(dim=0)
    each = (0.5 * shares + 0.5 * torch.eye(5)).mean(dim=0)
    wanted = torch.stack([each[0] + each[1], each[2] + each[3], each[4]])
    assert torch.allclose(found, wanted, atol=1e-6)
    assert AttentionRollout().suits(ask(network, words, features=own)) == ()


def tagger_asked(model, shown):
    sentence = {name: values[:1] for name, values in shown.items()}
    names = {id(module): name for name, module in model.named_modules()}
    places = {name: Place(names[id(one.module)]) for name, one in model.vectors().items()}

    def bind(network):
        return lambda inputs: network(inputs)["likelihood"].flatten()

    own = {"words": PlacedWords(torch.ones_like(sentence["words"][0, 0]))}
    return Question(bind, sentence, own, model.eval(), places)


def test_of_taggers_those_with_a_transformer_over_whole_words_are_reached():
    whole = tagger_asked(taggers.build(context="transformer"), taggers.inputs(with_tags=True))
    assert AttentionRollout().suits(whole) == ("words",)
    found = AttentionRollout().attribute(whole).values["words"]
    assert found.shape == (len(taggers.SENTENCES[0]),)
    assert abs(float(found.sum()) - 1) < 1e-5
    recurrent = tagger_asked(taggers.build(), taggers.inputs(with_tags=True))
    assert AttentionRollout().suits(recurrent) == ()
    shown = taggers.inputs(with_tags=True, is_cut=True)
    for context in taggers.NEAR.values():
        pieces = tagger_asked(taggers.build_of_pieces(context=context), shown)
        assert AttentionRollout().suits(pieces) == ()


def test_it_suits_transformers_only():
    assert AttentionRollout().suits(reader([3, 4])) == ()
    assert AttentionRollout().suits(convolutions()) == ()
