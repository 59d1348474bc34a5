"""Tests of mixup and CutMix."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import Batch
from lamina.data.augmentation import AugmentationConfig
from lamina.data.mixing import mix


def batch(size=64, num_classes=4):
    """Each picture is of one shade, which tells its sample."""
    index = torch.randperm(1000, generator=torch.Generator().manual_seed(0))[:size]
    shade = torch.arange(size, dtype=torch.float32).view(-1, 1, 1, 1) + 100
    return Batch(
        {"photo": shade.expand(size, 1, 10, 10).clone()},
        {"y": torch.arange(size) % num_classes, "z": shade.view(size, 1)},
        index,
    )


def run(whole, **settings):
    config = AugmentationConfig(**settings)
    return mix(whole, config, num_classes={"y": 4}, seed=0, epoch=0)


@pytest.mark.parametrize("settings", [{"mixup": 0.4}, {"cutmix": 1.0}, {"mixup": 1, "cutmix": 1}])
def test_targets_are_mixed_in_the_share_of_the_pixels(settings):
    whole = batch()
    mixed = run(whole, **settings)
    # The mean shade of a picture is its mixed number target, for both ways of mixing.
    mean = mixed.inputs["photo"].mean((1, 2, 3))
    torch.testing.assert_close(mean, mixed.targets["z"][:, 0], rtol=1e-4, atol=1e-3)
    assert mixed.targets["y"].shape == (64, 4)
    torch.testing.assert_close(mixed.targets["y"].sum(1), torch.ones(64))
    assert not torch.equal(mixed.inputs["photo"], whole.inputs["photo"])


def test_cutmix_pastes_one_box_and_mixup_blends_everywhere():
    cut = run(batch(), cutmix=1.0).inputs["photo"]
    assert all(len(picture.unique()) <= 2 for picture in cut)
    assert any(len(picture.unique()) == 2 for picture in cut)
    blended = run(batch(), mixup=1.0).inputs["photo"]
    assert all(len(picture.unique()) == 1 for picture in blended)


def test_the_order_of_the_batch_does_not_matter():
    whole = batch()
    order = torch.randperm(64)
    turned = Batch(
        {name: v[order] for name, v in whole.inputs.items()},
        {name: v[order] for name, v in whole.targets.items()},
        whole.index[order],
    )
    one, two = run(whole, mixup=0.5, cutmix=0.5), run(turned, mixup=0.5, cutmix=0.5)
    assert torch.equal(one.inputs["photo"][order], two.inputs["photo"])
    assert torch.equal(one.targets["y"][order], two.targets["y"])


def test_bytes_stay_bytes_and_a_single_sample_stays_itself():
    whole = batch()
    as_bytes = Batch({"photo": whole.inputs["photo"].to(torch.uint8)}, whole.targets, whole.index)
    assert run(as_bytes, mixup=1.0).inputs["photo"].dtype == torch.uint8
    alone = whole.rows(0, 1)
    torch.testing.assert_close(run(alone, mixup=1.0).inputs["photo"], alone.inputs["photo"])


def test_shares_have_the_moments_of_their_beta_distribution():
    # With targets 0 and 1 alternating, the soft target of a mixed pair shows the share.
    for strength, variance in ((1.0, 1 / 12), (0.5, 1 / 8), (0.2, 1 / (4 * 1.4))):
        index = torch.arange(20_000)
        whole = Batch({"p": torch.zeros(20_000, 1, 1, 1)}, {"y": index % 20_000}, index)
        whole = Batch(whole.inputs, {"z": (index % 2).float()[:, None]}, index)
        mixed = mix(
            whole, AugmentationConfig(mixup=strength), num_classes={}, seed=0, epoch=0
        ).targets["z"][:, 0]
        # E[share] = 1/2 and var = 1 / (4 (2a + 1)); a share of pairs have equal ends.
        ends = whole.targets["z"][:, 0]
        share = torch.where(ends == 1, mixed, 1 - mixed)
        different = (share < 1).logical_and(share >= 0)
        assert share[different].mean().item() == pytest.approx(0.5, abs=0.02)
        assert share[different].var().item() == pytest.approx(variance, rel=0.1)


def test_nothing_asked_changes_nothing_and_foreign_inputs_are_refused():
    whole = batch()
    assert run(whole) is whole
    both = Batch({**whole.inputs, "number": torch.rand(64, 2)}, whole.targets, whole.index)
    with pytest.raises(ConfigError, match="number"):
        run(both, mixup=0.5)
    with pytest.raises(ConfigError, match="number of classes"):
        mix(whole, AugmentationConfig(mixup=0.5), num_classes={}, seed=0, epoch=0)
