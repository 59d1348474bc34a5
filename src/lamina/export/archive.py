"""The runtime as one file of its own, for places where nothing of the package is.

`python lamina_runtime.zip model.onnx new.csv` answers rows; with the file on the path,
`from lamina_runtime.function import load` does so in a program. It needs NumPy and onnxruntime.
"""

import io
import zipfile
from pathlib import Path

from lamina.core.files import write_atomically
from lamina.runtime import function

NAME = "lamina_runtime"
"""Name of the package in the file, and of the file."""

_HOME = "lamina.runtime"
_DATE = (2020, 1, 1, 0, 0, 0)
_MAIN = f"""\
\"\"\"Runs the command line of the runtime.\"\"\"

import sys

from {NAME}.command import main

sys.exit(main())
"""


def write_runtime(path: Path) -> Path:
    """Write the runtime as a zip file; the same code gives the same bytes.

    Args:
        path: The file, or a folder for `lamina_runtime.zip` in it.
    """
    path = path / f"{NAME}.zip" if path.is_dir() else path
    root = Path(function.__file__).parent
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "__main__.py", _MAIN)
        for source in sorted(root.rglob("*.py")):
            text = source.read_text(encoding="utf-8").replace(_HOME, NAME)
            _add(archive, f"{NAME}/{source.relative_to(root).as_posix()}", text)
    write_atomically(path, buffer.getvalue())
    return path


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text)
