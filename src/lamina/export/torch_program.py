"""A trained model as a torch.export program (`.pt2`), and back to a function of raw rows.

The archive holds the documents of an ONNX artefact as extra files. torch evaluates texts of such an
archive (sizes, guards) and falls back to unpickling, so every part of a file is checked against a
closed list before torch sees it: raw weights, operators of aten, sums and products of sizes.
"""

import hashlib
import io
import json
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lamina.core.errors import BundleError, ConfigError
from lamina.export.whole import Exportable, WholeFunction, example_inputs, free_sizes
from lamina.runtime.artefact import CHECK, DOCUMENT, MOST_BYTES, parse_document, read_bytes
from lamina.runtime.function import Function, Graph

_ENTRY = re.compile(
    r"[\w-]+/(?:data/(?:weights|constants)/[\w.]+|data/sample_inputs/model\.pt|models/model\.json"
    r"|extra/lamina(?:\.check)?|archive_format|archive_version|byteorder|\.data/\w+)\Z"
)
_TARGET = re.compile(r"torch\.ops\.aten\.\w+\.\w+\Z|_operator\.\w+\Z|torch\.sym_\w+\Z")
_EXPRESSION = re.compile(
    r"(?:\b(?:Symbol|Integer|Mul|Add|Max|Min|Pow|Mod|FloorDiv|CleanDiv|Eq|Ne|Lt|Le|Gt|Ge"
    r"|positive|nonnegative|integer|True|False)\b|'[su]\d+'|\b[su]?\d+\b|[\s(),=*+-])*\Z"
)


def to_program(what: Exportable) -> torch.export.ExportedProgram:
    """Return the part of the function that a graph can hold, as a program.

    Args:
        what: The trained model.

    Raises:
        ConfigError: The network cannot be traced.
    """
    specs = what.specs()
    whole, inputs = WholeFunction(what).eval(), example_inputs(what)
    errors: list[Exception] = []
    for is_strict in (False, True):
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                program = torch.export.export(
                    whole, inputs, dynamic_shapes=(free_sizes(specs),), strict=is_strict
                )
                break
        except Exception as error:  # torch raises whatever its passes run into
            errors.append(error)
    else:
        line = str(errors[-1]).strip().splitlines()[0][:300]
        raise ConfigError(f"the network cannot be traced: {line} Export it as .onnx.") from errors[
            -1
        ]
    # Samples would be pickled, and guards would be executed as code.
    program.example_inputs = None
    program._guards_code = []
    return program


def packed(program: torch.export.ExportedProgram, documents: Mapping[str, Any]) -> bytes:
    """Return a program with its documents as a `.pt2` file.

    Args:
        program: The program.
        documents: What it cannot say, by name of the extra file.
    """
    buffer = io.BytesIO()
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in documents.items()}
    torch.export.save(program, buffer, extra_files=texts)
    return buffer.getvalue()


def load_program(path: Path | str) -> Function:
    """Return the model in a `.pt2` file; no code in it is run and nothing is unpickled.

    Args:
        path: The file.

    Raises:
        BundleError: The file is missing, damaged, foreign or holds what is not allowed.
    """
    data = read_bytes(path)
    try:
        documents = _checked(data)
        graph = _Program(data)
        return Function(
            documents[DOCUMENT],
            graph,
            identity=hashlib.sha256(data).hexdigest(),
            check=documents.get(CHECK),
        )
    except BundleError as error:
        raise BundleError(f"{path} cannot be used: {error}") from error


def program_graph(data: bytes) -> Graph:
    """Return what runs a program that was just made.

    Args:
        data: The `.pt2` file.
    """
    return _Program(data)


class _Program:
    """Runs a program on arrays, in the order of its inputs."""

    def __init__(self, data: bytes) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._module = torch.export.load(io.BytesIO(data)).module(check_guards=False)
        except Exception as error:  # foreign archives fail in whatever way
            raise BundleError(f"its program cannot be loaded: {str(error)[:200]}") from error

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        tensors = [torch.from_numpy(np.ascontiguousarray(value)) for value in inputs.values()]
        try:
            with torch.inference_mode():
                found: np.ndarray = self._module(*tensors).numpy()
        except Exception as error:
            line = (str(error).splitlines() or [""])[0][:200]
            raise BundleError(f"the program does not run: {line}") from error
        return found


def _checked(data: bytes) -> dict[str, Mapping[str, Any]]:
    """Return the documents of an archive in which nothing can do harm."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise BundleError("it unpacks to more than is read.")
            if len({entry.filename for entry in entries}) != len(entries):
                raise BundleError("two of its parts share a name.")
            found = {}
            for entry in entries:
                if not _ENTRY.match(entry.filename):
                    raise BundleError(f"it holds {entry.filename!r}, which is not ours.")
                name = entry.filename.partition("/")[2]
                content = archive.read(entry)
                if name.startswith("data/sample_inputs/") and content:
                    raise BundleError("it holds pickled samples.")
                if name.endswith(".json"):
                    _refuse_code(json.loads(content))
                if name.startswith("extra/"):
                    found[name.removeprefix("extra/")] = parse_document(content.decode())
    except BundleError:
        raise
    # zipfile raises NotImplementedError for kinds of compression that it does not know.
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError, NotImplementedError) as error:
        raise BundleError(f"it is damaged, or no .pt2 file: {str(error)[:200]}") from error
    if DOCUMENT not in found:
        raise BundleError("it was not made by lamina export.")
    return found


def _refuse_code(value: Any) -> None:
    """Refuse what torch would evaluate or unpickle."""
    if isinstance(value, list):
        for item in value:
            _refuse_code(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "use_pickle" and item:
            raise BundleError("it holds pickled weights.")
        if key == "guards_code" and item:
            raise BundleError("it holds guards, which would be executed.")
        if key == "expr_str" and not (isinstance(item, str) and _EXPRESSION.match(item)):
            raise BundleError(f"it holds the expression {str(item)[:60]!r}, which is not allowed.")
        if key == "target" and isinstance(item, str) and not _TARGET.match(item):
            raise BundleError(f"it calls {item[:60]!r}, which is not allowed.")
        if key == "as_custom_obj" or (key == "as_operator" and item):
            raise BundleError("it holds an object of a class of its own.")
        _refuse_code(item)
