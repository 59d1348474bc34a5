"""Average precision of boxes: by hand, against the reference code, and with weights."""

import contextlib
import io

import numpy as np
import pytest

from lamina.evaluation.detection import map50, map50_95, map75, matched
from lamina.evaluation.predictions import Predictions
from lamina.runtime.boxes import candidates_in, kept_boxes
from tests.evaluation.made_boxes import boxes

REFERENCE = (0.4277547875958154, 0.131067339734031, 0.20155717208304486)
"""mAP at .5, at .75 and over all overlaps that pycocotools 2.0 gives for `boxes()`."""


def one_class(candidates: list[list[list[float]]], truth: list[list[list[float]]]) -> tuple:
    """Return answers and truth of pictures with as many boxes each: score and corners; corners."""
    values = [
        [0.0, *np.ravel([[0.0, score, *corners] for score, *corners in own])] for own in candidates
    ]
    targets = np.array([[[0.0, *corners] for corners in own] for own in truth])
    return Predictions("boxes", np.array(values), num_classes=1), targets


def test_average_precision_by_hand() -> None:
    # Sorted by score: right, wrong, right; two true boxes.
    # Precision is 1 up to a recall of 1/2 and 2/3 up to 1: (51 × 1 + 50 × 2/3) / 101.
    found, truth = one_class(
        [[[0.9, 0, 0, 10, 10], [0.8, 50, 50, 60, 60], [0.7, 20, 20, 30, 30]]],
        [[[0, 0, 10, 10], [20, 20, 30, 30]]],
    )
    assert map50(found, truth) == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert map50_95(found, truth) == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_an_overlap_decides_from_which_level_on_a_box_is_right() -> None:
    # Overlap 10 × 7 / (10 × 10) = .7: right at .5, .55, .6, .65 and .7, half of the levels.
    found, truth = one_class([[[0.9, 0, 0, 10, 7]]], [[[0, 0, 10, 10]]])
    assert map50(found, truth) == pytest.approx(1)
    assert map75(found, truth) == pytest.approx(0)
    assert map50_95(found, truth) == pytest.approx(0.5)


def test_a_true_box_counts_once() -> None:
    # Both overlap it by more than a half, and each other by less than what is left out.
    found, truth = one_class([[[0.9, 0, 0, 10, 10], [0.8, 0, 0, 5.9, 10]]], [[[0, 0, 10, 10]]])
    (own,) = matched(found, truth)
    assert own.is_right[0].tolist() == [True, False]


def test_no_box_and_no_truth() -> None:
    found, truth = boxes(6)
    none = Predictions("boxes", np.zeros((6, 3 + 6)), num_classes=3)
    assert map50(none, truth) == 0
    assert np.isnan(map50(found, np.full((6, 1, 5), -1.0)))
    assert np.isnan(map50(found, np.zeros((6, 0, 5))))
    assert map50(found, truth, weights=np.zeros((2, 6))).shape == (2,)


def test_weights_count_pictures_again() -> None:
    found, truth = boxes(20)
    random = np.random.default_rng(0)
    rows = random.integers(0, 20, (5, 20))
    weights = np.stack([np.bincount(own, minlength=20) for own in rows]).astype(float)
    for metric in (map50, map75, map50_95):
        own = metric(found, truth, weights=weights)
        wanted = [metric(found.rows(some), truth[some]) for some in rows]
        assert own == pytest.approx(np.array(wanted), abs=5e-3)  # equal scores may change places


def test_numbers_of_the_reference() -> None:
    # Of pycocotools 2.0, on the same boxes (see the next test).
    assert map50(*boxes()) == pytest.approx(REFERENCE[0], abs=1e-9)
    assert map75(*boxes()) == pytest.approx(REFERENCE[1], abs=1e-9)
    assert map50_95(*boxes()) == pytest.approx(REFERENCE[2], abs=1e-9)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_like_the_reference(seed: int) -> None:
    pytest.importorskip("pycocotools")
    found, truth = boxes(seed=seed)
    wanted = by_reference(found, truth)
    assert (map50(found, truth), map75(found, truth), map50_95(found, truth)) == pytest.approx(
        wanted, abs=1e-9
    )


def by_reference(found: Predictions, truth: np.ndarray) -> tuple[float, float, float]:
    """Return mAP at .5, at .75 and over all overlaps by pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    annotations, results = [], []
    for row, own in enumerate(truth):
        for label, x0, y0, x1, y1 in own[own[:, 0] >= 0].tolist():
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": row,
                    "category_id": int(label),
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "iscrowd": 0,
                    "area": (x1 - x0) * (y1 - y0),
                }
            )
    for row, own in enumerate(kept_boxes(candidates_in(found.values, found.num_classes))):
        for label, score, x0, y0, x1, y1 in own[own[:, 1] > 0].tolist():
            box = [x0, y0, x1 - x0, y1 - y0]
            results.append(
                {"image_id": row, "category_id": int(label), "bbox": box, "score": score}
            )
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = {
            "images": [{"id": row} for row in range(len(truth))],
            "annotations": annotations,
            "categories": [{"id": place} for place in range(found.num_classes)],
            "info": {},
        }
        known.createIndex()
        judged = COCOeval(known, known.loadRes(results), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return float(judged.stats[1]), float(judged.stats[2]), float(judged.stats[0])
