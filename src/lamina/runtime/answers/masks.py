"""Masks: the class of every pixel of the picture that came, and the share of each class."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.document import Fields
from lamina.runtime.framing import frame_of
from lamina.runtime.masks import laid_back, mask_of, run_lengths, shares
from lamina.runtime.modalities.image import size_of
from lamina.runtime.signature import Answer
from lamina.runtime.sliding import Sliding, slid

MOST_SHOWN = 50
"""Classes up to which the share of each is a column of its own."""


@final
class Masks(AbstractForm):
    """The class of every pixel.

    Args:
        target: Name of the target.
        classes: Names of the classes.
        picture: Column of the pictures.
        size: Height and width of the network's picture.
        sliding: How windows lie where pictures are seen so; None where they are seen whole.
    """

    name: ClassVar[str] = "masks"

    def __init__(
        self,
        target: str,
        classes: tuple[str, ...],
        picture: str,
        size: tuple[int, int],
        *,
        sliding: Sliding | None = None,
    ) -> None:
        self._classes = classes
        self._sliding = sliding
        self._picture = picture
        self._size = size
        self._names = mask_names(target, classes)
        self._answers = (
            Answer(name=self._names[0], kind="mask", target=target),
            *(
                Answer(name=name, kind="share", target=target, label=label)
                for name, label in zip(self._names[1:], classes)
            ),
        )

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target", "classes", "picture", "height" and "width", and of pictures
                that are seen in windows "overlap".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of masks")
        height = fields.integer("height", least=1, most=1 << 14)
        width = fields.integer("width", least=1, most=1 << 14)
        return cls(
            fields.text("target"),
            fields.texts("classes", least=2),
            fields.text("picture"),
            (height, width),
            sliding=_sliding(fields, height, width),
        )

    @property
    def num_columns(self) -> int:
        """One class per pixel of the network's picture; of a window, the scores of each class."""
        numbers = len(self._classes) if self._sliding else 1
        return numbers * self._size[0] * self._size[1]

    @property
    def sliding(self) -> Sliding | None:
        """How windows lie in pictures; None where these are seen whole."""
        return self._sliding

    def of_picture(
        self, picture: np.ndarray, score: Callable[[np.ndarray], np.ndarray]
    ) -> dict[str, Any]:
        """Return the mask of a picture that is seen in windows.

        Args:
            picture: uint8 [height, width, channels].
            score: Windows to the scores of all classes, float64 [windows, scores].
        """
        assert self._sliding is not None, "asked where pictures are seen in windows"
        shape = (-1, len(self._classes), *self._size)
        mask = slid(picture, lambda windows: score(windows).reshape(shape), self._sliding)
        return mask_answer(mask, self._names)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The mask, and the share of each class."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return masks of the size of the network's picture.

        Args:
            values: float64 [rows, pixels], classes.
        """
        masks = values.astype(np.uint8).reshape(-1, *self._size)
        return [mask_answer(mask, self._names) for mask in masks]

    def completed(
        self, answers: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return masks of the size of the pictures that came.

        Args:
            answers: As `read` gives them.
            rows: The raw rows that they are answers to.
        """
        if self._sliding is not None:
            return answers
        found = []
        for answer, row in zip(answers, rows):
            size = size_of(row.get(self._picture))
            mask = mask_of(answer[self._names[0]])
            found.append(
                answer if size is None else mask_answer(mask_in_picture(mask, size), self._names)
            )
        return found


def _sliding(fields: Fields, height: int, width: int) -> Sliding | None:
    """Return how windows lie; older documents say nothing of them."""
    overlap = fields.optional_number("overlap") if "overlap" in fields.names() else None
    if overlap is None:
        return None
    if height != width or not 0 <= overlap < 1:
        raise fields.refusal("overlap", overlap, "a share below 1 of the side of square windows")
    return Sliding(height, overlap)


def mask_names(target: str, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns of an answer: the mask, and the share of each class.

    Args:
        target: Name of the target.
        classes: Names of the classes.
    """
    shown = classes if len(classes) <= MOST_SHOWN else ()
    return (target, *(beside(f"share_{label}", (target,)) for label in shown))


def mask_answer(mask: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Return the answer that a mask is.

    Args:
        mask: uint8 [height, width].
        names: Of the columns, as `mask_names` gives them.
    """
    own = shares(mask, len(names) - 1) if len(names) > 1 else []
    return dict(zip(names, [run_lengths(mask), *own]))


def mask_in_picture(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a mask of the network's picture as one of the picture that came.

    Args:
        mask: uint8 [rows, columns] of the network's picture.
        size: Width and height of the picture that came.
    """
    height, width = mask.shape
    return laid_back(mask, frame_of(*size, width=width, height=height))
