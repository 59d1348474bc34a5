"""Pictures moved together with what lies in them: one affine map per sample.

Where a target names places in the picture (a mask, boxes), it has to move with it. All that is done
to places (crop, turn, size, shift, mirror) is drawn as one map from the new picture to the old one,
so that pictures are interpolated once. Places are in pixels, right and down from the upper left
corner; the middle of the first pixel is (.5, .5).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from lamina.core.boxes import NO_BOX, area, filled_up
from lamina.runtime.framing import GREY

LEAST_LEFT = 0.25
"""Share of the area of a box that has to stay in the picture for it to stay in the truth."""

VOID = 255
"""In a mask: a pixel of which nothing is known, or that lies outside the picture."""

_CROP_RATIO = 4 / 3

Draw = Callable[[str, int], Tensor]
"""Purpose and count to float [batch, count], uniform in [0, 1)."""


def is_mask(values: Tensor) -> bool:
    """Return whether a target of a batch of pictures is masks: uint8 [batch, height, width].

    Args:
        values: The target.
    """
    return values.ndim == 3 and values.dtype == torch.uint8


def drawn_maps(
    size: tuple[int, int],
    draw: Draw,
    is_flipped: Tensor,
    *,
    crop: float = 0.0,
    turn: float = 0.0,
    scale: float = 0.0,
    translate: int = 0,
    out: tuple[int, int] | None = None,
) -> Tensor:
    """Return a map for each sample from places in the new picture to places in the old one.

    First a part is cut out, then it is turned and shown larger or smaller about a place of its own,
    then shifted, then mirrored. A picture that is shown larger is seen through a window of the old
    size anywhere in it; one that is shown smaller lies anywhere in that window.

    Args:
        size: Height and width of the pictures.
        draw: Random numbers by purpose.
        is_flipped: bool [batch], which are mirrored left to right.
        crop: Least share of the area that is kept, in [0, 1); 0 cuts nothing.
        turn: Most degrees either way.
        scale: Most relative change of size, in [0, 1): the factor lies between 1 - scale and
            1 / (1 - scale), uniform in its logarithm.
        translate: Most pixels each way.
        out: Height and width of the new pictures; None for those of the old.

    Returns:
        float32 [batch, 2, 3].
    """
    height, width = size
    maps = torch.eye(3, device=is_flipped.device).repeat(len(is_flipped), 1, 1)
    sign = 1.0 - 2.0 * is_flipped.float()
    maps = maps @ _about(width / 2, height / 2, _matrix(sign, 0, 0, 1))
    if out is not None:
        ones = torch.ones_like(sign)
        maps = maps @ _matrix(ones * (width / out[1]), 0, 0, ones * (height / out[0]))
    if translate:
        steps = (draw("translate", 2) * (2 * translate + 1)).floor() - translate
        maps = _shift(-steps[:, 1], -steps[:, 0]) @ maps
    if turn or scale:
        u = draw("turn", 2)
        angle = (2 * u[:, 0] - 1) * math.radians(turn)
        factor = torch.exp((2 * u[:, 1] - 1) * -math.log1p(-scale))
        cosine, sine = angle.cos() / factor, angle.sin() / factor
        maps = _about(width / 2, height / 2, _matrix(cosine, -sine, sine, cosine)) @ maps
        if scale:
            # What is left of the old picture beside the window, or of the window beside it.
            free = (draw("place", 2) - 0.5) * (1 - 1 / factor).abs()[:, None]
            maps = _shift(free[:, 0] * width, free[:, 1] * height) @ maps
    if crop:
        u = draw("crop", 4)
        area = crop + (1 - crop) * u[:, 0]
        ratio = torch.exp((2 * u[:, 1] - 1) * math.log(_CROP_RATIO))
        tall, wide = (area / ratio).sqrt().clamp(max=1.0), (area * ratio).sqrt().clamp(max=1.0)
        left, top = (1 - wide) * u[:, 3] * width, (1 - tall) * u[:, 2] * height
        maps = _shift(left, top) @ _matrix(wide, 0, 0, tall) @ maps
    return maps[:, :2]


def moved_pictures(images: Tensor, maps: Tensor, size: tuple[int, int] | None = None) -> Tensor:
    """Return pictures seen through maps, interpolated, with grey where there is none.

    Args:
        images: [batch, channels, height, width], any type; brightness from 0 to 255.
        maps: float [batch, 2, 3], as `drawn_maps` gives them.
        size: Height and width of the new pictures; None for those of the old.
    """
    height, width = images.shape[2:]
    places = _places(maps, size or (height, width))
    grid = places * torch.tensor([2 / width, 2 / height], device=maps.device) - 1
    found = grid_sample(images.to(torch.float32) - GREY, grid, align_corners=False) + GREY
    is_bytes = images.dtype == torch.uint8
    return found.round_().clamp_(0, 255).to(torch.uint8) if is_bytes else found.to(images.dtype)


def moved_masks(masks: Tensor, maps: Tensor, size: tuple[int, int] | None = None) -> Tensor:
    """Return masks seen through maps: the class of the pixel that lies there, void outside.

    Args:
        masks: uint8 [batch, height, width].
        maps: float [batch, 2, 3], as `drawn_maps` gives them.
        size: Height and width of the new masks; None for those of the old.
    """
    height, width = masks.shape[1:]
    column, row = _places(maps, size or (height, width)).floor().long().unbind(3)
    is_inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    place = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
    found = masks.flatten(1).gather(1, place.flatten(1)).view_as(place)
    return torch.where(is_inside, found, VOID)


def is_boxes(values: Tensor) -> bool:
    """Return whether a target of a batch of pictures is boxes: float [batch, most, 5].

    Args:
        values: The target.
    """
    return values.ndim == 3 and values.shape[2] == 5 and values.is_floating_point()


def moved_boxes(boxes: Tensor, maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Return boxes seen through maps: the hull of their corners, cut at the border.

    Args:
        boxes: float [batch, most, 5]: class and corners, class -1 or NaN where there is none.
        maps: float [batch, 2, 3], as `drawn_maps` gives them.
        size: Height and width of the new pictures.

    Returns:
        float [batch, most, 5], class -1 where too little is left.
    """
    known = filled_up(boxes)
    turn, shift = maps[:, :, :2].to(known.dtype), maps[:, :, 2].to(known.dtype)
    x0, y0, x1, y1 = known[..., 1:].unbind(-1)
    corners = torch.stack(
        [torch.stack(corner, dim=-1) for corner in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))], dim=2
    )
    back = torch.linalg.inv(turn)
    moved = (corners - shift[:, None, None]) @ back.transpose(1, 2)[:, None]
    hull = torch.cat((moved.amin(dim=2), moved.amax(dim=2)), dim=-1)
    height, width = size
    window = torch.tensor([0.0, 0.0, width, height], device=maps.device)
    return cut_boxes(known[..., 0], hull, window.expand(len(boxes), 4))


