"""Training samples and changed copies of them."""

import torch

from lamina.core.records import Batch
from lamina.data.augmentation import AugmentationConfig
from lamina.data.copies import with_copies


def test_first_weights_see_the_samples_and_their_changed_copies():
    torch.manual_seed(0)
    walks = torch.randn(3, 20, 2)
    batch = Batch({"walk": walks}, {"who": torch.tensor([2, 0, 1])}, torch.arange(3))
    config = AugmentationConfig(warp=0.3, initial=2)
    found = with_copies(batch, config, seed=0, most=100)
    assert found.inputs["walk"].shape == (9, 20, 2)
    assert torch.equal(found.inputs["walk"][:3], walks)
    assert found.targets["who"].tolist() == [2, 0, 1] * 3
    first, second = found.inputs["walk"][3:6], found.inputs["walk"][6:]
    assert not torch.allclose(first, walks)
    assert not torch.allclose(first, second)
    torch.testing.assert_close(first[:, 0], walks[:, 0])
    assert len(with_copies(batch, config, seed=0, most=7)) == 6
    assert len(with_copies(batch, config, seed=0, most=2)) == 3
    # Slower copies are longer; behind the shorter ones there is nothing.
    slower = with_copies(batch, AugmentationConfig(speed=0.5, initial=1), seed=0, most=100)
    assert slower.inputs["walk"].shape[1] == 40
    assert slower.inputs["walk"][:3, 20:].isnan().all()
