import json
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.serving.refusal import Refusal
from lamina.serving.strict_json import is_whole_unicode, read_json, write_json

SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS.filter(lambda x: x not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_json_is_read_as_python_reads_it(value):
    text = json.dumps(value)
    assert read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b'{"a":', "line 1, column"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b"[Infinity, -Infinity]", "Infinity"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"x": {"b": 1, "c": 2, "b": 1}}', "'b' twice"),
        (b"[" * 100_000, "too deeply"),
        (b'{"a":' * 50_000 + b"1", "too deeply"),
        (b"1" * 5000, "too many digits"),
        (b"\xff\xfe1\x00", "not UTF-8"),
        ("1".encode("utf-16"), "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'"\x00"', "not JSON"),
        (b"{} {}", "not JSON"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_what_is_not_json_is_refused(body, message):
    with pytest.raises(Refusal, match=message) as refused:
        read_json(body)
    assert refused.value.status == 400


def test_answers_are_always_json():
    value = {
        "a": float("nan"),
        "b": [np.float32(1.5), np.int64(3), np.bool_(True), float("inf")],
        "c": np.array([1.0, np.nan]),
        "d": datetime(2024, 5, 31, 14, 5),
        "e": "ü\ud800",
    }
    told = json.loads(write_json(value))
    assert told["a"] is None
    assert told["b"] == [1.5, 3, True, None]
    assert told["c"] == [1.0, None]
    assert told["d"] == "2024-05-31T14:05:00"


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_halves_of_characters_are_found(text):
    has_half = any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)
    assert is_whole_unicode(text) is not has_half
