"""Answers of a model for many rows: in batches, over views and members; the same any way."""

import pytest
import torch
from torch import nn

from lamina.core.records import Batch
from lamina.training.execution import Execution
from lamina.training.inference import Answering, answer
from tests.training.tiny import TinyData, TinyNet


def mean(answers):
    return answers.mean(dim=1)


def how(**options):
    return Answering(combine=mean, execution=Execution(), **options)


@pytest.mark.parametrize("batch_size", [1, 7, 100, 1000])
def test_answers_do_not_depend_on_the_batch(batch_size):
    model, data = TinyNet(), TinyData(100)
    rows = torch.randperm(100)
    model.eval()
    with torch.no_grad():
        wanted = model({"x": data.x[rows]})["y"]
    found = answer(model, data, rows, how(batch_size=batch_size))["y"]
    assert torch.allclose(found, wanted, atol=1e-6)
    assert not found.requires_grad
    assert found.dtype == torch.float32


@pytest.mark.parametrize("is_training", [True, False])
def test_the_model_keeps_its_mode_and_masks_are_off(is_training):
    model, data = TinyNet(), TinyData(20)
    model.train(is_training)
    rows = torch.arange(20)
    first, second = (answer(model, data, rows, how())["y"] for _ in range(2))
    assert torch.equal(first, second)
    assert model.training == is_training


def test_a_model_in_float64_is_asked_in_float64():
    model, data = TinyNet(), TinyData(20)
    rows = torch.arange(20)
    wanted = answer(model, data, rows, how())["y"]
    found = answer(model.double(), data, rows, how())["y"]
    assert torch.allclose(found, wanted, atol=1e-6)
    assert found.dtype == torch.float32


def test_views_are_combined_as_members_are():
    model, data = TinyNet(), TinyData(10)

    def views(inputs):
        return [{"x": inputs["x"]}, {"x": -inputs["x"]}, {"x": inputs["x"] * 0}]

    rows = torch.arange(10)
    found = answer(model, data, rows, how(views=views))["y"]
    model.eval()
    with torch.no_grad():
        parts = [model({"x": data.x * factor})["y"] for factor in (1, -1, 0)]
    assert torch.allclose(found, torch.stack(parts).mean(0), atol=1e-6)


class Members(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, 3.0]))

    def forward(self, inputs):
        return {
            "y": inputs["x"][:, None, :2] * self.weight[:, None],
            "z": inputs["x"][:, :1],
        }


def test_members_are_combined_by_output():
    data = TinyData(6)
    shapes = []

    def combine(answers):
        shapes.append(tuple(answers.shape))
        return answers.mean(dim=1)

    how = Answering(combine=combine, execution=Execution(), batch_size=4)
    found = answer(Members(), data, torch.arange(6), how)
    assert shapes == [(4, 2, 2), (4, 1, 1), (2, 2, 2), (2, 1, 1)]
    assert torch.allclose(found["y"], data.x[:, :2] * 2)
    assert torch.equal(found["z"], data.x[:, :1])


def test_no_rows_give_no_answers():
    found = answer(TinyNet(), TinyData(5), torch.zeros(0, dtype=torch.int64), how())["y"]
    assert found.shape == (0, 3)


def test_threads_are_put_back():
    before = torch.get_num_threads()
    one = Answering(combine=mean, execution=Execution(threads=before + 1))
    seen = []

    class Watching(TinyData):
        def batch(self, index) -> Batch:
            seen.append(torch.get_num_threads())
            return super().batch(index)

    answer(TinyNet(), Watching(5), torch.arange(5), one)
    assert seen == [before + 1]
    assert torch.get_num_threads() == before


def test_a_lack_of_memory_means_smaller_batches_with_the_same_answers():
    class Greedy(TinyNet):
        def forward(self, inputs):
            if len(inputs["x"]) > 10:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().forward(inputs)

    data, rows = TinyData(50), torch.randperm(50)
    found = answer(Greedy(), data, rows, how(batch_size=64))["y"]
    assert torch.allclose(found, answer(TinyNet(), data, rows, how())["y"], atol=1e-6)
