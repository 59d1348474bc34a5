"""The contract of a network: what every encoder, trunk and head keeps, ours or a third party's.

`check_network(config)` builds a small model around the part and raises an `AssertionError` that
names the first promise broken: shapes, gradients, determinism, masks that do not depend on how a
batch is split, state, bfloat16, float64, export, padding, a batch of one, and the round trip of its
document.

Source: the idea of one contract suite per protocol is scikit-learn's `check_estimator`.
"""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lamina.core.bundle import pack_tensors, unpack_tensors
from lamina.core.config import from_document, to_document
from lamina.core.random import draws
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.heads import LinearHeadConfig
from lamina.networks.model import Model, ModelConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.parts import AbstractEncoderConfig, AbstractHeadConfig, AbstractTrunkConfig
from lamina.networks.perceptron import PerceptronConfig

_ROWS = 6
_SIZE = 3
_Part = AbstractEncoderConfig | AbstractTrunkConfig | AbstractHeadConfig


def check_network(config: _Part, *, kind: str | None = None) -> None:
    """Check every promise of a network's part.

    Args:
        config: Config of an encoder, a trunk or a head.
        kind: Kind of input to try an encoder on; None for all it takes.

    Raises:
        AssertionError: A promise is broken; the message names it.
    """
    for spec, whole in whole_around(config, kind=kind):
        _check(config, spec, whole)


def whole_around(
    config: _Part, *, kind: str | None = None
) -> tuple[tuple[InputSpec, ModelConfig], ...]:
    """Return the smallest models around a part, one for each kind of input, with their inputs.

    Args:
        config: Config of an encoder, a trunk or a head.
        kind: Kind of input of an encoder; None for all it takes.
    """
    kinds: tuple[str, ...] = ("number",)
    if isinstance(config, AbstractEncoderConfig):
        kinds = config.kinds if kind is None else (kind,)
    specs = [example_spec(each) for each in kinds]
    return tuple((spec, _whole(config, spec)) for spec in specs)


def example_spec(kind: str) -> InputSpec:
    """Return a small input of a kind.

    Args:
        kind: One of `lamina.networks.model.KINDS`.
    """
    spec = InputSpec(name="x", kind=kind, columns=("x",), shape=())
    if kind == "number":
        points = np.linspace(-2.0, 2.0, 65, dtype=np.float32)
        return replace(
            spec,
            columns=("a", "b", "c"),
            shape=(3,),
            quantiles=np.stack([points, points**3, np.round(points)]),
            missing=(False, True, False),
        )
    if kind == "category":
        return replace(spec, columns=("a", "b", "c"), shape=(3,), cardinalities=(3, 6, 30))
    if kind == "image":
        return replace(spec, shape=(3, 16, 16), mean=(0.5,) * 3, deviation=(0.25,) * 3)
    if kind == "series":
        return replace(spec, shape=(2,), num_steps=40)
    if kind == "sound":
        return replace(spec, num_steps=1600, rate=4000)
    return replace(spec, vocabulary_size=40)


def example_inputs(spec: InputSpec, rows: int) -> Tensor:
    """Return random samples of a small input.

    Args:
        spec: What `example_spec` returns.
        rows: Samples wanted.
    """
    source = torch.Generator().manual_seed(7)
    if spec.kind == "number":
        numbers = torch.randn(rows, *spec.shape, generator=source)
        numbers[1::3, 1] = float("nan")
        return numbers
    if spec.kind == "category":
        columns = [torch.randint(0, n, (rows,), generator=source) for n in spec.cardinalities]
        return torch.stack(columns, dim=1)
    if spec.kind == "image":
        shape = (rows, *spec.shape)
        return torch.randint(0, 256, shape, generator=source, dtype=torch.uint8)
    if spec.kind == "series":
        steps = torch.randn(rows, 40, *spec.shape, generator=source).cumsum(dim=1)
        ends = 40 - 5 * (torch.arange(rows) % 6)
        return steps.where(torch.arange(40)[:, None] < ends[:, None, None], torch.nan)
    if spec.kind == "sound":
        samples = torch.randn(rows, 1600, generator=source).cumsum(dim=1).sin()
        ends = 1600 - 200 * (torch.arange(rows) % 6)
        return samples.where(torch.arange(1600) < ends[:, None], torch.nan)
    ids = torch.randint(1, spec.vocabulary_size, (rows, 9), generator=source)
    lengths = torch.arange(rows) % 8 + 1
    return ids.where(torch.arange(9) < lengths[:, None], 0)


def _check(config: _Part, spec: InputSpec, whole: ModelConfig) -> None:
    assert from_document(type(config), to_document(config), where="x") == config, (
        "a document of the config gives another config"
    )
    torch.manual_seed(3)
    model = whole.build([spec], [OutputSpec("y", _SIZE)])
    inputs = {"x": example_inputs(spec, _ROWS)}
    model.initialise(inputs, {"y": torch.arange(_ROWS) % _SIZE})
    _check_outputs(model, inputs)
    _check_gradients(model, inputs)
    _check_split(model, inputs)
    _check_state(model, whole.build([spec], [OutputSpec("y", _SIZE)]), inputs)
    _check_bfloat16(model, inputs)
    if spec.has_free_length:
        _check_padding(model, spec, inputs)
    _check_export(model, inputs)
    _check_float64(model, inputs)


