"""`lamina transcribe`."""

import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tests.runs.test_hearing import joined
from tests.runs.tiny import finished, wave_bytes


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(wave_bytes(joined(12) / 32767))
    return path


def test_every_form_tells_the_same(lamina, recording) -> None:
    run = finished("transcription").path
    told = lamina("transcribe", run, recording, "--json").json
    assert "".join(one["text"] for one in told["segments"]).strip() == told["text"]
    lines = lamina("transcribe", run, recording, "--format", "json").out.splitlines()
    assert [json.loads(line) for line in lines] == told["segments"]
    assert lamina("transcribe", run, recording, "--format", "vtt").out.startswith("WEBVTT\n\n")
    for form in ("text", "srt"):
        done = lamina("transcribe", run, recording, "--format", form)
        assert done.code == 0
        assert told["segments"][-1]["text"].strip() in done.out


def test_standard_input_gives_a_file_or_raw_samples(lamina, recording, monkeypatch) -> None:
    run, samples = finished("transcription").path, joined(12)
    wanted = lamina("transcribe", run, recording, "--json").json
    for data, words in (
        (recording.read_bytes(), ()),
        (samples.astype("<i2").tobytes(), ("--rate", 4000)),
    ):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        assert lamina("transcribe", run, "-", *words, "--json").json == wanted


def test_wrong_use_is_one_clear_line(lamina, recording, tmp_path, monkeypatch) -> None:
    run = finished("transcription").path
    cut = tmp_path / "cut.wav"
    cut.write_bytes(recording.read_bytes()[:-1000])
    text = tmp_path / "a.txt"
    text.write_text("no sound")
    empty = tmp_path / "empty.wav"
    empty.write_bytes(wave_bytes(np.zeros(0)))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO()))
    for words, problem in (
        ((finished("binary").path, recording), "no transcripts"),
        ((run, "nowhere.wav"), "No such file"),
        ((run, cut), "cut off"),
        ((run, text), "WAV, FLAC or OGG"),
        ((run, empty), "no samples"),
        ((run, recording, "--rate", 4000), "own rate"),
        ((run, text, "--rate", 0), "rate must be"),
        ((run, recording, "--format", "sub"), "unknown format"),
        ((run, recording, "--delay", 0), "delay"),
        ((text, recording), "a.txt"),
        ((run, "-"), "no sound"),
    ):
        done = lamina("transcribe", *words)
        assert (done.code, done.err.startswith("lamina: ")) == (2, True), words
        assert problem in done.err
