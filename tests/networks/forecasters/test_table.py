"""The contract of a backbone, over every row of the table."""

import pytest
import torch

from lamina.core.config import from_document, to_document
from lamina.core.random import draws
from lamina.networks.forecasters.table import BACKBONES
from lamina.networks.forecasters.whole import ForecasterConfig
from tests.networks.forecasters.made import SPEC, samples


def _built(name):
    torch.manual_seed(1)
    config = ForecasterConfig(backbone=BACKBONES[name].value())
    assert from_document(ForecasterConfig, to_document(config), where="network") == config
    return config.build_series(SPEC)


@pytest.mark.parametrize("name", BACKBONES)
def test_answers_have_their_shape_and_are_the_same_again(name):
    model, (past, known, phase) = _built(name).eval(), samples()
    with torch.no_grad():
        first, second = model(past, known, phase), model(past, known, phase)
        alone = model(past[:1], known[:1], phase[:1])
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
    model(*samples()).square().sum().backward()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.abs().sum() > 0, parameter_name


@pytest.mark.parametrize("name", BACKBONES)
def test_masks_do_not_depend_on_how_a_batch_is_split(name):
    model, (past, known, phase) = _built(name).train(), samples()
    with torch.no_grad():
        with draws(1, 2, start=0, batch_size=6):
            together = model(past, known, phase)
        parts = []
        for start, stop in ((0, 2), (2, 6)):
            rows = slice(start, stop)
            with draws(1, 2, start=start, batch_size=6):
                parts.append(model(past[rows], known[rows], phase[rows]))
    assert torch.allclose(torch.cat(parts), together, atol=1e-5)


@pytest.mark.filterwarnings("ignore:The tensor attribute")  # torch about its own recurrent layers
@pytest.mark.parametrize("name", BACKBONES)
def test_can_be_exported_for_any_number_of_rows(name):
    model, inputs = _built(name).eval(), samples()
    rows = torch.export.Dim("rows", min=1, max=64)
    shapes = tuple({0: rows} for _ in inputs)
    program = torch.export.export(model, inputs, dynamic_shapes=shapes, strict=False)
    fewer = tuple(each[:3] for each in inputs)
    with torch.no_grad():
        assert torch.allclose(program.module()(*fewer), model(*fewer), atol=1e-5)


@pytest.mark.parametrize("name", BACKBONES)
def test_float64_answers_alike(name):
    model, (past, known, phase) = _built(name).eval(), samples()
    with torch.no_grad():
        wanted = model(past, known, phase)
        found = model.double()(past.double(), known.double(), phase)
    assert found.dtype == torch.float64
    assert torch.allclose(found.float(), wanted, atol=1e-4)
