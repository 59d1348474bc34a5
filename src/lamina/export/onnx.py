"""A trained model as an ONNX graph."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import numpy as np
import torch

from lamina.core.errors import ConfigError, MissingExtraError
from lamina.export.whole import (
    Exportable,
    WholeFunction,
    example_inputs,
    forget_kernels,
    free_sizes,
    sizes_as_given,
)
from lamina.networks.stepwise import StepGraph
from lamina.runtime.session import OUTPUT

OPSET = 20
"""Version of the operators; onnxruntime 1.17 and later know it."""


def to_graphs(what: Exportable) -> dict[str, bytes]:
    """Return the graphs of a model by name, each an ONNX file; the first stands for the model.

    Args:
        what: The trained model.

    Raises:
        MissingExtraError: onnx or onnxscript is not installed.
        ConfigError: A part of the network cannot be expressed.
    """
    steps = what.stepwise()
    if steps is None:
        return {OUTPUT: to_onnx(what)}
    return {name: step_graph(graph) for name, graph in steps.graphs.items()}


def to_onnx(what: Exportable) -> bytes:
    """Return the part of the function that a graph can hold, as an ONNX file.

    Args:
        what: The trained model.

    Raises:
        MissingExtraError: onnx or onnxscript is not installed.
        ConfigError: A part of the network cannot be expressed.
    """
    sizes = free_sizes(what.specs())
    whole, inputs = WholeFunction(what).eval(), example_inputs(what)
    return _traced(whole, inputs, sizes, what.graph_names(), (OUTPUT,))


def step_graph(graph: StepGraph) -> bytes:
    """Return one graph of a network that writes, as an ONNX file.

    Args:
        graph: The graph.

    Raises:
        MissingExtraError: onnx or onnxscript is not installed.
        ConfigError: A part of the network cannot be expressed.
    """
    free = torch.export.Dim.DYNAMIC
    return _traced(
        graph.module.eval(),
        tuple(port.example for port in graph.inputs),
        tuple(dict.fromkeys(port.free, free) for port in graph.inputs),
        tuple(port.name for port in graph.inputs),
        graph.outputs,
    )


def _traced(
    module: torch.nn.Module,
    inputs: tuple[torch.Tensor, ...],
    sizes: tuple[dict[int, object], ...],
    names: tuple[str, ...],
    outputs: tuple[str, ...],
) -> bytes:
    """Return a module as an ONNX file."""
    check_libraries("onnx", "onnxscript")
    forget_kernels()
    try:
        with _quietly(), torch.no_grad():
            program = torch.onnx.export(
                module,
                inputs,
                dynamo=True,
                dynamic_shapes=sizes_as_given(module, sizes),
                input_names=list(names),
                output_names=list(outputs),
                opset_version=OPSET,
                custom_translation_table=_translations(),
                verbose=False,
            )
    except Exception as error:  # torch raises whatever its passes run into
        raise ConfigError(
            f"the network cannot be expressed in ONNX: {_reason(error)} Export it as .pt2 instead."
        ) from error
    if program is None:
        raise ConfigError("torch.onnx.export gave no program. Export it as .pt2 instead.")
    proto = program.model_proto
    _forget_origin(proto)
    data: bytes = proto.SerializeToString()
    return data


def _translations() -> dict[Any, Any]:
    """Return how operators are written that torch writes at length.

    Shifts to the right: ONNX shifts numbers without a sign only, between two conversions. Networks
    here shift hashes, which are never below 0: dividing them is the same, in one operator.

    Attention: torch looks for what is no number in all weights, lest a place may look nowhere; here
    each may look somewhere (`lamina.networks.layers.attention.attend`), and that is two passes.
    What hides places is small, one for all layers, and added: choosing takes twice as long.

    Squares: onnxruntime's general power is two to three times as slow as a product.

    Root mean squares: with these operators, weights included, onnxruntime takes them for one of its
    own, which takes half the time.
    """
    import onnx
    import onnxscript

    op: Any = onnxscript.opset20

    def shift(self: Any, other: int) -> Any:
        return op.Div(self, op.Constant(value_int=1 << other))

    def attention(query: Any, key: Any, value: Any, attn_mask: Any = None, **rest: Any) -> Any:
        assert not any(rest.values()), f"attention is not translated with {rest}"
        scaled = op.Mul(query, op.Constant(value_float=query.shape[-1] ** -0.5))
        scores = op.MatMul(scaled, op.Transpose(key, perm=[0, 1, 3, 2]))
        if attn_mask is not None and attn_mask.dtype == query.dtype:
            scores = op.Add(scores, attn_mask)
        elif attn_mask is not None:
            # Half the lowest number, so that no sum with a score leaves what can be written.
            lowest = op.Constant(value_float=torch.finfo(torch.float32).min / 2)
            lowered = op.Where(attn_mask, op.Constant(value_float=0.0), lowest)
            scores = op.Add(scores, lowered)
        return op.MatMul(op.Softmax(scores, axis=-1), value)

    def power(self: Any, exponent: float) -> Any:
        if exponent == 2:
            return op.Mul(self, self)
        if isinstance(exponent, int):
            return op.Pow(self, op.Constant(value_int=exponent))
        real = self if self.dtype.is_floating_point() else op.Cast(self, to=onnx.TensorProto.FLOAT)
        return op.Pow(real, op.Constant(value_float=exponent))

    def rms_norm(
        self: Any, normalized_shape: list[int], weight: Any = None, eps: float | None = None
    ) -> Any:
        assert len(normalized_shape) == 1, "the last dimension alone is normalised"
        if weight is None:
            ones = onnx.numpy_helper.from_array(np.ones(normalized_shape, np.float32))
            weight = op.Constant(value=ones)
        least = torch.finfo(torch.float32).eps if eps is None else eps
        squares = op.Pow(self, op.Constant(value_float=2.0))
        means = op.ReduceMean(squares, op.Constant(value_ints=[-1]), keepdims=1)
        sizes = op.Sqrt(op.Add(means, op.Constant(value_float=least)))
        return op.Mul(op.Div(self, sizes), weight)

    return {
        torch.ops.aten.pow.Tensor_Scalar: power,
        torch.ops.aten.rms_norm.default: rms_norm,
        torch.ops.aten.__rshift__.Scalar: shift,
        torch.ops.aten.scaled_dot_product_attention.default: attention,
    }


def _forget_origin(proto: Any) -> None:
    """Leave out the lines of source code that torch notes down beside every node."""
    for graph in (proto.graph, *proto.functions):
        for node in graph.node:
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
    for value in (*proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        value.ClearField("metadata_props")
    proto.graph.ClearField("metadata_props")
    proto.ClearField("metadata_props")


def check_libraries(*names: str) -> None:
    """Check that the libraries of the extra are there.

    Args:
        *names: Their names.

    Raises:
        MissingExtraError: One is not installed.
    """
    from importlib.util import find_spec

    for name in names:
        if find_spec(name) is None:
            raise MissingExtraError(name, extra="onnx", purpose="Exporting to ONNX")


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep what torch's exporter says about itself away from the user."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "torch.export")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            open(os.devnull, "w") as nothing,
            redirect_stdout(nothing),
            redirect_stderr(nothing),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels):
            logger.setLevel(level)


def _reason(error: Exception) -> str:
    """Return the innermost cause of torch's error in one line."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    line = next((line for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
    return line.strip()[:300].rstrip(".") + "."
