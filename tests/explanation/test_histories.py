"""What is taken away of a history, worked out by hand."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.explanation.histories import ColumnWindows, CyclePlace, SteadyColumns

GAP = float("nan")


def test_a_line_runs_over_a_window_of_one_column() -> None:
    own = ColumnWindows(("x", "y"), size=2)
    values = torch.tensor([[[0.0, 5.0], [9.0, 5.0], [9.0, GAP], [3.0, 8.0], [1.0, 8.0]]])
    assert own.names == ("x", "y")
    assert own.count(values) == 6
    assert own.owners(values).tolist() == [[0, 3], [0, 3], [1, 4], [1, 4], [2, 5]]
    removed = torch.zeros(3, 6, dtype=torch.bool)
    removed[0, 1] = True  # steps 3 and 4 of x: the line from 9 to 1
    removed[1, 4] = True  # the same of y: a gap stays one
    removed[2, :3] = True  # all of x: level at 0
    found = own.without(values, removed)
    assert found.shape == (3, 1, 5, 2)
    expected = [0.0, 9.0, 19 / 3, 11 / 3, 1.0]
    assert found[0, 0, :, 0].tolist() == pytest.approx(expected)
    torch.testing.assert_close(found[0, 0, :, 1], values[0, :, 1], equal_nan=True)
    assert found[1, 0, 2, 1].isnan()
    assert found[1, 0, 3, 1] == pytest.approx(5 + 3 * 2 / 3)
    assert found[2, 0, :, 0].tolist() == [0.0] * 5


def test_numbers_of_one_column_go_together_and_what_nobody_looks_at_stays() -> None:
    own = ColumnWindows(("a", "b", "b", ""), size=1)
    values = torch.arange(8.0).view(1, 2, 4)
    assert own.names == ("a", "b")
    assert own.count(values) == 4
    removed = torch.tensor([[False, False, True, True]])
    found = own.without(values, removed)[0, 0]
    assert found[:, 1:3].abs().sum() == 0
    assert torch.equal(found[:, [0, 3]], values[0][:, [0, 3]])
    pooled = own.pool(values, torch.tensor([[[1.0, 2, 3, 0], [4, 5, 6, 0]]]))
    assert pooled.tolist() == [1, 4, 5, 11]


def test_known_columns_keep_one_value_at_all_steps() -> None:
    own = SteadyColumns(("wave", "wave", "open"), torch.tensor([[0.0, 0, 1], [0, 0, 0]]))
    values = torch.ones(1, 4, 3)
    removed = torch.tensor([[True, False], [False, True]])
    found = own.without(values, removed)
    assert found.shape == (2, 2, 4, 3)
    assert found[0, :, :, :2].abs().sum() == 0
    assert found[0, :, :, 2].tolist() == [[1.0] * 4] * 2
    assert found[1, 0, :, 2].tolist() == [1.0] * 4
    assert found[1, 1, :, 2].tolist() == [0.0] * 4
    assert own.owners(values).shape == (4, 3)
    assert own.pool(values, values).tolist() == [8.0, 4.0]
    assert own.num_replacements == 2


def test_another_place_in_the_cycle_stands_in() -> None:
    own = CyclePlace("place", torch.tensor([1, 4]))
    values = torch.tensor([6])
    found = own.without(values, torch.tensor([[True], [False]]))
    assert found.tolist() == [[1, 4], [6, 6]]
    assert own.count(values) == 1
    assert own.owners(values).shape == ()
    assert own.num_replacements == 2


def test_wrong_use_is_told() -> None:
    with pytest.raises(ConfigError, match="at least 1 step"):
        ColumnWindows(("a",), size=0)
    with pytest.raises(ConfigError, match=r"\[replacements, 2\]"):
        SteadyColumns(("a", "b"), torch.zeros(1, 3))
