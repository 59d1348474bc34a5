"""Whole taggers, of every part that reads letters or words around."""

import itertools
import warnings

import pytest
import torch
from torch.nn import functional as F

from lamina.core.config import from_document, to_document
from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.taggers.contexts import CONTEXTS
from lamina.networks.taggers.spellers import SPELLERS
from lamina.networks.taggers.whole import TaggerConfig
from lamina.runtime.answers.tag_sequences import TagSequences
from tests.networks.taggers.made import (
    OUTPUT,
    SPEC,
    TAGS,
    build,
    check_splits,
    inputs,
    lengths,
    names,
)

PARTS = [
    *((speller, "recurrent") for speller in SPELLERS),
    *(("convolution", context) for context in CONTEXTS if context != "recurrent"),
]


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_given_tags_are_measured_and_the_best_answered(speller, context) -> None:
    model = build(speller, context).eval()
    with torch.no_grad():
        measured = model(inputs(with_tags=True))
        answered = model(inputs())
    assert list(measured) == ["likelihood"]
    assert measured["likelihood"][:, 1].tolist() == lengths().tolist()
    assert (measured["likelihood"][:, 0] > 0).all()
    (found,) = answered.values()
    ids = found[:, 2:].long()
    assert [len(row) for row in names(ids)] == lengths().tolist()
    # The answer is a tagging as likely as it says, and no other is more so.
    with torch.no_grad():
        again = model({**inputs(), "tags": ids})["likelihood"]
    torch.testing.assert_close(again[:, 0], found[:, 0], atol=1e-4, rtol=1e-4)
    assert (found[:, 0] <= measured["likelihood"][:, 0] + 1e-4).all()


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_it_learns_what_it_is_shown(speller, context) -> None:
    model = build(speller, context, dropout=0.0, unknown=0.0).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    shown = inputs(with_tags=True)
    for _ in range(80):
        optimizer.zero_grad()
        model(shown)["likelihood"][:, 0].mean().backward()
        optimizer.step()
    with torch.no_grad():
        (found,) = model.eval()(inputs()).values()
    assert names(found[:, 2:].long()) == TAGS


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_padding_and_other_sentences_change_nothing(speller, context) -> None:
    model = build(speller, context).eval()
    longer = F.pad(inputs()["words"], (0, 0, 0, 3))
    with torch.no_grad():
        (whole,), (more,) = model(inputs()).values(), model({"words": longer}).values()
        (alone,) = model({"words": inputs()["words"][1:2, :2]}).values()
        torch.testing.assert_close(F.pad(whole, (0, 3)), more, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(whole[1:2, :4], alone, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(
            model.features(inputs()), model.features({"words": longer}), atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_its_vectors_are_all_that_it_knows_of_words(speller, context) -> None:
    model, asked = build(speller, context).eval(), inputs()
    (vectors,) = model.vectors().values()
    seen = []

    def replaced(_module, _inputs, output):
        seen.append(output)
        return torch.zeros_like(output)

    with torch.no_grad():
        before = model(asked)
        handle = vectors.module.register_forward_hook(replaced)
        words = asked["words"]
        others = {**asked, "words": torch.where(words > 0, words.flip(0).clamp_min(1), 0)}
        one, other = model(asked), model(others)
        handle.remove()
    assert seen[0].shape[:2] == words.shape[:2]
    assert not torch.equal(seen[0], seen[1])
    for name, found in one.items():
        assert torch.equal(found, other[name]), "what words there are is known by the vectors alone"
        assert not torch.equal(found, before[name])


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_every_parameter_learns(speller, context) -> None:
    model = build(speller, context).train()
    model(inputs(with_tags=True))["likelihood"][:, 0].sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_masks_do_not_depend_on_how_a_batch_is_split(speller, context) -> None:
    model = build(speller, context, unknown=0.5).train()
    shown = inputs(with_tags=True)
    check_splits(model, shown)


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_half_precision_and_float64(speller, context) -> None:
    model = build(speller, context).eval()
    with torch.no_grad():
        wanted = model(inputs(with_tags=True))["likelihood"]
        with torch.autocast("cpu", torch.bfloat16):
            lowered = model(inputs(with_tags=True))["likelihood"]
        exact = model.double()(inputs(with_tags=True))["likelihood"]
    assert lowered.dtype == torch.float32
    torch.testing.assert_close(lowered, wanted, atol=0.2, rtol=0.05)
    assert exact.dtype == torch.float64
    torch.testing.assert_close(exact.float(), wanted, atol=1e-4, rtol=1e-4)


def test_forbidden_tags_are_never_answered() -> None:
    model = build().eval()
    for seed in range(20):
        torch.manual_seed(seed)
        torch.nn.init.normal_(model.scores.weight, std=5.0)
        with torch.no_grad():
            (found,) = model(inputs()).values()
        for row in names(found[:, 2:].long()):
            for before, tag in itertools.pairwise(["O", *row]):
                assert not tag.startswith("I-") or before[2:] == tag[2:]


def test_words_are_now_and_then_taken_for_unknown_ones() -> None:
    model = build(unknown=0.5).train()
    ids = inputs()["words"][..., 0]
    torch.manual_seed(0)
    changed = model._some_unknown(ids)
    is_changed = changed != ids
    assert is_changed.any()
    assert not is_changed.all()
    assert (changed[ids == 0] == 0).all()
    spelt = model.vectors_of_words.spelt
    assert (changed[is_changed] >= SPEC.vocabulary_size).all()
    assert torch.equal(spelt(changed)[ids > 0], spelt(ids)[ids > 0])
    assert torch.equal(model.eval()._some_unknown(ids), ids)


@pytest.mark.parametrize(("speller", "context"), PARTS)
def test_documents_round_trip(speller, context) -> None:
    config = TaggerConfig(
        speller=SPELLERS[speller].value(), context=CONTEXTS[context].value(), unknown=0.1
    )
    assert from_document(TaggerConfig, to_document(config), where="network") == config


def test_what_it_cannot_read_is_explained() -> None:
    number = InputSpec("number", "number", ("x",), (1,))
    for specs in ([], [number], [SPEC, SPEC]):
        with pytest.raises(ConfigError, match="a tagger reads one column of words"):
            TaggerConfig().build(specs, [OUTPUT])
    with pytest.raises(ConfigError, match="which tag may stand behind which"):
        TaggerConfig().build([SPEC], [OutputSpec("tags", 4)])
    with pytest.raises(ConfigError, match="embedding_width must be at least 1"):
        TaggerConfig(embedding_width=0)
    with pytest.raises(ConfigError, match="unknown must be in"):
        TaggerConfig(unknown=1.0)


@pytest.mark.parametrize("speller", SPELLERS)
def test_the_scores_of_all_tags_are_traced_for_any_rows_and_words(speller) -> None:
    model = build(speller, "transformer").eval()
    free = torch.export.Dim.DYNAMIC
    many = F.pad(inputs()["words"], (0, 0, 0, 2))
    sizes = ({"words": {0: free} if speller == "recurrent" else {0: free, 1: free}},)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The tensor attribute", category=UserWarning)
        program = torch.export.export(
            model, ({"words": many},), dynamic_shapes=sizes, strict=False
        ).module()
    fewer = {"words": many[1:] if speller == "recurrent" else inputs()["words"][1:]}
    with torch.no_grad():
        (scores,) = program(fewer).values()
        (answered,) = model(fewer).values()
    form = TagSequences.from_document(
        {
            "target": "tags",
            "words": "words",
            "tags": ["O", *map(str, range(8))],
            "marks_spans": False,
            **model.decoding(),
        }
    )
    found = form.read(scores.double().numpy())
    assert [len(one["tags"]) for one in found] == lengths()[1:].tolist()
    for one, own in zip(found, answered):
        assert one["probability of all tags"] == pytest.approx(float((-own[0]).exp()), rel=1e-4)
