"""The look into ONNX files: metadata is found, other files are never read."""

import numpy as np
import pytest

from lamina.runtime.errors import BundleError
from lamina.runtime.protobuf import graph_entry, graphs, properties, text_entry

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def _model(*, external: bool = False, inside: bool = False) -> "onnx.ModelProto":
    weight = numpy_helper.from_array(np.ones((3, 2), dtype=np.float32), "w")
    if external:
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = "location", "/etc/passwd"
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])
    y = helper.make_tensor_value_info("values", TensorProto.FLOAT, [None, 2])
    if inside:
        constant = helper.make_node("Constant", [], ["w"], value=weight)
        graph = helper.make_graph(
            [constant, helper.make_node("MatMul", ["x", "w"], ["values"])], "g", [x], [y]
        )
    else:
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["values"])], "g", [x], [y], [weight]
        )
    return helper.make_model(graph)


def test_metadata_is_found_as_onnx_writes_it() -> None:
    model = _model()
    helper.set_model_props(model, {"lamina": "ä" * 300, "other": ""})
    assert properties(memoryview(model.SerializeToString())) == {"lamina": "ä" * 300, "other": ""}


def test_an_entry_put_behind_a_file_is_read_by_onnx() -> None:
    data = _model().SerializeToString() + text_entry("lamina", "x" * 1000)
    props = onnx.load_from_string(data).metadata_props
    assert [(p.key, p.value) for p in props] == [("lamina", "x" * 1000)]


def test_further_graphs_are_passed_over_by_onnx_and_looked_into_by_us() -> None:
    other = _model(inside=True).SerializeToString()
    data = _model().SerializeToString() + graph_entry("read", other) + text_entry("a", "b")
    onnx.checker.check_model(onnx.load_from_string(data))
    assert {name: bytes(graph) for name, graph in graphs(memoryview(data)).items()} == {
        "read": other
    }
    assert properties(memoryview(data)) == {"a": "b"}
    hostile = data + graph_entry("step", _model(external=True).SerializeToString())
    with pytest.raises(BundleError, match="other files"):
        properties(memoryview(hostile))


@pytest.mark.parametrize("inside", [False, True])
def test_a_tensor_in_another_file_is_refused(inside) -> None:
    assert properties(memoryview(_model(inside=inside).SerializeToString())) == {}
    with pytest.raises(BundleError, match="other files"):
        properties(memoryview(_model(external=True, inside=inside).SerializeToString()))


def test_damaged_bytes_are_refused_or_read_but_never_crash() -> None:
    data = _model().SerializeToString() + text_entry("lamina", "x" * 40)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(500):
        hurt = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            hurt[place] = rng.integers(0, 256)
        try:
            properties(memoryview(bytes(hurt[: rng.integers(1, len(hurt))])))
        except BundleError:
            refused += 1
    assert refused > 100


def test_graphs_nested_without_end_are_refused() -> None:
    def wrap(number: int, inner: bytes) -> bytes:
        size, length = len(inner), b""
        while size > 0x7F:
            length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
        tag = number << 3 | 2
        return bytes([tag]) + length + bytes([size]) + inner

    data = b""
    for _ in range(100):
        data = wrap(1, wrap(5, wrap(6, data)))
    with pytest.raises(BundleError, match="deep"):
        properties(memoryview(wrap(7, data)))
