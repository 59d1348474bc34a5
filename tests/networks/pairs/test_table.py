"""Every comparison keeps its contract, with every reader that gives what it compares."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.random import draws
from lamina.networks.model import encoders_of
from lamina.networks.pairs.table import COMPARISONS
from lamina.networks.table import NETWORKS
from tests.networks.specs import text_spec

FIRST = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0], [9, 0, 0, 0]])
SECOND = torch.tensor([[5, 4, 0], [7, 8, 9], [0, 0, 0]])


def built(name, reader="text_cnn", **settings):
    torch.manual_seed(0)
    reading = NETWORKS[reader].value().build(text_spec())
    return COMPARISONS[name].value(**settings).build(reading), reading


@pytest.mark.parametrize("reader", encoders_of("text"))
@pytest.mark.parametrize("name", COMPARISONS)
def test_padding_and_the_rest_of_the_batch_do_not_count(name, reader) -> None:
    if name == "aligned" and reader in ("ngram_bag", "text_joint"):
        with pytest.raises(ConfigError, match="as a whole only"):
            built(name, reader)
        return
    compare, reading = built(name, reader)
    compare.eval(), reading.eval()
    with torch.no_grad():
        found = compare(reading, FIRST, SECOND)
        assert found.shape == (3, compare.out_features)
        assert found.isfinite().all()
        longer = torch.nn.functional.pad(FIRST, (0, 3)), torch.nn.functional.pad(SECOND, (0, 5))
        torch.testing.assert_close(compare(reading, *longer), found)
        alone = compare(reading, FIRST[1:2, :2], SECOND[1:2])
        torch.testing.assert_close(alone, found[1:2])


@pytest.mark.parametrize("name", COMPARISONS)
def test_the_order_counts_unless_it_is_symmetric(name) -> None:
    for is_symmetric in (False, True):
        compare, reading = built(name, is_symmetric=is_symmetric)
        compare.eval(), reading.eval()
        one, other = compare(reading, FIRST, SECOND), compare(reading, SECOND, FIRST)
        assert torch.allclose(one, other, atol=1e-6) == is_symmetric


@pytest.mark.parametrize("name", COMPARISONS)
def test_gradients_reach_the_reader_and_masks_do_not_depend_on_the_split(name) -> None:
    compare, reading = built(name)
    compare.train(), reading.train()
    with draws(1, 2, start=0, batch_size=3):
        whole = compare(reading, FIRST, SECOND)
    parts = []
    for start, stop in ((0, 1), (1, 3)):
        with draws(1, 2, start=start, batch_size=3):
            parts.append(compare(reading, FIRST[start:stop], SECOND[start:stop]))
    torch.testing.assert_close(torch.cat(parts), whole)
    whole.square().sum().backward()
    for module in (compare, reading):
        for parameter in module.parameters():
            assert parameter.grad is not None
            assert parameter.grad.isfinite().all()
