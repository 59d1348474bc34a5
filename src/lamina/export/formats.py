"""Formats of exported files, told by their endings, and the model in a file of any of them."""

from pathlib import Path

from lamina.runtime.function import Function, load

FORMATS = (".onnx", ".pt2")
"""Endings of the files that can be written."""


def is_exported(path: Path) -> bool:
    """Return whether a path names an exported file, not a run.

    Args:
        path: The path.
    """
    return path.suffix in FORMATS


def open_exported(path: Path | str) -> Function:
    """Return the model in an exported file of any format; torch is loaded for its own alone.

    Args:
        path: The file.

    Raises:
        BundleError: The file is missing, damaged or foreign.
    """
    if Path(path).suffix == ".pt2":
        from lamina.export.torch_program import load_program

        return load_program(path)
    return load(path)
