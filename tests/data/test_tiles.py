"""Windows of pictures as samples."""

import numpy as np
import pytest
import torch

from lamina.data.geometry import VOID
from lamina.data.pictures import pictures_of
from lamina.data.tiles import RARE_SHARE, Tiles, tile_places, window_places, windows_to_learn
from lamina.runtime.framing import GREY
from lamina.runtime.sliding import Sliding

SIZES = torch.tensor([[20, 33], [0, 0], [5, 8]])


def made(side: int = 8) -> Tiles:
    rng = np.random.default_rng(0)
    sizes = [(20, 33), None, (5, 8)]
    images = [None if s is None else rng.integers(0, 255, (*s, 3), dtype=np.uint8) for s in sizes]
    masks = [None if s is None else rng.integers(0, 3, s, dtype=np.uint8) for s in sizes]
    return Tiles(
        ("image", pictures_of(images, ground=GREY, channels=3)),
        ("mask", pictures_of(masks, ground=VOID)),
        side,
        tile_places(SIZES, side),
    )


def test_tiles_hold_every_pixel_once():
    tiles = made()
    index = torch.arange(len(tiles.places))
    known = sum(int((mask != VOID).sum()) for mask in tiles.targets_of(index)["mask"])
    assert known == 20 * 33 + 5 * 8
    assert tiles.rows_of(index).tolist() == [0] * 15 + [2]
    batch = tiles.batch(index[:3])
    assert batch.inputs["image"].shape == (3, 3, 8, 8)
    assert np.array_equal(
        batch.inputs["image"][1].numpy(), tiles.picture(0)[:8, 8:16].transpose(2, 0, 1)
    )


def test_a_picture_is_joined_from_what_stands_in_its_tiles():
    tiles = made()
    index = torch.arange(15)
    whole = np.random.default_rng(1).integers(0, 9, (20, 33), dtype=np.uint8)
    own = tiles.of_picture(index, whole)
    assert own.shape == (15, 8, 8)
    assert np.array_equal(tiles.joined(index, own), whole)


def test_windows_to_learn_from_overlap_and_stay_inside():
    places = window_places(SIZES, Sliding(8, 0.5))
    assert (places[:, 1] + 8 <= 20)[places[:, 0] == 0].all()
    assert places[places[:, 0] == 0][:, 2].unique().tolist()[-1] == 33 - 8
    assert places[places[:, 0] == 2].tolist() == [[2, 0, 0]]


def masks_with(spots, *, size=(64, 64), void=False):
    mask = np.zeros(size, dtype=np.uint8)
    for top, left in spots:
        mask[top, left] = 1
    if void:
        mask[:, : size[1] // 2] = VOID
    return pictures_of([mask], ground=VOID)


@pytest.mark.parametrize("side", [8, 32])
def test_windows_that_show_something_rare_are_a_third(side):
    masks = masks_with([(20, 20)])
    places = window_places(masks.sizes, Sliding(side, 0.5))
    index = windows_to_learn(masks, places, side=side, usual=0)
    assert len(set(index.tolist())) == len(index)
    shows = [
        bool((masks.windows(r, t, c, side=side) == 1).any())
        for r, t, c in (places[[n % len(places)]].unbind(1) for n in index.tolist())
    ]
    assert np.mean(shows) == pytest.approx(RARE_SHARE, abs=0.15)
    assert set((index % len(places)).tolist()) == set(range(len(places)))


def test_windows_are_listed_once_where_rare_classes_are_usual_or_missing():
    places = window_places(torch.tensor([[64, 64]]), Sliding(16, 0.5))
    nothing = windows_to_learn(masks_with([]), places, side=16, usual=0)
    assert nothing.tolist() == list(range(len(places)))
    spots = [(top, left) for top in range(2, 64, 8) for left in range(2, 64, 8)]
    every = windows_to_learn(masks_with(spots), places, side=16, usual=0)
    assert every.tolist() == list(range(len(places)))


def test_windows_of_which_nothing_is_known_are_left_out():
    masks = masks_with([], void=True)
    places = window_places(masks.sizes, Sliding(16, 0.5))
    index = windows_to_learn(masks, places, side=16, usual=0)
    assert sorted(set(places[index][:, 2].tolist())) == [24, 32, 40, 48]


def test_numbers_go_round():
    tiles = made()
    first, again = tiles.batch(torch.tensor([2])), tiles.batch(torch.tensor([2 + 16 * 3]))
    assert torch.equal(first.inputs["image"], again.inputs["image"])
    assert again.index.tolist() == [50]
