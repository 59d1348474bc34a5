"""Every network becomes an ONNX graph that answers alike, for any number of rows and tokens."""

from pathlib import Path

import numpy as np
import pytest
import torch

from lamina.core.errors import ConfigError, MissingExtraError
from lamina.core.records import InputSpec
from lamina.export import onnx as subject
from lamina.export.whole import Exportable, WholeFunction
from lamina.networks.layers.attention import attend
from lamina.networks.layers.normalisers import RMSNorm
from lamina.networks.layers.recurrent import CELLS
from lamina.networks.rnn import RNNConfig
from lamina.networks.table import NETWORKS
from lamina.runtime.protobuf import properties
from lamina.runtime.session import Session
from lamina.testing.check_network import example_inputs, whole_around
from tests.export.test_whole import made
from tests.testing.test_check_network import SMALL

_QUICK = ("ngram_bag", "tabm", "text_cnn")
NAMES = [
    *(name if name in _QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS),
    *(pytest.param(f"rnn/{cell}", marks=pytest.mark.slow) for cell in CELLS if cell != "lstm"),
]


class OneInput:
    """A schema of one input, whatever it is."""

    def __init__(self, spec) -> None:
        self.specs = (spec,)
        self.targets = ()

    def input_specs(self):
        return self.specs


class Mean:
    """A task that averages members."""

    def asked_inputs(self, schema):
        return schema.input_specs()

    def combine(self, answers):
        return answers.mean(dim=1)

    def values(self, outputs, schema, *, temperature):
        return outputs["y"].double()


def _rows(spec, rows, length):
    inputs = example_inputs(spec, rows)
    if spec.kind != "text":
        return inputs
    return torch.nn.functional.pad(inputs, (0, max(0, length - inputs.shape[1])))[:, :length]


@pytest.mark.parametrize("name", NAMES)
def test_every_network_is_expressed(name) -> None:
    if "/" in name:
        config = RNNConfig(cell=name.partition("/")[2])
    else:
        config = SMALL.get(name) or NETWORKS[name].value()
    for spec, whole in whole_around(config):
        torch.manual_seed(3)
        model = whole.build([spec], [subject_output()])
        model.initialise({"x": example_inputs(spec, 6)}, {"y": torch.arange(6) % 3})
        what = Exportable(name=name, task=Mean(), schema=OneInput(spec), model=model.eval())
        graph = subject.to_onnx(what)
        assert not {"Loop", "Scan", "SequenceInsert"} & operators(graph)
        session = Session(graph, threads=1)
        reference = WholeFunction(what)
        for rows in (1, 2, 33):
            for length in (1, 2, 30) if spec.kind == "text" else (0,):
                inputs = _rows(spec, rows, length)
                found = session({what.graph_names()[0]: inputs.numpy()})
                with torch.no_grad():
                    expected = reference(inputs).numpy()
                np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_recurrent_network_is_exported_twice_in_one_process(cell) -> None:
    test_every_network_is_expressed(f"rnn/{cell}")
    test_every_network_is_expressed(f"rnn/{cell}")


def operators(graph: bytes) -> set[str]:
    """Return the names of the operators of a graph and of its functions."""
    import onnx

    model = onnx.load_model_from_string(graph)
    return {node.op_type for part in (model.graph, *model.functions) for node in part.node}


def subject_output():
    from lamina.core.records import OutputSpec

    return OutputSpec("y", 3)


def test_shifts_of_hashes_are_what_torch_makes_them() -> None:
    class Hash(torch.nn.Module):
        def forward(self, inputs):
            value = inputs["x"].long() * 0x7FEB352D & 0xFFFFFFFF
            return {"y": (value ^ (value >> 15)).double()}

    schema = OneInput(InputSpec("x", "number", ("a", "b"), (2,)))
    what = Exportable(name="hash", task=Mean(), schema=schema, model=Hash())
    graph = subject.to_onnx(what)
    assert "Where" not in operators(graph)
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    with torch.no_grad():
        expected = WholeFunction(what)(torch.from_numpy(rows)).numpy()
    np.testing.assert_array_equal(Session(graph, threads=1)({"number": rows}), expected)


