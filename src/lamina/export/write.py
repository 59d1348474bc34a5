"""From a trained model to a proven file: graph, documents, certificate, test vectors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lamina.core.errors import BundleError
from lamina.core.files import write_atomically
from lamina.export.certificate import (
    Proof,
    certificate,
    measure,
    refuse_disagreement,
    vectors,
)
from lamina.export.onnx import check_libraries, to_graphs
from lamina.export.precision import CALIBRATION_ROWS, reduced
from lamina.export.signature import columns_of, signature_of
from lamina.export.speed import compared
from lamina.export.torch_program import (
    load_program,
    packed,
    ports_of,
    program_graph,
    to_programs,
)
from lamina.export.whole import Exportable
from lamina.networks.stepwise import Stepwise
from lamina.runtime.artefact import CHECK, DOCUMENT, sealed
from lamina.runtime.function import Function, Graph, graph_of, load
from lamina.runtime.vectors import check_vectors


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    path: Path
    """The file."""
    identity: str
    """SHA-256 of its content."""
    num_bytes: int
    """Its size."""
    certificate: Mapping[str, Any]
    """What was measured."""


def write_onnx(
    what: Exportable,
    path: Path,
    *,
    train: pl.DataFrame,
    proof: Proof,
    precision: str = "float32",
) -> Written:
    """Write a model as an ONNX file that is proven to answer as the model does.

    Args:
        what: The trained model.
        path: The file.
        train: Raw training rows, all or a sample.
        proof: Test rows and the model's answers.
        precision: One of `PRECISIONS`; less than "float32" may cost quality, which is measured.

    Raises:
        BundleError: The file disagrees with the model; none is left.
        ConfigError: The network cannot be expressed.
        MissingExtraError: A library is missing.
    """
    check_libraries("onnx", "onnxscript", "onnxruntime")
    graphs = to_graphs(what)
    document = document_of(what, train, what.stepwise())
    function = _function(document, graphs)
    measured = measure(function, proof)
    refuse_disagreement(measured)
    told = certificate(proof, measured, precision=precision)
    if precision != "float32":
        rows = what.rows(train)[:CALIBRATION_ROWS]
        batches, whole = _batches(function, rows), graphs
        graphs = {n: reduced(g, precision, calibration=batches) for n, g in whole.items()}
        function = _function(document, graphs)
        measured = measure(function, proof)
        told = certificate(proof, measured, precision=precision)
        told |= _price(document, function, (graphs, whole), rows, proof)
    check = {"certificate": told, **vectors(proof, measured, precision=precision)}
    first, *rest = graphs
    further = {name: graphs[name] for name in rest}
    data = sealed(graphs[first], document=document, check=check, further=further)
    return _kept(path, data, load, told)


def write_program(what: Exportable, path: Path, *, train: pl.DataFrame, proof: Proof) -> Written:
    """Write a model as a torch.export program that is proven to answer as the model does.

    Args:
        what: The trained model.
        path: The file.
        train: Raw training rows, all or a sample.
        proof: Test rows and the model's answers.

    Raises:
        BundleError: The file disagrees with the model; none is left.
        ConfigError: The network cannot be traced.
    """
    steps, programs = what.stepwise(), to_programs(what)
    document = {**document_of(what, train, steps), **ports_of(steps)}
    function = Function(document, program_graph(packed(programs, {}), document), identity="")
    measured = measure(function, proof)
    refuse_disagreement(measured)
    told = certificate(proof, measured, precision="float32")
    check = {"certificate": told, **vectors(proof, measured, precision="float32")}
    data = packed(programs, {DOCUMENT: document, CHECK: check})
    return _kept(path, data, load_program, told)


def _kept(
    path: Path, data: bytes, load: Callable[[Path], Function], told: dict[str, Any]
) -> Written:
    """Write a file and answer its own test vectors with it; leave none that does not."""
    write_atomically(path, data)
    try:
        written = load(path)
        is_good = check_vectors(written).holds
    except BaseException:
        path.unlink()
        raise
    if not is_good:
        path.unlink()
        raise BundleError(f"{path} does not answer its own test vectors; it was removed.")
    return Written(path, written.identity, len(data), told)


def _batches(function: Function, rows: Sequence[dict[str, Any]]) -> list[Mapping[str, np.ndarray]]:
    parts = [function.prepare(rows[start : start + 32]) for start in range(0, len(rows), 32)]
    return [part.inputs for part in parts if part.rows]


def _function(document: Mapping[str, Any], graphs: Mapping[str, bytes]) -> Function:
    return Function(document, _answering(document, graphs), identity="")


def _answering(
    document: Mapping[str, Any], graphs: Mapping[str, bytes], *, threads: int | None = None
) -> Graph:
    """Return what answers encoded inputs by graphs, of which the first stands for the model."""
    first, *rest = graphs
    further = {name: graphs[name] for name in rest}
    return graph_of(document, graphs[first], further, threads=threads)


def _price(
    document: Mapping[str, Any],
    function: Function,
    graphs: tuple[Mapping[str, bytes], Mapping[str, bytes]],
    rows: Sequence[dict[str, Any]],
    proof: Proof,
) -> dict[str, Any]:
    """Return what less precision costs in quality and gains in size and speed."""
    one, many = function.prepare(rows[:1]), function.prepare(rows)
    smaller, whole = (_answering(document, own, threads=1) for own in graphs)
    sizes = [sum(map(len, own.values())) for own in graphs]
    found: dict[str, Any] = {"bytes": sizes[0], "bytes_float32": sizes[1]}
    if one.rows and many.rows:
        found["speed"] = compared(smaller, whole, one.inputs, many.inputs)
    if proof.quality is not None:
        found["quality"] = dict(proof.quality(function, proof.rows))
    return found


def document_of(
    what: Exportable, train: pl.DataFrame, steps: Stepwise | None = None
) -> dict[str, Any]:
    """Return what the graph cannot say: signature, columns, inputs and form of the answers.

    Args:
        what: The trained model.
        train: Raw training rows, all or a sample.
        steps: The graphs that a search asks, where it is written so.
    """
    context = None if steps is None else steps.document.get("context")
    histories = what.histories(train)
    columns = None if histories is None else histories.columns
    document: dict[str, Any] = {
        "signature": {**signature_of(what, train).to_document(), "context": context},
        "columns": columns_of(what.schema, columns),
        "form": what.form(),
        **({} if steps is None else {"writer": {**steps.document, "is_running": what.is_running}}),
    }
    if histories is not None:
        return {**document, "windows": histories.document()}
    inputs = [
        {"name": name, "kind": spec.kind, "columns": list(dict.fromkeys(spec.columns))}
        for name, spec in zip(what.graph_names(), what.specs())
    ]
    return {**document, "inputs": inputs}
