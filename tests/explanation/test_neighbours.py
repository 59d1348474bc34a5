"""The most similar samples."""

import torch

from lamina.explanation.neighbours import Memory


def test_a_sample_is_its_own_nearest_and_scales_do_not_matter():
    features = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
    rows = torch.arange(1000, 1200)
    places, distances = Memory(features, rows).nearest(features[17], 3)
    assert rows[places[0]] == 1017
    assert distances[0] == 0
    assert distances[0] <= distances[1] <= distances[2] < 1
    stretched = torch.tensor([1.0, 1000.0, 0.001, 1.0])
    again, same = Memory(features * stretched, rows).nearest(features[17] * stretched, 3)
    assert torch.equal(again, places)
    assert torch.allclose(same, distances, atol=1e-4)


def test_the_unit_is_the_distance_of_two_samples_of_the_kind():
    features = torch.randn(2_000, 6, generator=torch.Generator().manual_seed(1))
    asked = torch.randn(6, generator=torch.Generator().manual_seed(2))
    _, distances = Memory(features, torch.arange(2_000)).nearest(asked, 2_000)
    assert 0.8 < float(distances.median()) < 1.3


def test_features_that_never_vary_and_single_samples_are_no_fault():
    places, distances = Memory(torch.ones(1, 3), torch.tensor([5])).nearest(torch.ones(3), 4)
    assert places.tolist() == [0]
    assert distances.isfinite().all()
