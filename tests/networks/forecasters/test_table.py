"""The contract of a backbone, over every row of the table."""

import pytest
import torch

from lamina.core.config import from_document, to_document
from lamina.core.random import draws
from lamina.networks.forecasters.table import BACKBONES
from lamina.networks.forecasters.whole import ForecasterConfig
from tests.networks.forecasters.made import answers, build, samples


def _built(name):
    torch.manual_seed(1)
    config = ForecasterConfig(backbone=BACKBONES[name].value())
    assert from_document(ForecasterConfig, to_document(config), where="network") == config
    return build(config)


@pytest.mark.parametrize("name", BACKBONES)
def test_answers_have_their_shape_and_are_the_same_again(name):
    model, inputs = _built(name).eval(), samples()
    with torch.no_grad():
        first, second = answers(model, inputs), answers(model, inputs)
        alone = answers(model, {key: value[:1] for key, value in inputs.items()})
    assert first.shape == (6, 5, 3, 3)
    assert first.isfinite().all()
    assert torch.equal(first, second)
    assert torch.allclose(alone, first[:1], atol=1e-5)


@pytest.mark.parametrize("name", BACKBONES)
def test_every_parameter_learns(name):
    model = _built(name)
    torch.nn.init.normal_(model.effects[-1].weight)  # zero at first, which hides what is before
    for module in model.modules():
        if getattr(module, "view", None) is not None:
            torch.nn.init.normal_(module.view.weight)
    answers(model, samples()).square().sum().backward()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.abs().sum() > 0, parameter_name


@pytest.mark.parametrize("name", BACKBONES)
def test_masks_do_not_depend_on_how_a_batch_is_split(name):
    model, inputs = _built(name).train(), samples()
    with torch.no_grad():
        with draws(1, 2, start=0, batch_size=6):
            together = answers(model, inputs)
        parts = []
        for start, stop in ((0, 2), (2, 6)):
            some = {key: value[start:stop] for key, value in inputs.items()}
            with draws(1, 2, start=start, batch_size=6):
                parts.append(answers(model, some))
    assert torch.allclose(torch.cat(parts), together, atol=1e-5)


@pytest.mark.filterwarnings("ignore:The tensor attribute")  # torch about its own recurrent layers
@pytest.mark.parametrize("name", BACKBONES)
def test_can_be_exported_for_any_number_of_rows(name):
    model, inputs = _built(name).eval(), samples()
    rows = torch.export.Dim("rows", min=1, max=64)
    shapes = ({key: {0: rows} for key in inputs},)
    program = torch.export.export(model, (inputs,), dynamic_shapes=shapes, strict=False)
    fewer = {key: value[:3] for key, value in inputs.items()}
    with torch.no_grad():
        found = answers(program.module(), fewer)
        assert torch.allclose(found, answers(model, fewer), atol=1e-5)


@pytest.mark.parametrize("name", BACKBONES)
def test_float64_answers_alike(name):
    model, inputs = _built(name).eval(), samples()
    exact = {key: value.double() if key != "phase" else value for key, value in inputs.items()}
    with torch.no_grad():
        wanted = answers(model, inputs)
        found = answers(model.double(), exact)
    assert found.dtype == torch.float64
    assert torch.allclose(found.float(), wanted, atol=1e-4)
