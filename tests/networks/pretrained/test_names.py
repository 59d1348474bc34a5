"""From their names to ours."""

import pytest
import torch
from torch import nn

from lamina.core.errors import BundleError
from lamina.networks.pretrained.names import (
    Names,
    Row,
    Wanted,
    at_places,
    joined,
    linear,
    take_weights,
    turned,
    words,
)

GIVEN = {
    "net.0.LayerNorm.gamma": torch.ones(2, 3),
    "0.LayerNorm.beta": torch.ones(2),
    "head.weight": torch.ones(1),
}
NAMES = Names(rows=linear("{i}", "{i}.LayerNorm"), prefix="net", useless=("head.*",))
NAMES = Names(rows=at_places(NAMES.rows, [{"i": 0}]), prefix="net", useless=("head.*",))


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 2))


def test_prefixes_old_spelling_and_useless_heads() -> None:
    module = network()
    take_weights(module, GIVEN, NAMES)
    assert module[0].weight.tolist() == [[1.0] * 3] * 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"0.LayerNorm.beta": None}, "lack the tensor '0.LayerNorm.bias'"),
        ({"0.LayerNorm.beta": torch.ones(5)}, r"the shape \(5,\), wanted \(2,\)"),
        ({"other.weight": torch.ones(1)}, "no place for: 'other.weight'"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_changed(change, why) -> None:
    module = network()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    given = {name: value for name, value in (GIVEN | change).items() if value is not None}
    with pytest.raises(BundleError, match=why):
        take_weights(module, given, NAMES)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_network_with_more_than_the_published_one_is_refused() -> None:
    with pytest.raises(BundleError, match=r"has '1\.weight', which the published one has not"):
        take_weights(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2)), GIVEN, NAMES)


def test_tensors_that_cannot_be_joined_are_named() -> None:
    row = Row("0.bias", ("0.LayerNorm.weight", "0.LayerNorm.bias"))
    names = Names(rows=(NAMES.rows[0], row), prefix="net", useless=("head.*",))
    with pytest.raises(BundleError, match="do not fit together"):
        take_weights(network(), GIVEN, names)


def test_makers_by_hand() -> None:
    wanted = Wanted(torch.Size([4, 1]), 1)
    table = torch.tensor([[7.0], [8.0], [9.0]])
    assert words([table], wanted).tolist() == [[0.0], [8.0], [7.0], [8.0]]
    with pytest.raises(BundleError, match="5 pieces, but the weights have vectors of 3"):
        words([table], Wanted(torch.Size([7, 1]), 1))
    assert turned([table], wanted).tolist() == [[7.0, 8.0, 9.0]]
    assert joined([table, table], wanted).shape == (6, 1)
