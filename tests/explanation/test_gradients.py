"""Where gradients reach, and where paths begin."""

import torch

from lamina.explanation.features import Columns, Words
from lamina.explanation.gradients import (
    answers_at,
    baselines_of,
    gradients_at,
    point_of,
    pooled,
    reached,
)
from lamina.explanation.question import Place, ask
from tests.explanation.made import linear, reader


def test_floats_are_reached_and_integers_only_where_their_vectors_are_known():
    assert reached(linear([1.0], [2.0], [[0.0]])) == ("0",)
    assert reached(reader([3, 4])) == ("0",)
    blind = ask(lambda x: x.sum(dim=1).float(), torch.tensor([[1, 2]]))
    assert reached(blind) == ()


def test_words_begin_at_zero_and_categories_at_their_references():
    asked = reader([3, 4])
    assert point_of(asked)["0"].shape == (1, 2, 4)
    assert baselines_of(asked)["0"].abs().sum() == 0
    table = torch.nn.Embedding(5, 3)

    class Categories(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = table

        def forward(self, ids):
            return self.table(ids).flatten(1).sum(dim=1)

    class Flat(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = table

        def forward(self, ids):
            return self.table(ids).flatten(1)

    network = torch.nn.Sequential(Flat(), torch.nn.Linear(6, 1)).eval()
    own = Columns(torch.tensor([0, 1]), torch.tensor([[2, 3], [4, 1]]))
    owners = torch.tensor([0, 0, 0, 1, 1, 1])
    asked = ask(network, torch.tensor([[1, 2]]), features=[own], places={0: Place("0", owners)})
    starts = baselines_of(asked)["0"]
    assert torch.equal(starts, table(torch.tensor([[2, 3], [4, 1]])).flatten(1))
    values, _ = pooled(asked, {"0": torch.tensor([[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]])})
    assert values["0"].tolist() == [3.0, 6.0]


def test_what_is_found_stands_in_the_order_of_the_question():
    class Both(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = torch.nn.Embedding(5, 2)

        def forward(self, numbers, ids):
            return numbers.sum(dim=1) + self.table(ids).sum(dim=(1, 2))

    asked = ask(
        Both().eval(), torch.ones(1, 3), torch.tensor([[1, 2]]),
        features=[Columns(torch.arange(3), torch.zeros(1, 3)), Words()],
        places={1: Place("table")},
    )  # fmt: skip
    values, _ = pooled(asked, point_of(asked))
    assert list(values) == ["0", "1"]
    assert len(values["0"]) == 3


def test_gradients_are_those_of_each_sample_alone():
    asked = linear([2.0, 3.0], [1.0, 4.0], [[1.0, 0.0]])
    points = {"0": torch.tensor([[0.0, 0.0], [5.0, 5.0]])}
    assert answers_at(asked, points).tolist() == [0.0, 25.0]
    assert gradients_at(asked, points)["0"].tolist() == [[2.0, 3.0], [2.0, 3.0]]
