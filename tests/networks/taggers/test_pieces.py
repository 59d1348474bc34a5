"""Taggers that read pieces of words."""

import pytest
import torch
from torch.nn import functional as F

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.networks.taggers.contexts import NoContextConfig
from lamina.networks.taggers.pieces import READERS, PieceTaggerConfig, _packed
from lamina.runtime.modalities.words import WIDTH
from tests.networks.taggers.made import (
    CUT_SPEC,
    OUTPUT,
    READ,
    SENTENCES,
    SPEC,
    TAGS,
    build_of_pieces,
    check_splits,
    inputs,
    lengths,
    names,
)

FORMS = [(name, {}) for name in READERS] + [
    ("transformer", {"is_alone": True, "context": NoContextConfig()})
]


def test_pieces_stand_without_padding_between_and_words_know_where_they_begin() -> None:
    pieces = torch.tensor([[[5, 6, 0], [7, 0, 0], [8, 9, 10]], [[3, 0, 0], [0, 0, 0], [0, 0, 0]]])
    packed, begins = _packed(pieces)
    assert packed.tolist() == [[5, 6, 7, 8, 9, 10, 0, 0, 0], [3, 0, 0, 0, 0, 0, 0, 0, 0]]
    assert begins[0].tolist() == [0, 2, 3]
    assert begins[1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("stretch", [8, 128])
def test_a_word_is_what_the_encoder_knows_of_its_first_piece(name, stretch) -> None:
    model = build_of_pieces(name, stretch=stretch).eval()
    pieces = inputs(is_cut=True)["words"][..., WIDTH:]
    (mark,) = CUT_SPEC.pieces.marks[0]
    with torch.no_grad():
        found = model._first_pieces(pieces)
        for row, words in enumerate(SENTENCES):
            flat, begins = [], []
            for place in range(len(words)):
                begins.append(len(flat))
                flat += [int(piece) for piece in pieces[row, place] if piece]
            room = stretch - 1
            for place, begin in enumerate(begins):
                start = begin // room * room
                read = torch.tensor([[mark, *flat[start : start + room]]])
                wanted = model.encoder.states(read)[0, 1 + begin - start]
                torch.testing.assert_close(found[row, place], wanted, atol=1e-5, rtol=1e-5)


def test_marks_stand_on_both_sides_of_each_stretch() -> None:
    model = build_of_pieces()
    model.first, model.last = torch.tensor([90]), torch.tensor([91, 92])
    rows = torch.tensor([[5, 6, 7], [8, 0, 0], [0, 0, 0]])
    assert model._marked(rows).tolist() == [
        [90, 5, 6, 7, 91, 92],
        [90, 8, 91, 92, 0, 0],
        [90, 91, 92, 0, 0, 0],
    ]


@pytest.mark.parametrize(("name", "settings"), FORMS)
def test_it_learns_what_it_is_shown(name, settings) -> None:
    model = build_of_pieces(name, dropout=0.0, unknown=0.0, **settings).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    shown = inputs(with_tags=True, is_cut=True)
    for _ in range(80):
        optimizer.zero_grad()
        model(shown)["likelihood"][:, 0].mean().backward()
        optimizer.step()
    with torch.no_grad():
        (found,) = model.eval()(inputs(is_cut=True)).values()
    assert names(found[:, 2:].long()) == TAGS
    assert [len(row) for row in names(found[:, 2:].long())] == lengths().tolist()


@pytest.mark.parametrize(("name", "settings"), FORMS)
def test_padding_and_other_sentences_change_nothing(name, settings) -> None:
    model = build_of_pieces(name, stretch=8, **settings).eval()
    shown = inputs(is_cut=True)["words"]
    longer = F.pad(shown, (0, 0, 0, 3))
    with torch.no_grad():
        (whole,), (more,) = model({"words": shown}).values(), model({"words": longer}).values()
        (alone,) = model({"words": shown[1:2, :2]}).values()
    torch.testing.assert_close(F.pad(whole, (0, 3)), more, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(whole[1:2, :4], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("name", "settings"), FORMS)
def test_every_parameter_learns(name, settings) -> None:
    model = build_of_pieces(name, **settings).train()
    model(inputs(with_tags=True, is_cut=True))["likelihood"][:, 0].sum().backward()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name


@pytest.mark.parametrize("rate", [0.0, 0.3])
def test_masks_do_not_depend_on_how_a_batch_is_split(rate) -> None:
    model = build_of_pieces(stretch=8, unknown=0.5).train()
    model.encoder.dropout.rate = rate
    shown = inputs(with_tags=True, is_cut=True)
    check_splits(model, shown)


@pytest.mark.parametrize("name", READERS)
def test_documents_round_trip(name) -> None:
    config = PieceTaggerConfig(encoder=READ[name], is_alone=True)
    assert from_document(PieceTaggerConfig, to_document(config), where="network") == config
    assert config.encoder_of(CUT_SPEC) == READ[name]


def test_what_another_network_teaches_is_under_its_input() -> None:
    model = build_of_pieces()
    assert model.taught_encoders() == {"words": model.encoder}
    assert all(n.startswith("encoders.0.") for n in model.state_dict() if "encoder" in n)


def test_what_it_cannot_read_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"data.fitting.tokens to byte_pairs.*--from"):
        PieceTaggerConfig().build([SPEC], [OUTPUT])
    with pytest.raises(ConfigError, match="a tagger reads one column of words"):
        PieceTaggerConfig().build([], [OUTPUT])
    with pytest.raises(ConfigError, match="stretch must be at least 8"):
        PieceTaggerConfig(stretch=7)
