"""A trained model as a torch.export program (`.pt2`), and back to a function of raw rows.

The archive holds the documents of an ONNX artefact as extra files. Networks that write step by step
are several programs: the archive of the first holds those of the others. torch evaluates texts of
such an archive (sizes, guards) and falls back to unpickling, so every part of a file is checked
against a closed list before torch sees it: raw weights, operators of aten, sums and products of
sizes.
"""

import hashlib
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._sympy.value_ranges import ValueRanges

from lamina.core.errors import BundleError, ConfigError
from lamina.export.whole import (
    Exportable,
    WholeFunction,
    example_inputs,
    forget_kernels,
    free_sizes,
    sizes_as_given,
)
from lamina.networks.stepwise import StepGraph, Stepwise
from lamina.runtime.artefact import CHECK, DOCUMENT, MOST_BYTES, parse_document, read_bytes
from lamina.runtime.document import Fields
from lamina.runtime.function import Function, Graph, writer_of
from lamina.runtime.session import OUTPUT

_FURTHER = "lamina"
"""Folder of an archive in which further programs lie."""
_ENTRY = re.compile(
    r"[\w-]+/(?:data/(?:weights|constants)/[\w.]+|data/sample_inputs/model\.pt|models/model\.json"
    r"|extra/lamina(?:\.check)?|lamina/\w+\.pt2|archive_format|archive_version|byteorder|\.data/\w+)\Z"
)
_TARGET = re.compile(r"torch\.ops\.aten\.\w+\.\w+\Z|_operator\.\w+\Z|torch\.sym_\w+\Z")
_EXPRESSION = re.compile(
    r"(?:\b(?:Symbol|Integer|Mul|Add|Max|Min|Pow|Mod|FloorDiv|CleanDiv|Eq|Ne|Lt|Le|Gt|Ge"
    r"|positive|nonnegative|integer|True|False)\b|'[su]\d+'|\b[su]?\d+\b|[\s(),=*+-])*\Z"
)


def to_programs(what: Exportable) -> dict[str, torch.export.ExportedProgram]:
    """Return the programs of a model by name; the first stands for the model.

    Args:
        what: The trained model.

    Raises:
        ConfigError: The network cannot be traced.
    """
    steps = what.stepwise()
    if steps is None:
        return {OUTPUT: to_program(what)}
    return {name: step_program(graph) for name, graph in steps.graphs.items()}


def to_program(what: Exportable) -> torch.export.ExportedProgram:
    """Return the part of the function that a graph can hold, as a program.

    Args:
        what: The trained model.

    Raises:
        ConfigError: The network cannot be traced.
    """
    return _traced(WholeFunction(what).eval(), example_inputs(what), (free_sizes(what.specs()),))


def step_program(graph: StepGraph) -> torch.export.ExportedProgram:
    """Return one graph of a network that writes, as a program.

    Args:
        graph: The graph.

    Raises:
        ConfigError: The network cannot be traced.
    """
    free = torch.export.Dim.DYNAMIC
    sizes = tuple(dict.fromkeys(port.free, free) for port in graph.inputs)
    module = graph.module.eval()
    examples = tuple(port.example for port in graph.inputs)
    program = _traced(module, examples, sizes_as_given(module, sizes))
    # torch takes the sizes 0 and 1 for special, and would refuse the first step and those of one
    # token. Nothing in these networks depends on it; the texts of the certificate prove it.
    for size, known in program.range_constraints.items():
        program.range_constraints[size] = ValueRanges(0, known.upper)
    return program


def _traced(
    module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], sizes: Any
) -> torch.export.ExportedProgram:
    """Return a module as a program of any size, without what would be executed or unpickled."""
    errors: list[Exception] = []
    forget_kernels()
    for is_strict in (False, True):
        try:
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                program = torch.export.export(
                    module, inputs, dynamic_shapes=sizes, strict=is_strict
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


def packed(
    programs: Mapping[str, torch.export.ExportedProgram], documents: Mapping[str, Any]
) -> bytes:
    """Return programs with their documents as a `.pt2` file.

    Args:
        programs: By name; the first stands for the model, and its archive holds the others.
        documents: What they cannot say, by name of the extra file.
    """
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in documents.items()}
    first, *rest = programs
    buffer = io.BytesIO()
    torch.export.save(programs[first], buffer, extra_files=texts)
    if rest:
        with zipfile.ZipFile(buffer, "a") as archive:
            root = archive.namelist()[0].partition("/")[0]
            for name in rest:
                archive.writestr(
                    f"{root}/{_FURTHER}/{name}.pt2", packed({name: programs[name]}, {})
                )
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
        documents, further = _checked(data)
        if DOCUMENT not in documents:
            raise BundleError("it was not made by lamina export.")
        return Function(
            documents[DOCUMENT],
            _graph(data, further, documents[DOCUMENT]),
            identity=hashlib.sha256(data).hexdigest(),
            check=documents.get(CHECK),
        )
    except BundleError as error:
        raise BundleError(f"{path} cannot be used: {error}") from error