@pytest.mark.parametrize(("power", "operator"), [(2, "Mul"), (3, "Pow"), (0.5, "Pow")])
def test_powers_are_what_torch_makes_them(power, operator) -> None:
    class Power(torch.nn.Module):
        def forward(self, inputs):
            value = inputs["x"]
            return {"y": (value**power + value.long() ** power).double()}

    schema = OneInput(InputSpec("x", "number", ("a", "b"), (2,)))
    what = Exportable(name="power", task=Mean(), schema=schema, model=Power())
    graph = subject.to_onnx(what)
    assert operators(graph) & {"Mul", "Pow"} == {operator}
    rows = np.arange(12, dtype=np.float32).reshape(6, 2) / 3
    with torch.no_grad():
        expected = WholeFunction(what)(torch.from_numpy(rows)).numpy()
    found = Session(graph, threads=1)({"number": rows})
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(("is_masked", "largest"), [(True, None), (True, 300.0), (False, None)])
def test_attention_is_what_torch_makes_it_without_looking_for_nan(is_masked, largest) -> None:
    class Attention(torch.nn.Module):
        def forward(self, inputs):
            one = inputs["x"].view(-1, 1, 4, 2)
            mask = (one[..., 0] > 5) | (torch.arange(4) == 0)
            mask = mask[:, :, None, :] if is_masked else None
            gathered = attend(one, one + 1, one * 2, mask, largest=largest)
            return {"y": gathered.reshape(-1, 8).double()}

    schema = OneInput(InputSpec("x", "number", tuple("abcdefgh"), (8,)))
    what = Exportable(name="attention", task=Mean(), schema=schema, model=Attention())
    graph = subject.to_onnx(what)
    assert "IsNaN" not in operators(graph)
    assert ("Add" in operators(graph)) or largest is None
    rows = np.linspace(0, 9, 40, dtype=np.float32).reshape(5, 8)[:, ::-1].copy()
    with torch.no_grad():
        expected = WholeFunction(what)(torch.from_numpy(rows)).numpy()
    found = Session(graph, threads=1)({"number": rows})
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_root_mean_squares_become_one_operator_of_onnxruntime(tmp_path) -> None:
    class Sized(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = RMSNorm(8)
            torch.nn.init.uniform_(self.norm.weight)

        def forward(self, inputs):
            pairs = torch.nn.functional.rms_norm(inputs["x"].view(-1, 4, 2), (2,))
            return {"y": (self.norm(inputs["x"]) + pairs.flatten(1)).double()}

    schema = OneInput(InputSpec("x", "number", tuple("abcdefgh"), (8,)))
    what = Exportable(name="sized", task=Mean(), schema=schema, model=Sized())
    graph = subject.to_onnx(what)
    rows = np.linspace(0, 9, 40, dtype=np.float32).reshape(5, 8)
    with torch.no_grad():
        expected = WholeFunction(what)(torch.from_numpy(rows)).numpy()
    found = Session(graph, threads=1)({"number": rows})
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    run = operators(optimised(graph, tmp_path / "optimised.onnx"))
    assert "SimplifiedLayerNormalization" in run
    assert "ReduceMean" not in run


def optimised(graph: bytes, path: Path, **options: object) -> bytes:
    """Return a graph as onnxruntime rewrites it."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.optimized_model_filepath = str(path)
    settings.log_severity_level = 4
    onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"], **options)
    return path.read_bytes()


def test_the_file_tells_nothing_of_the_machine() -> None:
    data = subject.to_onnx(made("binary"))
    assert properties(memoryview(data)) == {}
    for told in (b"site-packages", b".py", b"lamina/"):
        assert told not in data


def test_a_network_that_cannot_be_expressed_is_told() -> None:
    class Strange(torch.nn.Module):
        def forward(self, inputs):
            if float(inputs["number"].sum()) > 1e30:
                raise ValueError
            return {"y": inputs["number"].unique().reshape(1, -1)}

    what = made("number")
    strange = Exportable(name="s", task=what.task, schema=what.schema, model=Strange())
    with pytest.raises(ConfigError, match=r"cannot be expressed in ONNX.*\.pt2"):
        subject.to_onnx(strange)


def test_missing_libraries_are_told() -> None:
    with pytest.raises(MissingExtraError, match=r"lamina\[onnx\]"):
        subject.check_libraries("onnx", "no_such_library")
