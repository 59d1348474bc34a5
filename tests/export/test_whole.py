"""The part of the function that a graph holds computes what prediction computes."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lamina.export.whole import (
    Exportable,
    WholeFunction,
    example_inputs,
    exportable,
    forget_kernels,
    free_sizes,
)
from lamina.networks.layers.recurrent import CELLS, Recurrent
from lamina.runtime.answers.table import FORMS
from tests.runs.tiny import EXAMPLES
from tests.tasks.examples import answered, encoded, facts_of


def made(name: str, temperature: float = 1.0, num_views: int = 1, **options) -> Exportable:
    """Return an untrained model of an example."""
    task, schema, part = answered(name, 40)
    torch.manual_seed(0)
    recipe = task.plan(facts_of(name))
    model = recipe.network.build(task.asked_inputs(schema), task.outputs(schema))
    batch = part.samples.batch(part.index)
    model.initialise(batch.inputs, batch.targets)
    return Exportable(
        name=name,
        task=task,
        schema=schema,
        model=model.eval(),
        temperature=temperature,
        num_views=num_views,
        **options,
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_values_are_the_predictions(name) -> None:
    from lamina.evaluation.calibration import apply_temperature

    what = made(name)
    part = answered(name, 9)[2]
    inputs = part.samples.batch(part.index).inputs
    with torch.no_grad():
        outputs = {
            key: what.task.combine(value[:, None] if value.dim() == 2 else value)
            for key, value in what.model(inputs).items()
        }
        found = what.task.predictions(outputs, what.schema)
        if FORMS[what.form()["name"]].from_document(what.form()).sliding is not None:
            scores = what.task.scores(next(iter(outputs.values())))  # what windows are blended from
            found = SimpleNamespace(kind="windows", values=scores.flatten(1).numpy())
        for temperature in (1.0, 1.7):
            if temperature != 1.0 and found.kind not in ("classes", "labels"):
                continue
            expected = found if temperature == 1.0 else apply_temperature(found, temperature)
            values = what.task.values(outputs, what.schema, temperature=temperature)
            assert values.dtype == torch.float64
            np.testing.assert_allclose(values.numpy(), expected.values, rtol=1e-12, atol=1e-15)
        whole = WholeFunction(what)(*inputs.values())
    np.testing.assert_allclose(whole.numpy(), found.values, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("views", "mirrored"), [(2, True), (6, True), (5, False)])
def test_views_are_averaged_as_in_prediction(views, mirrored) -> None:
    from lamina.data.augmentation import views as make_views
    from lamina.training.execution import Execution
    from lamina.training.inference import Answering, answer

    what = made("picture", num_views=views, is_mirrored=mirrored)
    dataset = encoded("picture")[2]
    index = dataset.usable()[:5]
    how = Answering(
        combine=what.task.combine,
        execution=Execution(),
        views=lambda inputs: make_views(inputs, views, flip=mirrored),
    )
    outputs = answer(what.model, dataset, index, how)
    expected = what.task.predictions(outputs, what.schema).values
    with torch.no_grad():
        found = WholeFunction(what)(*dataset.batch(index).inputs.values())
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_is_the_same_in_cells_that_are_known_everywhere(cell) -> None:
    torch.manual_seed(0)
    layer = Recurrent(cell, 5, 7)
    sequence, valid = torch.randn(3, 6, 5), torch.arange(6) < torch.tensor([[6], [2], [4]])
    known = layer.for_export()
    assert not any(type(module) is torch.nn.RNN for module in known.modules())
    with torch.no_grad():
        torch.testing.assert_close(known(sequence, valid), layer(sequence, valid))


def test_the_model_stays_as_it_is() -> None:
    what = made("binary")
    what.model.train()
    copy = exportable(what.model)
    assert what.model.training
    assert not copy.training
    assert all(p.requires_grad for p in what.model.parameters())
    assert not any(p.requires_grad for p in copy.parameters())


@pytest.mark.parametrize("cell", [torch.ops.aten.gru.input, torch.ops.aten.lstm.input])
def test_what_torch_remembers_of_recurrent_cells_is_forgotten(cell) -> None:
    cell._dispatch_cache[torch._C.DispatchKey.AutogradCPU] = lambda *_: None
    forget_kernels()
    assert not cell._dispatch_cache


def test_inputs_to_trace_with_fit_the_specs() -> None:
    what = made("mixed")
    specs = what.schema.input_specs()
    inputs = example_inputs(what)
    assert what.graph_names() == ("number", "category", "input_2", "input_3")
    assert [tuple(i.shape[1:]) for i in inputs] == [s.shape or (7,) for s in specs]
    assert [len(sizes) for sizes in free_sizes(specs)] == [
        2 if spec.kind == "text" else 1 for spec in specs
    ]
