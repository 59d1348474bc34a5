import subprocess
import sys

import lamina


def test_the_module_is_the_command_line():
    words = [sys.executable, "-m", "lamina", "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "fit" in done.stdout


def test_the_version_is_told():
    words = [sys.executable, "-m", "lamina", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"lamina {lamina.__version__}"
