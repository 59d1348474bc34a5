"""What taggers share."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import OutputSpec
from lamina.networks.taggers.chain import AbstractTagger, check_tagged
from lamina.networks.taggers.pieces import PieceTagger
from lamina.networks.taggers.whole import Tagger
from tests.networks.taggers.made import CUT_SPEC, OUTPUT, SPEC, build, build_of_pieces, inputs


def test_the_words_are_found_beside_the_tags() -> None:
    tags = OUTPUT.name
    beside = type(SPEC)(tags, "tag_sequence", (tags,), ())
    assert check_tagged([SPEC, beside], [OUTPUT]) is SPEC
    with pytest.raises(ConfigError, match="which tag may stand behind which"):
        check_tagged([SPEC], [OutputSpec("tags", 4)])
    with pytest.raises(ConfigError, match="Name the other columns with --ignore"):
        check_tagged([SPEC, SPEC], [OUTPUT])


def test_what_is_known_of_a_word_alone_knows_nothing_of_its_pieces() -> None:
    for kind in (Tagger, PieceTagger):
        assert issubclass(kind, AbstractTagger)
    model = build().eval()
    with torch.no_grad():
        cut, plain = inputs(is_cut=True)["words"], inputs()["words"]
        assert torch.equal(model.seen(cut), model.seen(plain))
        (one,), (other,) = model({"words": cut}).values(), model({"words": plain}).values()
    assert torch.equal(one, other)
    assert CUT_SPEC.shape[0] > SPEC.shape[0]


def test_both_kinds_know_single_words_alike() -> None:
    names = {n for n in build().state_dict() if n.startswith(("vectors", "shapes", "speller"))}
    assert names <= set(build_of_pieces().state_dict())
