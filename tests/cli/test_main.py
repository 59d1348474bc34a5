"""Exit codes, messages, and what may not happen: a traceback on bad input."""

import io
import os
import subprocess
import sys
import time

import pytest

from lamina.cli import main as program
from lamina.core.errors import TrainingError

COMMANDS = (
    "fit",
    "plan",
    "resume",
    "check",
    "predict",
    "score",
    "runs",
    "compare",
    "verify-resume",
    "reproduce",
)


def test_every_command_helps(lamina):
    whole = lamina("--help")
    assert whole.code == 0
    for name in COMMANDS:
        assert name in whole.out
        told = lamina(name, "--help")
        assert told.code == 0
        assert "--json" in told.out


def test_help_is_quick_and_without_torch():
    code = (
        "import sys\nfrom lamina.cli.main import main\ntry:\n    main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'polars', 'sklearn', 'matplotlib', 'pydantic'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    assert time.monotonic() - begin < 3.0  # 0.2 s on an idle machine


@pytest.mark.parametrize(
    "words",
    [
        ("fitt", "x"),
        ("fit",),
        ("fit", "x", "--targett", "y"),
        ("fit", "x", "--seed", "one"),
        ("predict",),
        ("--nonsense",),
    ],
)
def test_wrong_usage_exits_with_2(lamina, words):
    done = lamina(*words)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_no_command_shows_the_help(lamina):
    done = lamina()
    assert "Commands" in done.out + done.err
    assert done.code in (0, 2)


def test_the_version(lamina):
    from lamina import __version__

    done = lamina("--version")
    assert (done.code, done.out) == (0, f"lamina {__version__}\n")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 1, "interrupted."),
        (TrainingError("loss is not finite."), 1, "loss is not finite."),
        (OSError(28, "No space left on device", "/x/y"), 1, "/x/y: No space left on device."),
        (PermissionError(13, "Permission denied"), 1, "Permission denied."),
    ],
)
def test_errors_are_one_line(lamina, monkeypatch, error, code, message):
    def fail(*_words, **_options):
        raise error

    monkeypatch.setattr(program, "app", fail)
    done = lamina("runs")
    assert (done.code, done.err) == (code, f"lamina: {message}\n")


@pytest.mark.parametrize("how", ["code", "exception"])
def test_ctrl_c_is_told_whatever_the_version_of_typer(lamina, monkeypatch, how):
    def stop(*_words, **_options):
        if how == "exception":
            raise type("Abort", (RuntimeError,), {})
        return 130

    monkeypatch.setattr(program, "app", stop)
    done = lamina("runs", "--json")
    assert (done.code, done.json) == (1, {"error": "interrupted."})
    assert done.err == "lamina: interrupted.\n"


def test_ctrl_c_in_a_command_is_told(lamina, monkeypatch):
    def stop(*_words, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("lamina.runs.listing.list_runs", stop)
    done = lamina("runs")
    assert (done.code, done.err) == (1, "lamina: interrupted.\n")


def test_errors_are_json_where_asked(lamina):
    done = lamina("resume", "nowhere", "--json")
    assert done.code == 2
    assert "nowhere is no run folder" in done.json["error"]
    assert "nowhere is no run folder" in done.err


def test_a_real_fault_of_ours_is_not_hidden(monkeypatch):
    def fail(*_words, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(program, "app", fail)
    with pytest.raises(ZeroDivisionError):
        program.main(["runs"])


def test_a_terminal_that_knows_few_signs(tmp_path):
    words = [sys.executable, "-m", "lamina", "runs", str(tmp_path / "ü → ✓"), "--json"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    (tmp_path / "ü → ✓" / "a-1").mkdir(parents=True)
    (tmp_path / "ü → ✓" / "a-1" / "plan.yaml").write_text("schema: 99")
    done = subprocess.run(words, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b'"damaged"' in done.stdout


def test_a_stream_that_cannot_be_set_is_left(monkeypatch, capsys):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(SystemExit):
        program.main(["--version"])
    assert stream.getvalue().startswith("lamina ")
