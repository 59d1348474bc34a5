"""Graphs of fewer bits: half the size with float16, whole numbers for products with int8.

float16 halves the file: weights are stored in half precision and computed with in float32, since
processors have no half-precision products. int8 computes with whole numbers: matrix products with
ranges found while running, convolutions with ranges measured on training rows before.

Source: Jacob et al. 2018, "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", arXiv:1712.05877; onnxruntime's quantisation.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import ConfigError

PRECISIONS = ("float32", "float16", "int8")
"""Names of the precisions that can be written."""

CALIBRATION_ROWS = 256
"""Training rows on which the ranges of convolutions are measured."""

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
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
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
    if not kinds & {"Conv", "MatMul", "Gemm"}:
        raise ConfigError("the network has no product that can be computed in int8.")
    with _quietly(), tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        source.write_bytes(graph)
        if "Conv" in kinds:
            quantize_static(
                source,
                target,
                _Batches(calibration),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["Conv", "MatMul", "Gemm"],
            )
        else:
            # Weights of several members have three sizes, and no scale for each channel then.
            is_flat = all(len(tensor.dims) < 3 for tensor in model.graph.initializer)
            quantize_dynamic(source, target, per_channel=is_flat, weight_type=QuantType.QInt8)
        return target.read_bytes()


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