def _whole(config: _Part, spec: InputSpec) -> ModelConfig:
    """Return the smallest model around a part."""
    encoder, trunk, head = NumberLinearConfig(), PerceptronConfig(), LinearHeadConfig()
    if isinstance(config, AbstractEncoderConfig):
        return ModelConfig(encoders={spec.kind: config}, trunk=trunk, head=head)
    if isinstance(config, AbstractTrunkConfig):
        return ModelConfig(encoders={spec.kind: encoder}, trunk=config, head=head)
    return ModelConfig(encoders={spec.kind: encoder}, trunk=trunk, head=config)


def _check_outputs(model: Model, inputs: Mapping[str, Tensor]) -> None:
    model.eval()
    with torch.no_grad():
        first, second = model(inputs)["y"], model(inputs)["y"]
        alone = model({"x": inputs["x"][:1]})["y"]
    members = (model.num_members,) if model.num_members > 1 else ()
    wanted = (_ROWS, *members, _SIZE)
    assert first.shape == wanted, f"outputs are {tuple(first.shape)}, not {wanted}"
    assert first.isfinite().all(), "outputs are not finite"
    assert torch.equal(first, second), "two passes in eval mode differ"
    _assert_close(alone, first[:1], "a batch of one answers otherwise than the whole batch")


def _check_gradients(model: Model, inputs: Mapping[str, Tensor]) -> None:
    model.train()
    model.zero_grad()
    with draws(1, 2, start=0, batch_size=_ROWS):
        model(inputs)["y"].square().sum().backward()
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None, f"no gradient reaches {name}"
            assert parameter.grad.isfinite().all(), f"the gradient of {name} is not finite"


def _check_split(model: Model, inputs: Mapping[str, Tensor]) -> None:
    if any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in model.modules()):
        return  # batch statistics tie samples together: the one stated exception
    model.train()
    with torch.no_grad():
        with draws(1, 2, start=0, batch_size=_ROWS):
            together = model(inputs)["y"]
        parts = []
        for start, stop in ((0, 2), (2, _ROWS)):
            with draws(1, 2, start=start, batch_size=_ROWS):
                parts.append(model({"x": inputs["x"][start:stop]})["y"])
    _assert_close(torch.cat(parts), together, "a split batch draws other masks than the whole")


def _check_state(model: Model, fresh: Model, inputs: Mapping[str, Tensor]) -> None:
    data = pack_tensors(model.state_dict(), {})
    fresh.load_state_dict(unpack_tensors(data, where="the state")[0])
    with torch.no_grad():
        before, after = model.eval()(inputs)["y"], fresh.eval()(inputs)["y"]
    assert torch.equal(before, after), "a loaded state answers otherwise than the saved one"


def _check_bfloat16(model: Model, inputs: Mapping[str, Tensor]) -> None:
    model.train()
    model.zero_grad()
    with torch.autocast("cpu", torch.bfloat16):
        outputs = model(inputs)["y"]
    outputs.float().square().sum().backward()
    assert outputs.isfinite().all(), "outputs in bfloat16 are not finite"
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            assert parameter.grad.isfinite().all(), f"in bfloat16 the gradient of {name} is not"


def _check_padding(model: Model, spec: InputSpec, inputs: Mapping[str, Tensor]) -> None:
    model.eval()
    own = inputs["x"]
    padding = (own[:, :1] * 0).expand(-1, 5, *own.shape[2:])
    longer = torch.cat([own, padding if spec.kind == "text" else padding + torch.nan], dim=1)
    with torch.no_grad():
        _assert_close(
            model({"x": longer})["y"], model(inputs)["y"], "more padding changes the answer"
        )
        empty = model({"x": torch.zeros_like(own[:1, :1])})["y"]
    assert empty.isfinite().all(), "a sample of one step, or an empty text, has no finite answer"


def _check_export(model: Model, inputs: Mapping[str, Tensor]) -> None:
    model.eval()
    rows = torch.export.Dim("rows", min=1, max=4096)
    with warnings.catch_warnings():
        # torch warns about the weight lists that its own recurrent layers keep.
        warnings.filterwarnings("ignore", message="The tensor attribute", category=UserWarning)
        program = torch.export.export(
            model, ({"x": inputs["x"]},), dynamic_shapes=({"x": {0: rows}},), strict=False
        )
    fewer: dict[str, Any] = {"x": inputs["x"][:4]}
    with torch.no_grad():
        _assert_close(
            program.module()(fewer)["y"], model(fewer)["y"], "the exported network disagrees"
        )


def _check_float64(model: Model, inputs: Mapping[str, Tensor]) -> None:
    model.eval()
    with torch.no_grad():
        wanted = model(inputs)["y"]
        numbers = {n: v.double() if v.is_floating_point() else v for n, v in inputs.items()}
        found = model.double()(numbers)["y"]
    assert found.dtype == torch.float64, "a network in float64 answers in another number type"
    _assert_close(found, wanted, "in float64 the network answers otherwise")


def _assert_close(got: Tensor, wanted: Tensor, message: str) -> None:
    difference = float((got.float() - wanted.float()).abs().max())
    scale = max(1.0, float(wanted.abs().max()))
    assert difference <= 1e-4 * scale, f"{message} (by {difference:.2g})"
