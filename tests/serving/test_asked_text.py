"""What is to be written is read strictly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.serving.asked_text import LARGEST_SEED, TEMPERATURE, read_asked
from lamina.serving.config import LimitsConfig
from lamina.serving.refusal import Refusal

LIMITS = LimitsConfig(texts=3, written_tokens=100, text_characters=20)


def read(document, kind="application/json; charset=utf-8"):
    return read_asked(json.dumps(document).encode(), kind, LIMITS)


def test_what_is_left_out_or_null_has_its_default() -> None:
    for document in ({}, dict.fromkeys(("prompt", "num", "top_k", "stop", "stream", "seed"))):
        asked = read(document)
        assert (asked.config.prompt, asked.config.num_texts, asked.config.seed) == ("", 1, 0)
        assert asked.config.num_tokens == 100
        assert asked.config.stop == ()
        assert (asked.sampling.temperature, asked.sampling.top_p) == (TEMPERATURE, 1.0)
        assert asked.sampling.top_k is None
        assert not asked.is_streamed


def test_settings_are_taken() -> None:
    asked = read(
        {
            "prompt": "Ünï 🙂",
            "num": 2.0,
            "max_tokens": 7,
            "temperature": 0,
            "top_p": 0.5,
            "top_k": 3,
            "seed": LARGEST_SEED,
            "stop": "END",
            "stream": True,
        }
    )
    assert asked.config.prompt == "Ünï 🙂"
    assert (asked.config.num_texts, asked.config.num_tokens) == (2, 7)
    assert asked.config.stop == ("END",)
    assert (asked.sampling.temperature, asked.sampling.top_k) == (0.0, 3)
    assert asked.is_streamed
    assert read({"stop": ["a", "bc"]}).config.stop == ("a", "bc")


@pytest.mark.parametrize(
    ("document", "status", "message"),
    [
        ([], 422, "must be an object"),
        ({"promt": "x"}, 422, "no setting 'promt'; known: prompt"),
        ({"prompt": 3}, 422, "wanted a text"),
        ({"prompt": "\ud800"}, 422, "wanted a text"),
        ({"prompt": "x" * 21}, 413, "20 are allowed"),
        ({"num": 4}, 422, "from 1 to 3"),
        ({"num": True}, 422, "whole number"),
        ({"max_tokens": 101}, 422, "from 1 to 100"),
        ({"max_tokens": 1.5}, 422, "whole number"),
        ({"temperature": -0.1}, 422, "from 0 to 100"),
        ({"temperature": "hot"}, 422, "from 0 to 100"),
        ({"top_p": 0}, 422, "above 0 to 1"),
        ({"top_p": 1.1}, 422, "above 0 to 1"),
        ({"top_k": 0}, 422, "whole number from 1"),
        ({"seed": -1}, 422, "whole number from 0"),
        ({"stop": [""]}, 422, "one character or more"),
        ({"stop": ["a"] * 17}, 422, "up to 16"),
        ({"stop": [3]}, 422, "wanted a text"),
        ({"stop": {}}, 422, "up to 16"),
        ({"stream": 1}, 422, "true or false"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(document, status, message) -> None:
    with pytest.raises(Refusal, match=message) as refused:
        read(document)
    assert refused.value.status == status
    if isinstance(document, dict):
        assert refused.value.where == tuple(document)


def test_other_bodies_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        read({}, "text/plain")
    assert refused.value.status == 415
    for body in (b"", b"{", b"\xff", b'{"num": 1, "num": 2}', b'{"seed": NaN}'):
        with pytest.raises(Refusal) as refused:
            read_asked(body, "application/json", LIMITS)
        assert refused.value.status == 400


NAMES = ("prompt", "num", "max_tokens", "temperature", "top_p", "top_k", "seed", "stop", "stream")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_anything_is_read_or_refused(document) -> None:
    body = json.dumps(document).encode("utf-8", "replace")
    status = 200
    try:
        read_asked(body, "application/json", LIMITS)
    except Refusal as refused:
        status = refused.status
    assert status in (200, 400, 413, 422)
