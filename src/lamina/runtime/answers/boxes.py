"""Boxes: what is seen where in the picture that came, and how sure that is."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.boxes import CANDIDATE_WIDTH, LEAST_SCORE, candidates_in, kept_boxes
from lamina.runtime.document import Fields
from lamina.runtime.framing import frame_of
from lamina.runtime.modalities.image import size_of
from lamina.runtime.signature import Answer

CORNERS = ("x0", "y0", "x1", "y1")
"""Names of the corners of a box."""

MOST_SHOWN = 50
"""Classes up to which the score of the surest box of each is a column of its own."""


@final
class Boxes(AbstractForm):
    """A list of boxes, how many they are, and how sure the surest box of each class is.

    Args:
        target: Name of the target.
        classes: Names of the classes.
        picture: Column of the pictures.
        size: Height and width of the network's picture.
        candidates: Boxes that the graph gives before those that overlap are left out.
    """

    name: ClassVar[str] = "boxes"

    def __init__(
        self,
        target: str,
        classes: tuple[str, ...],
        picture: str,
        size: tuple[int, int],
        candidates: int,
    ) -> None:
        self._classes = classes
        self._picture = picture
        self._size = size
        self._candidates = candidates
        self._names = box_names(target, classes)
        self._answers = (
            Answer(name=self._names[0], kind="boxes", target=target),
            Answer(name=self._names[1], kind="number", target=target),
            *(
                Answer(name=name, kind="probability", target=target, label=label)
                for name, label in zip(self._names[2:], classes)
            ),
        )

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target", "classes", "picture", "height", "width" and "candidates".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of boxes")
        height = fields.integer("height", least=1, most=1 << 14)
        width = fields.integer("width", least=1, most=1 << 14)
        return cls(
            fields.text("target"),
            fields.texts("classes", least=1),
            fields.text("picture"),
            (height, width),
            fields.integer("candidates", least=1, most=1 << 16),
        )

    @property
    def num_columns(self) -> int:
        """The strongest logit of each class, then the candidates."""
        return len(self._classes) + self._candidates * CANDIDATE_WIDTH

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The boxes, how many they are, and the score of the surest box of each class."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return boxes in pixels of the network's picture.

        Args:
            values: float64 [rows, columns].
        """
        kept = kept_boxes(candidates_in(values, len(self._classes)))
        scores = class_scores(values, len(self._classes)).tolist()
        return [
            box_answer(named_boxes(own, self._classes), sure, self._names)
            for own, sure in zip(kept, scores)
        ]

    def completed(
        self, answers: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return boxes in pixels of the pictures that came.

        Args:
            answers: As `read` gives them.
            rows: The raw rows that they are answers to.
        """
        found = []
        for answer, row in zip(answers, rows):
            size = size_of(row.get(self._picture))
            if size is not None:
                boxes = boxes_in_picture(answer[self._names[0]], size, network=self._size)
                answer = {**answer, self._names[0]: boxes}
            found.append(answer)
        return found


def box_names(target: str, classes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns of an answer: the boxes, their number, a score per class.

    Args:
        target: Name of the target.
        classes: Names of the classes.
    """
    shown = classes if len(classes) <= MOST_SHOWN else ()
    scores = (beside(f"score_{label}", (target,)) for label in shown)
    return (target, beside("count", (target,)), *scores)


def box_answer(
    boxes: list[dict[str, Any]], scores: Sequence[float], names: Sequence[str]
) -> dict[str, Any]:
    """Return the answer to a picture.

    Args:
        boxes: As `named_boxes` gives them.
        scores: Of the surest box of each class.
        names: Of the columns, as `box_names` gives them.
    """
    return dict(zip(names, (boxes, float(len(boxes)), *scores)))


def class_scores(values: np.ndarray, num_classes: int) -> np.ndarray:
    """Return how sure the surest box of each class is, float64 [rows, classes].

    Args:
        values: float [rows, columns], as the graph gives them.
        num_classes: Classes there are.
    """
    logits = values[:, :num_classes].astype(np.float64)
    # The tangent does not overflow where the exponential would.
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)))


def named_boxes(kept: np.ndarray, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Return boxes that are sure enough to be told, the surest first.

    Args:
        kept: float [boxes, 6], as `kept_boxes` gives those of a picture.
        classes: Names of the classes.
    """
    last = len(classes) - 1
    return [
        {
            "label": classes[min(max(round(place), 0), last)],
            "score": score,
            **dict(zip(CORNERS, corners)),
        }
        for place, score, *corners in kept[kept[:, 1] >= LEAST_SCORE].tolist()
    ]


def boxes_in_picture(
    boxes: Sequence[Mapping[str, Any]], size: tuple[int, int], *, network: tuple[int, int]
) -> list[dict[str, Any]]:
    """Return boxes of the network's picture as those of the picture that came, cut at its border.

    Args:
        boxes: With "x0", "y0", "x1" and "y1".
        size: Width and height of the picture that came.
        network: Height and width of the network's picture.
    """
    frame = frame_of(*size, width=network[1], height=network[0])
    found = []
    for box in boxes:
        points = np.array([[box["x0"], box["y0"]], [box["x1"], box["y1"]]])
        back = np.clip(frame.back(points), 0, size)
        found.append({**box, **dict(zip(CORNERS, back.ravel().tolist()))})
    return found
