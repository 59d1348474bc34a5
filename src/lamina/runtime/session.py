"""Runs the graph of an exported model with onnxruntime."""

from collections.abc import Mapping
from typing import Any, Protocol, final

import numpy as np

from lamina.runtime.errors import BundleError, MissingExtraError

OUTPUT = "values"
"""Name of the graph's one output: float64 [rows, columns]."""


class AbstractGraph(Protocol):
    """A graph that is ready to run, whatever runs it."""

    outputs: tuple[str, ...]
    """Names of what it gives."""

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Return what the graph gives by name.

        Args:
            inputs: Arrays by name; those that the graph does not use are left out.

        Raises:
            BundleError: The graph does not take these arrays, or memory runs out.
        """


NOT_KEPT = ("SkipLayerNormFusion",)
"""Rewritings of onnxruntime that are left out: a sum and a layer norm in one operator take twice as
long as in two."""


@final
class GraphSession:
    """A graph that is ready to run, whatever it gives.

    Args:
        graph: The ONNX file.
        threads: Threads of one call; None for as many as there are cores.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        BundleError: The graph cannot be run.
    """

    def __init__(self, graph: bytes, *, threads: int | None = None) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError(
                "onnxruntime", extra="", purpose="Running an exported model"
            ) from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads or 0
        # Threads that wait for the next call by spinning would slow down all else on the machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                graph,
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=list(NOT_KEPT),
            )
        except Exception as error:  # onnxruntime raises a class of its own for each kind of fault
            raise BundleError(f"the graph cannot be run: {_first_line(error)}") from error
        self.outputs = tuple(output.name for output in self._session.get_outputs())
        """Names of what it gives."""
        self._takes = {one.name for one in self._session.get_inputs()}

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return what the graph gives by name.

        Args:
            inputs: Arrays by name; those that the graph does not use are left out.

        Raises:
            BundleError: The graph does not take these arrays, or memory runs out.
        """
        given = {name: value for name, value in inputs.items() if name in self._takes}
        try:
            found: Any = self._session.run(None, given)
        except Exception as error:
            raise BundleError(f"the graph does not run: {_first_line(error)}") from error
        return dict(zip(self.outputs, found))


@final
class Session:
    """A graph of one output that is ready to run.

    Args:
        graph: The ONNX file.
        threads: Threads of one call; None for as many as there are cores.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        BundleError: The graph cannot be run, or gives something else.
    """

    def __init__(self, graph: bytes, *, threads: int | None = None) -> None:
        self._graph = GraphSession(graph, threads=threads)
        found = list(self._graph.outputs)
        if found != [OUTPUT]:
            raise BundleError(f"the graph must have the one output {OUTPUT!r}, got {found}.")

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the graph's output, as float64.

        Args:
            inputs: Arrays by name; those that the graph does not use are left out.

        Raises:
            BundleError: The graph does not take these arrays, or memory runs out.
        """
        return np.asarray(self._graph(inputs)[OUTPUT], dtype=np.float64)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
