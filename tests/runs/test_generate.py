"""Writing with a run."""

import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.networks.generation import SamplingConfig
from lamina.runs.generate import generate, stream, text_of
from tests.runs.tiny import finished


def test_texts_are_written_and_repeat_with_their_seed() -> None:
    predictor = finished("language").predictor
    one = generate(predictor, "the sea", num_texts=2, num_tokens=40, seed=3)
    assert [w.prompt for w in one] == ["the sea"] * 2
    assert one == generate(predictor, "the sea", num_texts=2, num_tokens=40, seed=3)
    assert one != generate(predictor, "the sea", num_texts=2, num_tokens=40, seed=4)
    assert all(0 < w.tokens <= 40 for w in one)


def test_a_stream_is_the_first_text() -> None:
    predictor = finished("language").predictor
    sampling = SamplingConfig(temperature=0.5)
    whole = generate(predictor, "we stay", num_tokens=30, sampling=sampling)[0]
    assert "".join(stream(predictor, "we stay", num_tokens=30, sampling=sampling)) == whole.text


def test_nothing_and_any_script_may_begin_a_text() -> None:
    for prompt in ("", "東京 🙂 é", "x" * 1_000):
        assert generate(finished("language").predictor, prompt, num_tokens=3)[0].tokens > 0


def test_a_text_ends_where_a_stop_appears() -> None:
    predictor = finished("language").predictor
    whole = generate(predictor, "we", num_tokens=60, seed=1)[0]
    assert whole.end == "length"
    stop = whole.text[20:22]
    found = generate(predictor, "we", num_tokens=60, seed=1, stop=[stop])[0]
    assert found.text == whole.text[: whole.text.index(stop)]
    assert found.end == "stop"
    assert "".join(stream(predictor, "we", num_tokens=60, seed=1, stop=[stop])) == found.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"stop": [""]},
        {"num_texts": 0},
        {"num_tokens": 0},
        {"num_tokens": 10**9},
        {"prompt": "x" * 10**6},
    ],
)
def test_wrong_numbers_are_explained(wrong) -> None:
    with pytest.raises(DataError):
        generate(finished("language").predictor, **wrong)


def test_a_model_that_writes_nothing_says_so() -> None:
    with pytest.raises(ConfigError, match="writes no texts"):
        text_of(finished("text").predictor)
