"""What a model answered, in the one form that every metric reads."""

from dataclasses import dataclass

import numpy as np

from lamina.core.errors import DataError

WRITTEN = ("texts", "tag_sequences")
"""Kinds whose answers are written out, each as long as it needs."""

VOID = 255
"""In targets of masks: a pixel of which nothing is known."""

MEASURED = {"likelihoods": 3, "fill_ins": 4}
"""Columns of kinds that measure texts; these have no targets but themselves."""

KINDS = (
    *("classes", "labels", "numbers", "quantiles", *MEASURED, "forecasts", "embeddings"),
    "masks",
    "boxes",
    *WRITTEN,
)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Answers for some rows. The matching targets are NumPy arrays of these shapes.

    * "classes": probabilities [rows, classes]; targets int64 [rows];
    * "labels": probabilities [rows, labels]; targets 0/1 [rows, labels];
    * "numbers": values [rows, targets]; targets float [rows, targets] or [rows];
    * "quantiles": values [rows, quantiles]; targets float [rows] or [rows, 1];
    * "likelihoods": of texts, [rows, 3]: nats, tokens, bytes; targets zeros [rows], ignored;
    * "fill_ins": of texts with hidden tokens, [rows, 4]: nats, tokens, bytes, hits; likewise;
    * "forecasts": values [rows, steps × series × quantiles], targets float [rows, steps + 2,
      series]: the future, NaN where unknown, then deviation and naive error of each series;
    * "embeddings": values [rows, 2 + width]: number of the nearest identity that training showed,
      its cosine, then a vector of length 1; targets: numbers of identities, [rows] or [rows, 1];
    * "masks": uint8 [rows, pixels], the class of each pixel of the network's picture, row by row;
      targets uint8 [rows, pixels], 255 where nothing is known;
    * "boxes": values [rows, classes + 6 × candidates]: the strongest logit of each class, then
      class, score and corners of boxes in the network's picture; targets float [rows, most, 5]:
      class and corners, class -1 where there is none;
    * "texts" and "tag_sequences" (tags with blanks between): written out in `texts`, values
      [rows, 2]: nats and tokens of each as the network sees it; targets: object [rows], each a str.
    """

    kind: str
    """One of `KINDS`."""
    values: np.ndarray
    """float64 [rows, columns]: probabilities, or numbers in the unit of the target; of masks uint8,
    classes."""
    levels: tuple[float, ...] = ()
    """Of quantiles and forecasts: their levels, rising, each in (0, 1)."""
    texts: tuple[str, ...] = ()
    """Of written answers: one per row."""
    num_classes: int = 0
    """Of masks and boxes: classes there are."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(f"kind must be one of {', '.join(KINDS)}; got {self.kind!r}.")
        values = np.asarray(self.values, dtype=np.uint8 if self.kind == "masks" else np.float64)
        if values.ndim != 2:
            raise DataError(
                f"predictions must have shape [rows, columns], got {list(values.shape)}. "
                "Add a last dimension of 1 to a single column."
            )
        if self.kind == "classes" and values.shape[1] < 2:
            raise DataError("class probabilities need one column per class, so at least two.")
        if self.kind == "quantiles" and len(self.levels) != values.shape[1]:
            raise DataError(
                f"quantile predictions need one level per column: got {len(self.levels)} levels "
                f"for {values.shape[1]} columns."
            )
        if self.kind in MEASURED and values.shape[1] != MEASURED[self.kind]:
            raise DataError(
                f"{self.kind} need {MEASURED[self.kind]} columns (nats, tokens, bytes and, of what "
                f"was hidden, hits), got {values.shape[1]}."
            )
        if self.kind == "forecasts" and (
            not self.levels or values.shape[1] % len(self.levels) or 0.5 not in self.levels
        ):
            raise DataError(
                f"forecasts need a number per step, series and level, 0.5 among these: got "
                f"{values.shape[1]} columns and the levels {self.levels}."
            )
        if self.kind == "embeddings" and values.shape[1] < 3:
            raise DataError(
                "embeddings need the nearest identity, its cosine and at least one number: got "
                f"{values.shape[1]} columns."
            )
        if self.kind == "masks" and not 2 <= self.num_classes <= VOID:
            raise DataError(f"masks need 2 to {VOID} classes, got {self.num_classes}.")
        if self.kind == "boxes" and (
            self.num_classes < 1 or (values.shape[1] - self.num_classes) % 6
        ):
            raise DataError(
                f"boxes need a logit per class and 6 numbers per candidate, got {values.shape[1]} "
                f"columns for {self.num_classes} classes."
            )
        if self.kind in WRITTEN and (len(self.texts), 2) != values.shape:
            raise DataError(
                f"written answers need one text and 2 columns (nats, tokens) per row: got "
                f"{len(self.texts)} texts and values of shape {list(values.shape)}."
            )
        object.__setattr__(self, "values", values)

    @property
    def num_rows(self) -> int:
        """How many rows were answered."""
        return int(self.values.shape[0])

    @property
    def num_columns(self) -> int:
        """Classes, labels, targets or quantiles."""
        return int(self.values.shape[1])

    def decided(self) -> np.ndarray:
        """Return the hard answer: class numbers, 0/1 labels, numbers, the middle quantile, texts.

        Returns:
            int64 [rows] for classes; int64 [rows, labels] for labels (threshold 0.5); float64
            [rows, 1] nats per token where texts are measured, and the nearest known identity for
            embeddings; object [rows] for written answers; uint8 [rows, pixels] for masks; else
            float64 [rows, targets].
        """
        if self.kind == "classes":
            return self.values.argmax(1)
        if self.kind == "labels":
            return (self.values >= 0.5).astype(np.int64)
        if self.kind in MEASURED:
            return self.values[:, :1] / np.maximum(self.values[:, 1:2], 1.0)
        if self.kind == "embeddings":
            return self.values[:, :1]
        if self.kind in WRITTEN:
            return np.array(self.texts, dtype=object)
        if self.kind == "forecasts":
            return self.values[:, self.levels.index(0.5) :: len(self.levels)]
        if self.kind == "quantiles":
            middle = int(np.abs(np.asarray(self.levels) - 0.5).argmin())
            return self.values[:, middle : middle + 1]
        return self.values

    def rows(self, index: np.ndarray) -> "Predictions":
        """Return the answers for some rows.

        Args:
            index: Row numbers, or a boolean mask.
        """
        texts = tuple(np.array(self.texts, dtype=object)[index]) if self.texts else ()
        values = self.values[index]
        return Predictions(self.kind, values, self.levels, texts, self.num_classes)


