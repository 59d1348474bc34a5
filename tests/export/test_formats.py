"""Formats of exported files."""

from pathlib import Path

import pytest

from lamina.core.errors import BundleError
from lamina.export.formats import FORMATS, is_exported, open_exported


def test_endings_tell_exported_files_from_runs() -> None:
    assert all(is_exported(Path("m" + ending)) for ending in FORMATS)
    assert not is_exported(Path("runs/adult-1"))


@pytest.mark.parametrize(("ending", "kind"), [(".onnx", "ONNX"), (".pt2", r"\.pt2")])
def test_each_format_is_read_by_its_own_reader(ending, kind, tmp_path) -> None:
    path = tmp_path / f"m{ending}"
    path.write_bytes(b"nothing")
    with pytest.raises(BundleError, match=f"no {kind} file"):
        open_exported(path)
