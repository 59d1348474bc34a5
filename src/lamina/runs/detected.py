"""What a report says of boxes: each class, and pictures with what was found, missed and wrong."""

from typing import Any

import numpy as np
from torch import Tensor

from lamina.data.modalities.boxes import Boxes
from lamina.data.parts import Part
from lamina.evaluation.class_precisions import class_precisions
from lamina.evaluation.intervals import BootstrapConfig
from lamina.evaluation.predictions import Predictions
from lamina.reports.pictures import thumbnail_uri
from lamina.runtime.boxes import LEAST_SCORE, candidates_in, kept_boxes, overlaps
from lamina.runtime.masks import distinct_colours

MOST_DRAWN = 6
"""Pictures drawn of the worst, and as many as they come."""

_SIDE = 224
_LIKE = 0.5


def detected(
    found: Predictions,
    truth: np.ndarray,
    own: Boxes,
    part: Part,
    *,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Return how well each class is found, and some pictures, the worst first, as a document.

    Args:
        found: The answers.
        truth: The right boxes, float [rows, most, 5].
        own: The fitted state of the target.
        part: The samples.
        groups: Entity of each row, or None.
        seed: Seed of the run.
    """
    config = BootstrapConfig(seed=seed)
    classes = class_precisions(found, truth, names=own.classes, groups=groups, config=config)
    kept = kept_boxes(candidates_in(found.values, found.num_classes))
    told = [boxes[boxes[:, 1] >= LEAST_SCORE] for boxes in kept]
    pairs = [paired(boxes, right[right[:, 0] >= 0]) for boxes, right in zip(told, truth)]
    missed = np.array([int((~is_found).sum()) for _, is_found in pairs])
    wrong = np.array([int((~is_right).sum()) for is_right, _ in pairs])
    places = _drawn(missed + wrong)
    rows = part.rows()
    pictures = _pictures(part, places) if places else []
    colours = distinct_colours(len(own.classes))
    return {
        "class_names": list(own.classes),
        "colours": [f"#{code:06x}" for code in colours],
        "classes": classes,
        "least_score": LEAST_SCORE,
        "drawn": [
            {
                "row": int(rows[place]),
                "missed": int(missed[place]),
                "wrong": int(wrong[place]),
                "truth": thumbnail_uri(
                    drawn_over(
                        picture, truth[place][truth[place][:, 0] >= 0], pairs[place][1], colours
                    ),
                    side=_SIDE,
                ),
                "answer": thumbnail_uri(
                    drawn_over(
                        picture, np.delete(told[place], 1, axis=1), pairs[place][0], colours
                    ),
                    side=_SIDE,
                ),
            }
            for place, picture in zip(places, pictures)
        ],
    }


def paired(boxes: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which boxes are right, and which of the truth are found, at an overlap of a half.

    Args:
        boxes: float [boxes, 6], the surest first.
        truth: float [others, 5].
    """
    is_right, is_found = np.zeros(len(boxes), dtype=bool), np.zeros(len(truth), dtype=bool)
    shared = overlaps(boxes[:, 2:], truth[:, 1:]) * (boxes[:, :1] == truth[None, :, 0])
    for place in range(len(boxes) if len(truth) else 0):
        own = np.where(is_found, 0.0, shared[place])
        best = int(own.argmax())
        is_right[place] = own[best] >= _LIKE
        is_found[best] |= is_right[place]
    return is_right, is_found


def drawn_over(
    picture: np.ndarray, boxes: np.ndarray, is_good: np.ndarray, colours: tuple[int, ...]
) -> np.ndarray:
    """Return a picture with boxes in the colours of their classes; others than good ones crossed.

    Args:
        picture: uint8 [height, width, 3].
        boxes: float [boxes, 5]: class and corners.
        is_good: bool [boxes].
        colours: Of the classes, as 0xRRGGBB.
    """
    from PIL import Image, ImageDraw

    image = Image.fromarray(np.ascontiguousarray(picture))
    pen = ImageDraw.Draw(image)
    for (place, *corners), good in zip(boxes.tolist(), is_good.tolist()):
        code = colours[min(int(place), len(colours) - 1)]
        colour = (code >> 16 & 255, code >> 8 & 255, code & 255)
        pen.rectangle(corners, outline=colour, width=2)
        if not good:
            pen.line([*corners[:2], *corners[2:]], fill=colour, width=1)
            pen.line([corners[0], corners[3], corners[2], corners[1]], fill=colour, width=1)
    return np.asarray(image)


def _drawn(mistakes: np.ndarray) -> list[int]:
    """Return the rows with most mistakes, then some as they come."""
    if not len(mistakes):
        return []
    worst = np.argsort(-mistakes, kind="stable")[:MOST_DRAWN].tolist()
    even = np.unique(np.linspace(0, len(mistakes) - 1, MOST_DRAWN).round().astype(int)).tolist()
    return [*worst, *(row for row in even if row not in worst)]


def _pictures(part: Part, places: list[int]) -> list[np.ndarray]:
    """Return some pictures as the network sees them, uint8 [height, width, 3]."""
    batch = part.samples.batch(part.index[places])
    found: Tensor
    (found,) = batch.inputs.values()
    return list(found.expand(-1, 3, -1, -1).permute(0, 2, 3, 1).cpu().numpy())
