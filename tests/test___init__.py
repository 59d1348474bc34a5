"""The package itself: quick to import, and a short list of public names."""

import subprocess
import sys

import pytest

import lamina


def test_the_import_is_light():
    code = "import sys, lamina; print(sorted({n.split('.')[0] for n in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("torch", "numpy", "polars", "sklearn", "pydantic", "typer", "matplotlib"):
        assert repr(heavy) not in found.stdout, heavy


def test_every_public_name_is_there():
    for name in lamina.__all__:
        assert getattr(lamina, name) is not None, name
    assert callable(lamina.fit)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match="no attribute 'fitt'; known: __version__"):
        _ = lamina.fitt
