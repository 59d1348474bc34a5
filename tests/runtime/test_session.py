"""The graph runs; what cannot run is an error of ours."""

import numpy as np
import pytest

from lamina.runtime.errors import BundleError
from lamina.runtime.session import NOT_KEPT, Session
from tests.export.test_onnx import operators, optimised
from tests.runtime import made


def test_a_graph_runs_with_any_number_of_rows() -> None:
    session = Session(made.graph(), threads=1)
    for rows in (0, 1, 7):
        values = session({"number": np.zeros((rows, 1), dtype=np.float32), "spare": np.zeros(1)})
        assert values.dtype == np.float64
        np.testing.assert_allclose(values, np.full((rows, 2), 0.5))


def test_what_does_not_fit_is_an_error_of_ours() -> None:
    session = Session(made.graph())
    with pytest.raises(BundleError, match="does not run"):
        session({"number": np.zeros((1, 5), dtype=np.float32)})
    with pytest.raises(BundleError, match="cannot be run"):
        Session(b"nothing")
    with pytest.raises(BundleError, match="one output"):
        Session(made.graph().replace(b"values", b"volues"))


def test_rewritings_that_slow_graphs_down_are_left_out(tmp_path) -> None:
    import onnx
    from onnx import helper

    sizes = ["rows", "length", 8]
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, sizes) for name in "abz"]
    ones = onnx.numpy_helper.from_array(np.ones(8, dtype=np.float32), "ones")
    nodes = [
        helper.make_node("Add", ["a", "b"], ["y"]),
        helper.make_node("LayerNormalization", ["y", "ones", "ones"], ["z"]),
    ]
    graph = helper.make_graph(nodes, "sum", ends[:2], ends[2:], [ones])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    told = model.SerializeToString()
    # If onnxruntime names it otherwise one day, the list below does nothing.
    assert operators(optimised(told, tmp_path / "as_it_would")) == {"SkipLayerNormalization"}
    kept = optimised(told, tmp_path / "as_run", disabled_optimizers=list(NOT_KEPT))
    assert operators(kept) == {"Add", "LayerNormalization"}
