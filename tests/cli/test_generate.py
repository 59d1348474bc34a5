"""`lamina generate`."""

import subprocess
import sys

import pytest

from tests.runs.tiny import finished


def test_one_text_is_shown_after_its_prompt(lamina) -> None:
    done = lamina("generate", finished("language").path, "--prompt", "the sea", "--tokens", 20)
    assert done.code == 0
    assert done.out.startswith("the sea")


def test_several_texts_for_machines(lamina) -> None:
    run = finished("language").path
    told = lamina("generate", run, "--num", 3, "--tokens", 5, "--temperature", 0, "--json").json
    assert len(told["texts"]) == 3
    assert len({one["text"] for one in told["texts"]}) == 1  # no chance at temperature 0


def test_stops_end_a_text_and_the_reason_is_told(lamina) -> None:
    run = finished("language").path
    whole = lamina("generate", run, "--tokens", 40, "--json").json["texts"][0]
    stop = whole["text"][10:12]
    cut = lamina("generate", run, "--tokens", 40, "--stop", stop, "--json").json["texts"][0]
    assert (whole["end"], cut["end"]) == ("length", "stop")
    assert cut["text"] == whole["text"][: whole["text"].index(stop)]


@pytest.mark.slow
def test_an_exported_file_writes_what_its_run_writes(lamina, tmp_path) -> None:
    run, path = finished("language").path, tmp_path / "m.onnx"
    assert lamina("export", run, path, "--runtime").code == 0
    words = ("--prompt", "the sea", "--tokens", 30, "--seed", 4)
    own, exported = (lamina("generate", what, *words).out for what in (run, path))
    assert own == exported
    assert len(own) > 20
    done = subprocess.run(
        [sys.executable, tmp_path / "lamina_runtime.zip", path, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == own
    for what in (("--tokens", "0"), ("--top-p", "0")):
        assert lamina("generate", path, *what).code == 2
    program = tmp_path / "m.pt2"
    assert lamina("export", run, program).code == 0
    assert lamina("generate", program, *words).out == own


def test_wrong_use_is_one_clear_line(lamina) -> None:
    for words in (
        (finished("binary").path,),
        (finished("language").path, "--temperature", -1),
        (finished("language").path, "--top-p", 0),
        (finished("language").path, "--num", 0),
        ("nowhere",),
    ):
        done = lamina("generate", *words)
        assert done.code == 2
        assert done.err.startswith("lamina: ")
