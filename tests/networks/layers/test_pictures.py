"""Pictures as networks want them."""

from dataclasses import replace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.layers.pictures import PictureScale, check_side
from tests.networks.specs import image_spec


def test_numbers_by_hand() -> None:
    # (255 / 255 - 0.5) / 0.25 = 2; (0 - 0.5) / 0.25 = -2.
    scale = PictureScale(image_spec(1, 8))
    picture = torch.tensor([[[[255, 0]]]], dtype=torch.uint8)
    torch.testing.assert_close(scale(picture), torch.tensor([[[[2.0, -2.0]]]]))
    torch.testing.assert_close(scale(picture.float()), scale(picture))


def test_without_statistics_the_range_is_centred() -> None:
    spec = replace(image_spec(1, 8), mean=(), deviation=())
    picture = torch.tensor([[[[255, 0]]]], dtype=torch.uint8)
    torch.testing.assert_close(PictureScale(spec)(picture), torch.tensor([[[[2.0, -2.0]]]]))


def test_a_channel_that_never_varies_stays_finite() -> None:
    spec = replace(image_spec(1, 8), deviation=(0.0,))
    assert PictureScale(spec)(torch.full((1, 1, 2, 2), 128)).isfinite().all()


def test_small_pictures_are_refused() -> None:
    check_side(image_spec(1, 8), 8)
    with pytest.raises(ConfigError, match="Choose a larger picture size"):
        check_side(image_spec(1, 7), 8)
