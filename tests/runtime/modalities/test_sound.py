"""Sound in the runtime."""

import io
import sys

import numpy as np
import polars as pl
import pytest
import soundfile

from lamina.runtime.errors import BundleError, MissingExtraError
from lamina.runtime.modalities import sound
from lamina.runtime.modalities.sound import SoundReader, decoded, outline
from tests.runs.tiny import wave_bytes
from tests.runtime.modalities.states import assert_reads_the_same, fitted

TONE = np.sin(np.arange(600) / 3)


def test_cells_are_read_as_in_training() -> None:
    cells = [
        wave_bytes(TONE),
        wave_bytes(TONE[:90], rate=96_000),
        None,
        b"a text called .wav",
        wave_bytes(TONE)[:-5],
        wave_bytes(0 * TONE),
        wave_bytes(TONE[:0]),
    ]
    column = pl.Series("call", cells)
    assert_reads_the_same(fitted("sound", column), column)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (None, "no recording in the cell"),
        ("tone.wav", "give the bytes of the file"),
        (3.5, "type float"),
        (b"", "no recording of a kind that is known"),
        (b"\x89PNG....", "no recording of a kind that is known"),
        (wave_bytes(TONE)[:-5], "cut off"),
        (wave_bytes(TONE[:0]), "no samples"),
    ],
)
def test_what_is_no_recording_says_why(cell, problem) -> None:
    found = decoded(cell)
    assert isinstance(found, str)
    assert problem in found


def test_a_silent_recording_is_refused() -> None:
    assert SoundReader(4000, max_samples=99).read([wave_bytes(0 * TONE)]).errors == {
        0: "the recording is silent"
    }


def test_a_long_recording_is_cut_and_its_own_rate_is_left_behind() -> None:
    reader = SoundReader(2000, max_samples=100)
    whole = reader.samples_of(wave_bytes(TONE))
    assert whole.dtype == np.int16
    assert len(whole) == 100
    assert len(SoundReader(2000, max_samples=999).samples_of(wave_bytes(TONE))) == 300
    assert reader.samples_of(np.arange(300, dtype=np.int16)).tolist() == list(range(100))


def test_other_kinds_of_files_need_a_library(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingExtraError, match=r'pip install "lamina\[sound\]"'):
        decoded(b"fLaC" + bytes(40))


def encoded(samples: np.ndarray, kind: str, rate: int = 8000) -> bytes:
    """Return the bytes of a file that the library has written."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind)
    return file.getvalue()


def test_flac_holds_what_wav_holds() -> None:
    both = np.stack([TONE / 2, TONE / 4], axis=1)
    found = decoded(encoded(both, "FLAC", rate=44_100))
    assert found.rate == 44_100
    assert found.samples.shape == (600, 2)
    np.testing.assert_allclose(found.samples, both, atol=2**-15)
    wav = wave_bytes(TONE)
    flac = encoded(decoded(wav).samples[:, 0], "FLAC", rate=decoded(wav).rate)
    reader = SoundReader(8000, max_samples=2000)
    ours, theirs = reader.samples_of(wav), reader.samples_of(flac)
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_ogg_is_nearly_what_was_written() -> None:
    found = decoded(encoded(TONE / 2, "OGG"))
    assert found.rate == 8000
    # A few samples stand for a tone; a codec of music needs some to settle.
    assert np.corrcoef(found.samples[:600, 0], TONE)[0, 1] > 0.9


@pytest.mark.parametrize("kind", ["FLAC", "OGG"])
def test_broken_files_say_why(kind) -> None:
    whole = encoded(TONE, kind)
    for wrong in (whole[:4] + bytes(60), whole[: len(whole) // 3]):
        found = decoded(wrong)
        assert isinstance(found, str) or len(found.samples) < 600


def test_hours_of_silence_in_few_bytes_are_not_decoded(monkeypatch) -> None:
    monkeypatch.setattr(sound, "_MOST_SAMPLES", 500)
    assert "600 samples in 1 channels are more" in decoded(encoded(TONE, "FLAC"))


def test_an_outline_is_what_is_highest_and_lowest() -> None:
    high, low = outline(np.array([32767, -32767] * 500, dtype=np.int16))
    assert len(high) == 200
    assert set(high) == {1.0}
    assert set(low) == {-1.0}


@pytest.mark.parametrize("change", [{"rate": 0}, {"max_samples": "a"}])
def test_a_damaged_document_is_refused(change) -> None:
    document = {"rate": 8000, "num_samples": 3, "max_samples": 9}
    SoundReader.from_document(document)
    with pytest.raises(BundleError, match=next(iter(change))):
        SoundReader.from_document(document | change)
