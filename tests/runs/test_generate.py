"""Writing with a run."""

import pytest

from lamina.core.errors import ConfigError
from lamina.networks.generation import SamplingConfig
from lamina.runs.generate import Spelling, generate, stream, text_of
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


def test_characters_of_several_bytes_are_whole() -> None:
    spelling, data = Spelling(), "aé🙂".encode()
    found = [spelling.add(data[i : i + 1]) for i in range(len(data))]
    assert found == ["a", "", "é", "", "", "", "🙂"]
    assert spelling.add(b"\xff\xff\xff\xff") == "\ufffd" * 4
    assert spelling.add(b"\xc3") == ""
    assert spelling.end() == "\ufffd"


@pytest.mark.parametrize(
    "wrong", [{"num_texts": 0}, {"num_tokens": 0}, {"num_tokens": 10**9}, {"prompt": "x" * 10**6}]
)
def test_wrong_numbers_are_explained(wrong) -> None:
    with pytest.raises(ConfigError):
        generate(finished("language").predictor, **wrong)


def test_a_model_that_writes_nothing_says_so() -> None:
    with pytest.raises(ConfigError, match="writes no texts"):
        text_of(finished("text").predictor)