def cut_boxes(classes: Tensor, boxes: Tensor, windows: Tensor) -> Tensor:
    """Return boxes cut at a window of their picture, float [batch, most, 5].

    Args:
        classes: float [batch, most], below 0 where there is none.
        boxes: float [batch, most, 4].
        windows: float [batch, 4]: left, top, right, bottom of what is seen.
    """
    low, high = windows[:, None, :2], windows[:, None, 2:]
    corners = [torch.minimum(torch.maximum(part, low), high) for part in boxes.split(2, dim=-1)]
    inside = torch.cat(corners, dim=-1)
    sides = inside[..., 2:] - inside[..., :2]
    is_left = sides.prod(dim=-1) > LEAST_LEFT * area(boxes)
    is_kept = (classes >= 0) & is_left & (sides.amin(dim=-1) > 1)
    return torch.cat((torch.where(is_kept, classes, NO_BOX)[..., None], inside), dim=-1)


def _places(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Return where the middles of the new pixels lie in the old pictures, [batch, ..., 2]."""
    rows = torch.arange(size[0], device=maps.device, dtype=torch.float32) + 0.5
    columns = torch.arange(size[1], device=maps.device, dtype=torch.float32) + 0.5
    by_column = columns[:, None] * maps[:, None, :, 0]
    by_row = rows[:, None] * maps[:, None, :, 1] + maps[:, None, :, 2]
    return by_row[:, :, None] + by_column[:, None]


def _matrix(a: Tensor, b: Tensor | float, c: Tensor | float, d: Tensor | float) -> Tensor:
    """Return maps about the corner, [batch, 3, 3], from the numbers of [[a, b], [c, d]]."""
    found = torch.zeros(len(a), 3, 3, device=a.device)
    found[:, 0, 0], found[:, 0, 1], found[:, 1, 0], found[:, 1, 1] = a, b, c, d
    found[:, 2, 2] = 1
    return found


def _shift(right: Tensor | float, down: Tensor | float) -> Tensor:
    """Return maps that add to places, [batch, 3, 3]."""
    ones = torch.ones_like(right) if isinstance(right, Tensor) else torch.ones(1)
    found = _matrix(ones, 0, 0, ones)
    found[:, 0, 2], found[:, 1, 2] = right, down
    return found


def _about(right: float, down: float, maps: Tensor) -> Tensor:
    """Return maps about another place than the corner."""
    back = _shift(-right, -down).to(maps.device)
    return _shift(right, down).to(maps.device) @ maps @ back
