"""Linear probes."""

import numpy as np
import torch

from lamina.explanation.probes import linear_probe, narrowed


def test_a_line_is_read_off_and_noise_is_not():
    chance = np.random.default_rng(0)
    features = torch.from_numpy(chance.normal(size=(600, 5)).astype(np.float32))
    classes = (features[:, 0] > 0).long().numpy() + (features[:, 1] > 1).long().numpy()
    good = linear_probe(features[:, :1], (features[:, 0] > 0).long().numpy())
    assert good.value > 0.97
    assert good.low < good.value <= good.high
    nothing = linear_probe(features[:, 4:], (features[:, 0] > 0).long().numpy())
    assert nothing.low < 0.5 < nothing.high
    assert 0.4 < linear_probe(features, classes).value <= 1


def test_numbers_are_measured_by_r2():
    chance = np.random.default_rng(1)
    features = torch.from_numpy(chance.normal(size=(800, 3)).astype(np.float32))
    noise = chance.normal(size=800)
    # Half of the variance is noise.
    target = (features[:, 0].numpy() + noise)[:, None]
    assert abs(linear_probe(features, target).value - 0.5) < 0.1
    assert linear_probe(features, features[:, :2].numpy()).value > 0.99


def test_one_class_is_no_fault():
    assert linear_probe(torch.randn(40, 2), np.zeros(40, dtype=np.int64)).value == 1.0


def test_wide_features_keep_their_distances():
    features = torch.randn(30, 3_000, generator=torch.Generator().manual_seed(0))
    thin = narrowed(features)
    assert thin.shape == (30, 256)
    ratio = torch.pdist(thin) / torch.pdist(features)
    assert 0.75 < float(ratio.min()) < float(ratio.max()) < 1.25
    assert narrowed(features[:, :8]).shape == (30, 8)