def check_targets(predictions: Predictions, targets: np.ndarray) -> np.ndarray:
    """Return the targets in the shape and type that fit the predictions.

    Args:
        predictions: The answers.
        targets: The truth.

    Returns:
        int64 [rows] for classes, object [rows] for written answers, uint8 [rows, pixels] for masks,
        float64 [rows, columns] else.

    Raises:
        DataError: Shapes disagree or a class number is out of range.
    """
    targets = np.asarray(targets)
    if targets.shape[:1] != (predictions.num_rows,):
        raise DataError(
            f"targets have {targets.shape[0] if targets.ndim else 0} rows, predictions "
            f"{predictions.num_rows}; they must be the same rows in the same order."
        )
    if predictions.kind == "classes":
        classes = targets.reshape(predictions.num_rows).astype(np.int64)
        if classes.size and (classes.min() < 0 or classes.max() >= predictions.num_columns):
            raise DataError(
                f"class numbers must be from 0 to {predictions.num_columns - 1}, got "
                f"{classes.min()} to {classes.max()}."
            )
        return classes
    if predictions.kind == "masks":
        if targets.shape != predictions.values.shape or targets.dtype != np.uint8:
            raise DataError(
                f"targets of masks must be uint8 {list(predictions.values.shape)}, got "
                f"{targets.dtype} {list(targets.shape)}."
            )
        return targets
    if predictions.kind == "boxes":
        return _check_boxes(targets)
    if predictions.kind in WRITTEN:
        if targets.ndim != 1 or not all(isinstance(text, str) for text in targets):
            raise DataError(
                f"targets of written answers must be one text per row, got {targets.dtype} of "
                f"shape {list(targets.shape)}."
            )
        return targets
    if predictions.kind == "forecasts":
        columns = predictions.num_columns // len(predictions.levels)
        if targets.ndim != 3 or (targets.shape[1] - 2) * targets.shape[2] != columns:
            raise DataError(
                f"targets of forecasts must be [rows, steps + 2, series] for {columns} steps and "
                f"series, got {list(targets.shape)}."
            )
        return targets.astype(np.float64)
    numbers = targets.astype(np.float64)
    numbers = numbers[:, None] if numbers.ndim == 1 else numbers
    wanted = (
        1 if predictions.kind in ("quantiles", *MEASURED, "embeddings") else predictions.num_columns
    )
    if numbers.shape[1] != wanted:
        raise DataError(f"targets have {numbers.shape[1]} columns, predictions answer {wanted}.")
    return numbers


def _check_boxes(targets: np.ndarray) -> np.ndarray:
    if targets.ndim != 3 or targets.shape[2] != 5:
        raise DataError(
            "targets of boxes must be [rows, most, 5] (class and corners), got "
            f"{list(targets.shape)}."
        )
    return targets.astype(np.float64)