def program_graph(data: bytes, document: Mapping[str, Any]) -> Graph:
    """Return what runs programs that were just made.

    Args:
        data: The `.pt2` file.
        document: Of the model.
    """
    return _graph(data, _checked(data)[1], document)


def ports_of(steps: Stepwise | None) -> dict[str, Any]:
    """Return the part of a document that names what goes into each program, and comes out.

    Args:
        steps: The graphs that a search asks; None where one graph answers.
    """
    if steps is None:
        return {}
    return {
        "programs": [
            {
                "name": name,
                "inputs": [port.name for port in graph.inputs],
                "outputs": list(graph.outputs),
            }
            for name, graph in steps.graphs.items()
        ]
    }


def _graph(data: bytes, further: Mapping[str, bytes], document: Mapping[str, Any]) -> Graph:
    if "writer" not in document:
        return _Answers(_Program(data))
    steps: dict[str, _Step] = {}
    for one in Fields(document, "the document").items("programs", least=1):
        fields = Fields(one, "a program")
        name = fields.text("name")
        if steps and name not in further:
            raise BundleError(f"the program {name!r} is missing: the file is damaged.")
        program = _Program(further[name] if steps else data)
        steps[name] = _Step(program, fields.texts("inputs"), fields.texts("outputs"))
    first = steps.pop(next(iter(steps)))
    return writer_of(document, first, steps)


class _Program:
    """Runs a program on arrays."""

    def __init__(self, data: bytes) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._module = torch.export.load(io.BytesIO(data)).module(check_guards=False)
        except Exception as error:  # foreign archives fail in whatever way
            raise BundleError(f"its program cannot be loaded: {str(error)[:200]}") from error

    def __call__(self, arrays: Iterable[np.ndarray]) -> list[np.ndarray]:
        tensors = [torch.from_numpy(np.ascontiguousarray(value)) for value in arrays]
        try:
            with torch.inference_mode():
                found = self._module(*tensors)
                several = [found] if isinstance(found, torch.Tensor) else found
                return [value.numpy() for value in several]
        except Exception as error:
            line = (str(error).splitlines() or [""])[0][:200]
            raise BundleError(f"the program does not run: {line}") from error


class _Answers:
    """Runs a program of one output, whose inputs come in their order."""

    def __init__(self, program: _Program) -> None:
        self._program = program

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        return self._program(inputs.values())[0]


class _Step:
    """Runs a program whose inputs and outputs have names."""

    def __init__(self, program: _Program, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self._program, self._inputs = program, tuple(inputs)
        self.outputs = tuple(outputs)

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        missing = [name for name in self._inputs if name not in inputs]
        if missing:
            raise BundleError(f"the program wants {', '.join(missing)}: the file is damaged.")
        return dict(zip(self.outputs, self._program(inputs[name] for name in self._inputs)))


def _checked(
    data: bytes, *, is_first: bool = True
) -> tuple[dict[str, Mapping[str, Any]], dict[str, bytes]]:
    """Return documents, and further programs, of an archive in which nothing can do harm."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise BundleError("it unpacks to more than is read.")
            if len({entry.filename for entry in entries}) != len(entries):
                raise BundleError("two of its parts share a name.")
            found: dict[str, Mapping[str, Any]] = {}
            further: dict[str, bytes] = {}
            for entry in entries:
                if not _ENTRY.match(entry.filename):
                    raise BundleError(f"it holds {entry.filename!r}, which is not ours.")
                name = entry.filename.partition("/")[2]
                content = archive.read(entry)
                if name.startswith("data/sample_inputs/") and content:
                    raise BundleError("it holds pickled samples.")
                if name.endswith(".json"):
                    _refuse_code(json.loads(content))
                if name.startswith(f"{_FURTHER}/"):
                    if not is_first:
                        raise BundleError("a program in it holds further programs.")
                    _checked(content, is_first=False)
                    further[Path(name).stem] = content
                if name.startswith("extra/"):
                    found[name.removeprefix("extra/")] = parse_document(content.decode())
    except BundleError:
        raise
    # zipfile raises NotImplementedError for kinds of compression that it does not know.
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError, NotImplementedError) as error:
        raise BundleError(f"it is damaged, or no .pt2 file: {str(error)[:200]}") from error
    return found, further


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
