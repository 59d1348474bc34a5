"""Numbers with the answers of neighbours."""

from dataclasses import replace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.number_neighbours import NumberNeighboursConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import number_spec

ROWS = 200


def _fitted(targets, columns=("n0", "n1"), **settings):
    torch.manual_seed(0)
    spec = number_spec(3, (False,) * 3)
    defaults = {"max_rows": ROWS, "num_cells": 8, "num_neighbours": 16}
    encoder = NumberNeighboursConfig(columns=columns, **{**defaults, **settings}).build(spec)
    places = torch.randn(ROWS, 3)
    with torch.no_grad():
        encoder.initialise(places, {"y": targets(places)})
    return encoder, places


def test_it_keeps_the_contract() -> None:
    check_network(NumberNeighboursConfig(max_rows=64, num_cells=8))


def test_the_candidates_of_a_cell_are_the_nearest_to_its_middle() -> None:
    encoder, places = _fitted(lambda x: x[:, :1], num_cells=2, num_neighbours=5)
    edge, low = encoder.edges[:, 0], places[:, :2].min(dim=0).values
    middle = (edge + low) / 2
    wanted = (places[:, :2] - middle).norm(dim=1).topk(5, largest=False).indices
    assert set(encoder.candidates[0].tolist()) == set(wanted.tolist())
    assert encoder.cells(torch.cat((low, low[:1])).unsqueeze(0)).item() == 0


def test_a_row_does_not_see_its_own_target() -> None:
    # One target is far off: the row itself must not be told, its neighbours must.
    encoder, places = _fitted(lambda x: torch.zeros(len(x), 1))
    before = encoder.ask(places)
    encoder.answers[7] = 100.0
    after = encoder.ask(places)
    assert torch.equal(before[7], after[7])
    assert (after != before).any()


def test_the_answer_is_a_mean_of_targets_near_by() -> None:
    encoder, places = _fitted(lambda x: x[:, :1].sin())
    asked = encoder.ask(places)
    assert torch.corrcoef(torch.stack((asked[:, 1], places[:, 0].sin())))[0, 1] > 0.9
    assert asked.abs().max() <= 1.0


def test_classes_count_as_their_numbers() -> None:
    encoder, places = _fitted(lambda x: (x[:, 0] > 0).long())
    asked = encoder.ask(places[places[:, 0] > 1])
    assert (asked.mean() - 1).abs() < 0.1


def test_one_column_can_be_the_place() -> None:
    encoder, places = _fitted(lambda x: x[:, 2:], columns=("n2",))
    asked = encoder.ask(places)[:, 2]
    assert torch.corrcoef(torch.stack((asked, places[:, 2])))[0, 1] > 0.9


def test_wrong_settings_say_what_to_do() -> None:
    with pytest.raises(ConfigError, match="at most 2"):
        NumberNeighboursConfig(columns=("a", "b", "c"))
    with pytest.raises(ConfigError, match="at least 1"):
        NumberNeighboursConfig(num_heads=0)
    with pytest.raises(ConfigError, match="column of a place"):
        NumberNeighboursConfig(columns=("m0",)).build(number_spec())
    with pytest.raises(ConfigError, match="one number or class"):
        _fitted(lambda x: x[:, :2])
    with pytest.raises(ConfigError, match="no quantiles"):
        NumberNeighboursConfig().build(replace(number_spec(), quantiles=None))


def test_a_row_does_not_see_itself_however_far_the_others_are() -> None:
    encoder, places = _fitted(lambda x: torch.zeros(len(x), 1), num_cells=1, num_neighbours=ROWS)
    with torch.no_grad():
        encoder.scale.fill_(1e4)
        encoder.answers[7] = 100.0
        assert not encoder.ask(places[7:8]).any()
