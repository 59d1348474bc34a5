"""Sounds of any length with a run."""

import io

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.runtime.function import load
from lamina.runtime.modalities.sound import SoundReader
from tests.runs.tiny import finished, spoken, wave_bytes


@pytest.fixture(scope="module")
def run():
    return finished("transcription")


def joined(num_rows: int, seed: int = 9) -> np.ndarray:
    """Some of the recordings one after the other, int16."""
    reader = SoundReader(4000, max_samples=1 << 30)
    cells = spoken(seed=seed)["sound"][:num_rows]
    return np.concatenate([reader.samples_of(cell) for cell in cells])


def test_what_fits_in_one_window_is_the_plain_answer(run) -> None:
    frame = spoken()[:8]
    plain = run.predict(frame)["said"]
    for cell, wanted in zip(frame["sound"], plain):
        found = "".join(segment.text for segment in run.transcribe(io.BytesIO(cell)))
        assert found == wanted.rstrip()


def test_a_long_recording_is_the_same_whatever_its_blocks(run, tmp_path) -> None:
    samples = joined(20)
    whole = list(run.transcribe([samples], rate=4000))
    assert len(whole) > 1
    path = tmp_path / "long.wav"
    path.write_bytes(wave_bytes(samples / 32767))
    assert list(run.transcribe(path)) == whole
    for size in (100, 4000):
        blocks = [samples[first : first + size] for first in range(0, len(samples), size)]
        assert list(run.transcribe(blocks, rate=4000)) == whole
    times = [time for segment in whole for time in (segment.start_s, segment.end_s)]
    assert times == sorted(times)
    assert times[-1] <= len(samples) / 4000 + 0.05


def test_rows_longer_than_the_limit_are_heard_to_their_end(run, tmp_path) -> None:
    samples = joined(6)
    path = tmp_path / "long.wav"
    path.write_bytes(wave_bytes(samples / 32767))
    text = "".join(segment.text for segment in run.transcribe(path))
    short = spoken()["sound"][0]
    in_bytes = pl.DataFrame({"sound": [path.read_bytes(), short], "said": ["a", "b"]})
    found = run.predict(in_bytes)
    assert found["said"][0].rstrip() == text
    assert found["said"][1] == run.predict(spoken()[:1])["said"][0]
    assert run.predict(pl.DataFrame({"sound": [str(path)]}))["said"][0].rstrip() == text
    # As right as it is said to be: no edits against itself.
    right = pl.DataFrame({"sound": [str(path)], "said": [found["said"][0]]})
    assert run.score(right)["character_error_rate"].value == 0.0


def test_silence_says_nothing_and_a_cut_file_says_so_after_its_pieces(run) -> None:
    assert list(run.transcribe([np.zeros(40_000, dtype=np.int16)], rate=4000)) == []
    assert list(run.transcribe([], rate=4000)) == []
    file = wave_bytes(joined(20) / 32767)
    segments = run.transcribe(io.BytesIO(file[: len(file) // 2]))
    next(segments)
    with pytest.raises(DataError, match="cut off"):
        list(segments)


def test_a_network_that_does_not_hear_says_so() -> None:
    with pytest.raises(ConfigError, match="writes no transcripts"):
        finished("binary").transcribe("a.wav")


def test_an_exported_file_hears_the_same(run, tmp_path) -> None:
    samples, short = joined(20), spoken()["sound"][0]
    path = tmp_path / "long.wav"
    path.write_bytes(wave_bytes(samples / 32767))
    run.export(tmp_path / "m.onnx")
    function = load(tmp_path / "m.onnx", threads=1)
    wanted = list(run.transcribe(path))
    assert list(function.transcribe(path)) == wanted
    assert list(function.transcribe([samples], rate=4000)) == wanted
    for cell in (path.read_bytes(), samples):
        found = function.predict([{"sound": cell}, {"sound": short}, {"sound": b""}])
        assert [one["said"] for one in found] == [
            run.predict(pl.DataFrame({"sound": [path.read_bytes()]}))["said"][0],
            run.predict(pl.DataFrame({"sound": [short]}))["said"][0],
            None,
        ]
