"""Random numbers are pure functions of their keys."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.random import (
    derive,
    draws,
    folded,
    generator,
    keyed_mask,
    keyed_uniform,
    permutation,
    sample_uniform,
)


def test_derive_depends_on_every_argument() -> None:
    seeds = {derive(0, "a"), derive(1, "a"), derive(0, "b"), derive(0, "a", 0), derive(0, "a", 1)}
    assert len(seeds) == 5
    assert all(0 <= seed < 2**62 for seed in seeds)


def test_derive_is_fixed_for_ever() -> None:
    # A change here would change every run that is resumed or reproduced.
    assert derive(0, "order", 3) == derive(0, "order", 3)
    assert torch.rand(1, generator=generator(7, "x")) == torch.rand(1, generator=generator(7, "x"))


def test_permutation_differs_by_epoch_and_holds_all() -> None:
    first, second = permutation(0, "order", 0, 50), permutation(0, "order", 1, 50)
    assert sorted(first.tolist()) == list(range(50))
    assert not torch.equal(first, second)


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=20, unique=True), st.integers(0, 99))
def test_a_samples_numbers_do_not_depend_on_its_neighbours(index: list[int], epoch: int) -> None:
    together = sample_uniform(5, "crop", epoch, torch.tensor(index), 3)
    alone = torch.cat([sample_uniform(5, "crop", epoch, torch.tensor([i]), 3) for i in index])
    assert torch.equal(together, alone)


def test_sample_uniform_is_uniform_and_uncorrelated() -> None:
    numbers = sample_uniform(1, "crop", 0, torch.arange(200_000), 2)
    assert (numbers >= 0).all()
    assert (numbers < 1).all()
    counts = torch.histc(numbers[:, 0], bins=20, min=0, max=1)
    # Binomial(200000, 1/20): mean 10000, deviation 97; five deviations are 490.
    assert (counts - 10_000).abs().max() < 490
    assert torch.corrcoef(numbers.T)[0, 1].abs() < 0.02
    later = sample_uniform(1, "crop", 1, torch.arange(200_000), 1)
    assert torch.corrcoef(torch.stack([numbers[:, 0], later[:, 0]]))[0, 1].abs() < 0.02


def test_masks_of_parts_are_parts_of_the_mask() -> None:
    device = torch.device("cpu")
    with draws(3, 10, start=0, batch_size=8):
        whole = [keyed_uniform((8, 4), device), keyed_uniform((8, 2), device)]
    for start in (0, 2, 4, 6):
        with draws(3, 10, start=start, batch_size=8):
            parts = [keyed_uniform((2, 4), device), keyed_uniform((2, 2), device)]
        for part, full in zip(parts, whole):
            assert torch.equal(part, full[start : start + 2])


def test_masks_differ_by_step_and_call() -> None:
    device = torch.device("cpu")
    with draws(3, 10, start=0, batch_size=4):
        first, second = keyed_uniform((4, 4), device), keyed_uniform((4, 4), device)
    with draws(3, 11, start=0, batch_size=4):
        third = keyed_uniform((4, 4), device)
    assert not torch.equal(first, second)
    assert not torch.equal(first, third)


def test_outside_a_pass_numbers_come_from_pytorch() -> None:
    torch.manual_seed(1)
    first = keyed_uniform((2, 2), torch.device("cpu"))
    torch.manual_seed(1)
    assert torch.equal(first, torch.rand(2, 2))


def test_a_keyed_mask_is_the_same_however_the_batch_is_split() -> None:
    device = torch.device("cpu")
    with draws(1, 2, start=0, batch_size=9):
        whole = keyed_mask((9, 5), 0.3, device)
    with draws(1, 2, start=4, batch_size=9):
        part = keyed_mask((3, 5), 0.3, device)
    assert torch.equal(part, whole[4:7])


def test_a_keyed_mask_is_false_for_its_share() -> None:
    torch.manual_seed(0)
    for rate in (0.0, 0.1, 0.5, 0.99):
        mask = keyed_mask((1000, 400), rate, torch.device("cpu"))
        assert abs(float((~mask).float().mean()) - rate) < 0.003
        # No place of the four that share a draw differs from the others.
        shares = (~mask).float().view(-1, 4).mean(dim=0)
        assert float((shares - rate).abs().max()) < 0.006


def test_masks_of_folded_samples_do_not_depend_on_how_a_batch_is_split() -> None:
    def mask(start: int, rows: int) -> torch.Tensor:
        with draws(1, 2, start=start, batch_size=6), folded(3):
            return keyed_mask((3 * rows, 5), 0.5, torch.device("cpu"))

    assert torch.equal(torch.cat([mask(0, 2), mask(2, 4)]), mask(0, 6))
    with draws(1, 2, start=0, batch_size=6):
        with folded(3):
            pass
        assert keyed_uniform((6, 2), torch.device("cpu")).shape == (6, 2)
    with folded(3):
        assert keyed_uniform((4, 2), torch.device("cpu")).shape == (4, 2)
