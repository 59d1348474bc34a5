"""Graphs of fewer bits: half the size with float16, whole numbers for products with int8.

float16 halves the file: weights are stored in half precision and computed with in float32, since
processors have no half-precision products. int8 computes with whole numbers: matrix products with
ranges found while running, convolutions with ranges measured on training rows before. Tables of
vectors, of which a row is looked up at a time, have a range for each row.

Source: Jacob et al. 2018, "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", arXiv:1712.05877; onnxruntime's quantisation.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import ConfigError

PRECISIONS = ("float32", "float16", "int8")
"""Names of the precisions that can be written."""

CALIBRATION_ROWS = 256
"""Training rows on which the ranges of convolutions are measured."""

_PRODUCTS = ("MatMul", "Gemm")
_LEAST_VALUES = 256
_LARGEST_HALF = 65_504.0


def reduced(
    graph: bytes, precision: str, *, calibration: Sequence[Mapping[str, np.ndarray]]
) -> bytes:
    """Return a graph in another precision.

    Args:
        graph: ONNX file in float32.
        precision: One of `PRECISIONS`.
        calibration: Encoded inputs of training rows, in batches.

    Raises:
        ConfigError: The graph has nothing that can be reduced so.
    """
    if precision == "float32":
        return graph
    if precision == "float16":
        return _in_half(graph)
    return _in_whole_numbers(graph, calibration)


def _in_half(graph: bytes) -> bytes:
    """Store the large weights in half precision, with a cast behind each."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_from_string(graph)
    casts = []
    for place, tensor in enumerate(list(model.graph.initializer)):
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < _LEAST_VALUES or not np.abs(values).max() <= _LARGEST_HALF:
            continue
        name = tensor.name
        half = numpy_helper.from_array(values.astype(np.float16), f"{name}_half")
        model.graph.initializer[place].CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))
    if not casts:
        raise ConfigError("the network has no weights large enough to be stored in float16.")
    _replace(model.graph.node, [*casts, *model.graph.node])
    data: bytes = model.SerializeToString()
    return data


def _in_whole_numbers(graph: bytes, calibration: Sequence[Mapping[str, np.ndarray]]) -> bytes:
    import onnx
    from onnxruntime.quantization import (
        QuantFormat,
        QuantType,
        quantize_dynamic,
        quantize_static,
    )

    model = onnx.load_from_string(graph)
    kinds = {node.op_type for node in model.graph.node}
    if not kinds & {"Conv", *_PRODUCTS}:
        raise ConfigError("the network has no product that can be computed in int8.")
    turn_weights(model)
    with _quietly(), tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        if "Conv" in kinds:
            quantize_static(
                source,
                target,
                _Batches(calibration),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["Conv", *_PRODUCTS],
            )
        else:
            # Weights of several members have three sizes, and no scale for each channel then.
            is_flat = all(len(tensor.dims) < 3 for tensor in model.graph.initializer)
            quantize_dynamic(
                source,
                target,
                per_channel=is_flat,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=[*_PRODUCTS, "LSTM"],
            )
        model = onnx.load(target)
    store_tables(model)
    data: bytes = model.SerializeToString()
    return data


def turn_weights(model: Any) -> None:
    """Store weights as products take them, where a graph turns them round each time.

    A table that tokens are read from and scored with is turned for the scores; turned before, it
    can be computed with in whole numbers.

    Args:
        model: ONNX model, changed in place.
    """
    from onnx import numpy_helper

    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        if node.op_type != "Transpose" or node.input[0] not in weights:
            kept.append(node)
            continue
        order = next((tuple(a.ints) for a in node.attribute if a.name == "perm"), None)
        values = numpy_helper.to_array(weights[node.input[0]]).transpose(order)
        turned = numpy_helper.from_array(np.ascontiguousarray(values), node.output[0])
        model.graph.initializer.append(turned)
    _replace(model.graph.node, kept)
    _forget_unused(model)


def store_tables(model: Any) -> None:
    """Store tables that rows are looked up in as int8, with a scale for each row.

    Args:
        model: ONNX model, changed in place.
    """
    from onnx import TensorProto, helper, numpy_helper

    tables = {tensor.name: tensor for tensor in model.graph.initializer if _is_table(tensor)}
    nodes: list[Any] = []
    stored: set[str] = set()
    for node in model.graph.node:
        is_along = all(a.i == 0 for a in node.attribute if a.name == "axis")
        if node.op_type != "Gather" or node.input[0] not in tables or not is_along:
            nodes.append(node)
            continue
        table, places = node.input
        whole, scales = f"{table}/whole", f"{table}/scales"
        if table not in stored:
            stored.add(table)
            values = numpy_helper.to_array(tables[table])
            scale = np.abs(values).max(axis=1, keepdims=True) / 127
            scale[scale == 0] = 1.0
            rounded = np.rint(values / scale).astype(np.int8)
            model.graph.initializer.extend(
                [numpy_helper.from_array(rounded, whole), numpy_helper.from_array(scale, scales)]
            )
        out = node.output[0]
        nodes += [
            helper.make_node("Gather", [whole, places], [f"{out}/whole"]),
            helper.make_node("Cast", [f"{out}/whole"], [f"{out}/real"], to=TensorProto.FLOAT),
            helper.make_node("Gather", [scales, places], [f"{out}/scale"]),
            helper.make_node("Mul", [f"{out}/real", f"{out}/scale"], [out]),
        ]
    _replace(model.graph.node, nodes)
    _forget_unused(model)


def _is_table(tensor: Any) -> bool:
    from onnx import TensorProto

    size = int(np.prod(tensor.dims))
    return tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2 and size >= _LEAST_VALUES


def _forget_unused(model: Any) -> None:
    """Leave out weights that no node reads."""
    read = {output.name for output in model.graph.output} | set(_read(model.graph.node))
    kept = [tensor for tensor in model.graph.initializer if tensor.name in read]
    _replace(model.graph.initializer, kept)


def _read(nodes: Iterable[Any]) -> Iterator[str]:
    """Give the names of what nodes read, and those of graphs inside them."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            yield from _read(attribute.g.node)


def _replace(field: Any, values: Sequence[Any]) -> None:
    """Put other messages in the place of a repeated field's."""
    copies = [type(value).FromString(value.SerializeToString()) for value in values]
    del field[:]
    field.extend(copies)


class _Batches:
    """Hands batches to the calibration, in the form that it asks for."""

    def __init__(self, batches: Sequence[Mapping[str, np.ndarray]]) -> None:
        self._rest = iter(batches)

    def get_next(self) -> dict[str, Any] | None:
        return dict(batch) if (batch := next(self._rest, None)) is not None else None


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep advice about shape inference, which changes nothing here, away from the user."""
    import logging

    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
