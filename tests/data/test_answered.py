"""Samples that bring their answers along."""

import torch

from lamina.data.answered import Answered
from tests.tasks.examples import encoded


def test_answers_are_inputs_and_nothing_else_is_asked() -> None:
    _, schema, dataset = encoded("text_to_text")
    index, name = torch.tensor([5, 2, 9]), schema.targets[0].name
    answered, plain = Answered(dataset), dataset.batch(index)
    batch = answered.batch(index)
    assert set(batch.inputs) == {*plain.inputs, name}
    assert torch.equal(batch.inputs[name], plain.targets[name])
    assert torch.equal(batch.index, plain.index)
    assert answered.targets_of(index) == {}
    assert answered.rows_of(index).tolist() == [5, 2, 9]
    assert answered.device == dataset.device


def test_lengths_of_answers_count() -> None:
    _, schema, dataset = encoded("text_to_text")
    order = Answered(dataset).by_length(torch.arange(len(dataset)))
    lengths = [dataset.inputs[schema.inputs[0].name].lengths, dataset.targets["answer"].lengths]
    assert torch.equal(torch.stack(lengths).sum(0)[order], torch.stack(lengths).sum(0).sort()[0])
