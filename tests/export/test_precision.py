"""Graphs of fewer bits answer nearly alike, and are smaller."""

import numpy as np
import pytest

from lamina.core.errors import ConfigError
from lamina.export.onnx import to_onnx
from lamina.export.precision import PRECISIONS, reduced
from lamina.runtime.session import Session
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
