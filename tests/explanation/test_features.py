"""What features are, and what is left without them."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.explanation.features import Columns, Patches, PlacedWords, Windows, Words


def test_a_column_of_two_numbers_goes_as_one_and_takes_each_reference():
    own = Columns(torch.tensor([0, 1, 1]), torch.tensor([[10.0, 20.0, 30.0], [11.0, 21.0, 31.0]]))
    values = torch.tensor([[1.0, 2.0, 3.0]])
    assert own.count(values) == 2
    left = own.without(values, torch.tensor([[False, False], [False, True]]))
    assert left.tolist() == [
        [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]],
        [[1.0, 20.0, 30.0], [1.0, 21.0, 31.0]],
    ]
    assert own.pool(values, torch.tensor([[1.0, 2.0, 4.0]])).tolist() == [1.0, 6.0]


def test_columns_of_integers_stay_integers():
    own = Columns(torch.tensor([0, 1]), torch.tensor([[7, 8]]))
    left = own.without(torch.tensor([[1, 2]]), torch.tensor([[True, False]]))
    assert left.dtype == torch.int64
    assert left.tolist() == [[[7, 2]]]


def test_patches_at_the_edge_are_smaller_and_take_the_colour():
    own = Patches(2, torch.tensor([100.4]))
    picture = torch.zeros(1, 1, 3, 3, dtype=torch.uint8)
    assert own.grid(picture) == (2, 2)
    assert own.owners(picture)[0].tolist() == [[0, 0, 1], [0, 0, 1], [2, 2, 3]]
    left = own.without(picture, torch.tensor([[False, True, False, False]]))
    assert left.dtype == torch.uint8
    assert left[0, 0, 0].tolist() == [[0, 0, 100], [0, 0, 100], [0, 0, 0]]
    assert own.pool(picture, torch.ones(1, 1, 3, 3)).tolist() == [4.0, 2.0, 2.0, 1.0]


def test_a_text_closes_up_where_words_are_left_out():
    own = Words()
    text = torch.tensor([[5, 6, 7, 8]])
    removed = torch.tensor([[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1]], dtype=torch.bool)
    assert own.without(text, removed).squeeze(1).tolist() == [
        [5, 6, 7, 8],
        [5, 7, 0, 0],
        [1, 0, 0, 0],
    ]


def test_words_of_a_long_text_go_in_runs():
    own = Words(stride=3)
    text = torch.arange(2, 9)[None]
    assert own.count(text) == 3
    assert own.owners(text).tolist() == [0, 0, 0, 1, 1, 1, 2]
    left = own.without(text, torch.tensor([[True, False, False]]))
    assert left.tolist() == [[[5, 6, 7, 8]]]


def test_words_with_answers_of_their_own_keep_their_places() -> None:
    own = PlacedWords(torch.tensor([1, 9, 0]), stride=2)
    values = torch.tensor([[[5, 1, 2], [6, 1, 3], [7, 2, 4], [0, 0, 0]]])
    assert own.count(values) == 2
    assert own.owners(values).tolist() == [[0] * 3, [0] * 3, [1] * 3, [1] * 3]
    found = own.without(values, torch.tensor([[False, False], [True, False], [True, True]]))
    assert found.shape == (3, 1, 4, 3)
    assert torch.equal(found[0, 0], values[0])
    assert found[1, 0].tolist() == [[1, 9, 0], [1, 9, 0], [7, 2, 4], [0, 0, 0]]
    assert found[2, 0].tolist() == [[1, 9, 0]] * 3 + [[0, 0, 0]], "padding stays what it is"
    assert own.pool(values, torch.tensor([[1.0, 2.0, 4.0, 0.0]])).tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Columns(torch.tensor([0, 1]), torch.zeros(2, 3)),
        lambda: Patches(0, torch.zeros(1)),
        lambda: Words(0),
        lambda: PlacedWords(torch.zeros(3), 0),
    ],
)
def test_settings_that_cannot_be_are_refused(make):
    with pytest.raises(ConfigError, match="got"):
        make()


def test_a_window_taken_away_is_bridged_by_a_line():
    series = torch.tensor([[[0.0], [9.0], [9.0], [3.0], [4.0]]])
    own = Windows(1)
    removed = torch.tensor(
        [[False, True, True, False, False], [True, False, False, False, True], [True] * 5]
    )
    found = own.without(series, removed)[:, 0, :, 0].tolist()
    assert found[0] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert found[1] == [9.0, 9.0, 9.0, 3.0, 3.0]
    assert found[2] == [0.0] * 5


def test_windows_hold_all_channels_of_their_steps():
    series = torch.zeros(1, 5, 2)
    own = Windows(2)
    assert own.count(series) == 3
    assert own.owners(series).tolist() == [[0, 0], [0, 0], [1, 1], [1, 1], [2, 2]]
    assert own.pool(series, torch.ones(1, 5, 2)).tolist() == [4.0, 4.0, 2.0]
    with pytest.raises(ConfigError, match="at least 1 step"):
        Windows(0)
