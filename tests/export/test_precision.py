"""Graphs of fewer bits answer nearly alike, and are smaller."""

import numpy as np
import pytest

from lamina.core.errors import ConfigError
from lamina.export.onnx import to_onnx
from lamina.export.precision import PRECISIONS, reduced, store_tables
from lamina.runtime.session import GraphSession, Session
from tests.export.test_whole import made
from tests.runtime import made as by_hand
from tests.tasks.examples import encoded


def _inputs(name: str, what) -> dict[str, np.ndarray]:
    dataset = encoded(name)[2]
    batch = dataset.batch(dataset.usable()[:24]).inputs
    return {key: value.numpy() for key, value in zip(what.graph_names(), batch.values())}


@pytest.mark.parametrize("name", ["binary", pytest.param("picture", marks=pytest.mark.slow)])
def test_answers_are_nearly_those_of_float32(name) -> None:
    what = made(name)
    graph, inputs = to_onnx(what), _inputs(name, what)
    expected = Session(graph, threads=1)(inputs)
    for precision, most in (("float32", 0.0), ("float16", 0.01), ("int8", 0.2)):
        smaller = reduced(graph, precision, calibration=[inputs])
        found = Session(smaller, threads=1)(inputs)
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= most
        if precision != "float32":
            assert len(smaller) < len(graph)
            assert np.abs(found - expected).max() > 0


def test_numbers_too_large_for_half_precision_stay() -> None:
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(to_onnx(made("binary")))
    large = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    values = numpy_helper.to_array(large).copy()
    values.flat[0] = 1e6
    large.CopyFrom(numpy_helper.from_array(values, large.name))
    graph = reduced(model.SerializeToString(), "float16", calibration=[])
    kept = {t.name: t for t in onnx.load_from_string(graph).graph.initializer}
    np.testing.assert_array_equal(numpy_helper.to_array(kept[large.name]), values)


def test_a_graph_without_large_weights_is_told() -> None:
    with pytest.raises(ConfigError, match="float16"):
        reduced(by_hand.graph(), "float16", calibration=[])
    assert reduced(by_hand.graph(), "float32", calibration=[]) == by_hand.graph()
    assert PRECISIONS[0] == "float32"


def _tied(table: np.ndarray) -> bytes:
    """Return a graph that looks rows of a table up and scores with the same table."""
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "places"], ["rows"]),
            helper.make_node("Transpose", ["table"], ["turned"], perm=[1, 0]),
            helper.make_node("MatMul", ["rows", "turned"], ["scores"]),
        ],
        "tied",
        [helper.make_tensor_value_info("places", TensorProto.INT64, ["rows"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
            for name in ("rows", "scores")
        ],
        initializer=[numpy_helper.from_array(table, "table")],
    )
    opset = helper.make_opsetid("", 20)
    data: bytes = helper.make_model(graph, opset_imports=[opset], ir_version=10).SerializeToString()
    return data


def test_a_table_that_is_read_and_scored_with_is_stored_by_rows_and_turned_once() -> None:
    import onnx
    from onnx import TensorProto

    table = np.random.default_rng(0).normal(size=(90, 24)).astype(np.float32)
    table[0], table[3] = 0.0, table[3] * 1e-4
    graph = reduced(_tied(table), "int8", calibration=[])
    model = onnx.load_from_string(graph)
    kinds = {node.op_type for node in model.graph.node}
    assert "MatMulInteger" in kinds
    assert "Transpose" not in kinds
    types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert "table" not in types
    assert types["table/whole"] == TensorProto.INT8
    places = {"places": np.arange(90)}
    found = GraphSession(graph, threads=1)(places)
    largest = np.abs(table).max(axis=1, keepdims=True)
    assert (np.abs(found["rows"] - table) <= largest / 254 * 1.001).all(), "half a step of its row"
    np.testing.assert_array_equal(found["rows"][0], 0.0)
    np.testing.assert_allclose(found["scores"], table @ table.T, atol=0.5)


def test_weights_that_graphs_inside_a_graph_read_are_kept() -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    inner = helper.make_graph(
        [helper.make_node("Identity", ["inside"], ["one"])],
        "inner",
        [],
        [helper.make_tensor_value_info("one", TensorProto.FLOAT, [2])],
    )
    outer = helper.make_graph(
        [helper.make_node("If", ["which"], ["out"], then_branch=inner, else_branch=inner)],
        "outer",
        [helper.make_tensor_value_info("which", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [2])],
        initializer=[
            numpy_helper.from_array(np.ones(2, np.float32), name) for name in ("inside", "unused")
        ],
    )
    model = helper.make_model(outer, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    store_tables(model)
    onnx.checker.check_model(model)
    assert [tensor.name for tensor in model.graph.initializer] == ["inside"]
