"""Sound as a modality."""

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.sound import Sound
from lamina.data.schema import recognise
from tests.runs.tiny import wave_bytes

TONE = np.sin(np.arange(600) / 3)


def fit(cells, **options) -> Sound:
    return Sound.fit(pl.Series("call", cells), role="input", options=ModalityOptions(**options))


def test_paths_and_bytes_are_recognised_by_what_they_are() -> None:
    assert recognise(pl.Series([f"calls/{n}.WAV" for n in range(30)]))[0] == "sound"
    assert recognise(pl.Series([f"calls/{n}.flac" for n in range(30)]))[0] == "sound"
    assert recognise(pl.Series([wave_bytes(TONE), None]))[0] == "sound"
    assert recognise(pl.Series([b"\x89PNG....", b"\xff\xd8\xff...."]))[0] == "image"
    assert recognise(pl.Series([f"https://x.org/{n}.wav" for n in range(30)]))[0] != "sound"


def test_a_recording_is_no_target() -> None:
    assert Sound.recognise(pl.Series(["a.wav"]), role="target").score == 0
    with pytest.raises(DataError, match="cannot be predicted"):
        Sound.fit(pl.Series(["a.wav"]), role="target", options=ModalityOptions())
    with pytest.raises(DataError, match="cannot be predicted"):
        fit([wave_bytes(TONE)]).decode(torch.zeros(1))


def test_the_most_frequent_rate_is_taken_up_to_a_limit() -> None:
    cells = [wave_bytes(TONE), wave_bytes(TONE), wave_bytes(TONE, rate=96_000)]
    state = fit(cells)
    assert (state.rate, state.num_samples, state.max_samples) == (4000, 600, 600)
    state = fit(cells[2:], max_rate=8000)
    assert (state.rate, state.num_samples, state.max_samples) == (8000, 50, 50)
    long = wave_bytes(np.tile(TONE, 10))
    assert fit([long], max_seconds=1).max_samples == 4000


def test_files_that_cannot_be_heard_are_put_aside_and_listed(tmp_path) -> None:
    good = tmp_path / "good.wav"
    good.write_bytes(wave_bytes(TONE))
    text = tmp_path / "text.wav"
    text.write_text("not a sound")
    cells = [str(good), str(text), str(tmp_path / "missing.wav"), None]
    encoded = fit([str(good)]).encode(pl.Series("call", cells))
    assert encoded.failed.tolist() == [False, True, True, True]
    assert [(p.where, p.what) for p in encoded.problems] == [
        (str(text), "the bytes are no recording of a kind that is known: WAV, FLAC or OGG"),
        (str(tmp_path / "missing.wav"), "there is no such file"),
        ("", "there is no recording in the cell"),
    ]
    batch = encoded.values.select(torch.tensor([0, 1]))
    assert batch.dtype == torch.float32
    np.testing.assert_allclose(batch[0].numpy(), TONE, atol=1e-4)
    assert batch[1].isnan().tolist() == [False] + [True] * 599


def test_without_a_recording_to_learn_from_the_first_problem_is_told() -> None:
    with pytest.raises(DataError, match="cut off"):
        fit([wave_bytes(TONE)[:-9]])


def test_shown_drawn_and_named() -> None:
    state = fit([wave_bytes(TONE)])
    assert state.show("calls/a.wav") == "a.wav"
    assert state.show(b"x") == "recording"
    assert state.show(None) == "missing"
    assert state.span(1000, 2000) == "0.25 to 0.50 s"
    high, low = state.lines(wave_bytes(TONE))
    assert len(high) == len(low) == 200
    assert state.lines("missing.wav") == ()
