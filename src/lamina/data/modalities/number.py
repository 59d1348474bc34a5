"""Number: a quantity.

As an input: (x - median) / interquartile range, smoothly clipped to (-3, 3) by
x / sqrt(1 + (x/3)²), of the logarithm where all are above 0 and that is much less skewed; a missing
number stays NaN, and the network learns what it means. As a target: standardised, on a logarithmic
scale only where a few values would else be all that counts (moderate skew is better learnt as it
is: the squared error is judged in the unit of the target).

Source: robust scaling with smooth clipping, Holzmüller et al. 2024, "Better by default: strong
pre-tuned MLPs and boosted trees on tabular data" (RealMLP), https://arxiv.org/abs/2407.04491.
Differs: the logarithms; the range is the fallback where the middle half is constant, as there.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import InputSpec
from lamina.data.modalities.base import (
    AbstractModality,
    Encoded,
    Evidence,
    ModalityOptions,
    none_failed,
    quantiles_of,
    read_quantiles,
)
from lamina.data.modalities.cells import ParsedNumbers, as_text, is_plain, parse_numbers
from lamina.runtime.document import Fields

CODE_NAME = re.compile(
    r"(^|[_\s.-])(zip|zipcode|zip_code|postal|postcode|plz|code)($|[_\s.-])", re.I
)
"""Names of columns whose digits are codes, not quantities."""

MAX_CLASSES = 20
"""Whole numbers with at most so many distinct values are classes when they are a target."""

_LEAST_SHARE = 0.95
_LEAST_CODES = 0.01

_INPUT_SKEWNESS = 1.0
_TARGET_SKEWNESS = 4.0


@final
@dataclass(frozen=True, kw_only=True)
class Number(AbstractModality):
    """Fitted state of a number column."""

    name: ClassVar[str] = "number"
    kind: ClassVar[str] = "number"

    role: str
    """"input" or "target"."""
    center: float
    """Subtracted, after the logarithm if there is one."""
    scale: float
    """Divided by, above 0."""
    low: float
    """Least training value."""
    high: float
    """Greatest training value."""
    transform: str = "none"
    """"none" or "log"."""
    decimal: str = "."
    """Decimal mark in cells that are text."""
    is_whole: bool = False
    """Whether all training values are whole numbers."""
    has_missing: bool = True
    """Whether training cells were missing."""
    quantiles: np.ndarray = field(compare=False)
    """float32 [1, 65], quantiles of the training values as encoded."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like numbers.

        Args:
            column: Raw cells; a name such as "zip" speaks for codes.
            role: "input" or "target"; few distinct whole numbers are no number target.
        """
        parsed = parse_numbers(column)
        if not parsed.num_present or parsed.num_numbers < _LEAST_SHARE * parsed.num_present:
            return Evidence(0.0, _share(parsed))
        if column.dtype == pl.Boolean:
            return Evidence(0.1, "the cells are truth values")
        values = parsed.values.drop_nulls()
        distinct = values.n_unique()
        reason = f"{_share(parsed)}, {distinct:,} distinct"
        is_whole = bool((values == values.round(0)).all())
        zeros = _num_leading_zeros(column)
        if zeros >= max(1.0, _LEAST_CODES * parsed.num_present):
            return Evidence(0.2, f"{reason}; {zeros:,} begin with 0, so they are codes")
        if is_whole and role == "input" and CODE_NAME.search(column.name):
            return Evidence(0.2, f"{reason}; the name says they are codes")
        if role == "target" and _are_classes(column, values, distinct=distinct, is_whole=is_whole):
            return Evidence(0.3, f"{reason}; so few whole numbers are taken as classes")
        return Evidence(0.9, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return centre, scale and quantiles of training cells.

        Args:
            column: Raw cells of training rows.
            role: "input" or "target".
            options: `log_target` says whether a target is learnt on a logarithmic scale.

        Raises:
            DataError: No cell is a number, or a target has only one value.
        """
        parsed = parse_numbers(column)
        values = parsed.values.drop_nulls().to_numpy()
        if len(values) == 0:
            raise DataError(
                f"column {column.name!r} was to be a number, but no cell of {len(column):,} is "
                "one. Choose another modality for it."
            )
        low, high = float(values.min()), float(values.max())
        transform = "none"
        if role == "target":
            transform = _transform(column.name, values, options.log_target, above=_TARGET_SKEWNESS)
            center, scale = _standard(column.name, values, transform)
        else:
            transform = _transform(column.name, values, "auto", above=_INPUT_SKEWNESS)
            center, scale = _robust(np.log(values) if transform == "log" else values)
        state = cls(
            role=role,
            center=center,
            scale=scale,
            low=low,
            high=high,
            transform=transform,
            decimal=parsed.decimal,
            is_whole=bool((values == np.round(values)).all()),
            has_missing=len(values) < len(column),
            quantiles=np.zeros((1, 65), dtype=np.float32),
        )
        encoded = state._encode(values)
        object.__setattr__(state, "quantiles", quantiles_of(encoded[:, None]))
        return state

    def encode(self, column: pl.Series) -> Encoded:
        """Return float32 [rows, 1]; NaN where missing, which fails a target.

        Args:
            column: Raw cells, of any rows.
        """
        if not is_plain(column):
            raise DataError(
                f"column {column.name!r} was learnt as numbers and now holds {column.dtype} cells. "
                "Give numbers."
            )
        parsed = parse_numbers(column, decimal=self.decimal)
        values = parsed.values.to_numpy().astype(np.float64)
        encoded = torch.from_numpy(self._encode(values).astype(np.float32))[:, None]
        if self.role == "target":
            return Encoded(encoded, encoded.isnan().squeeze(1))
        return Encoded(encoded, none_failed(len(column)))

    def decode(self, values: Tensor) -> pl.Series:
        """Return numbers in the unit of the column, kept inside the range seen in training.

        Args:
            values: float [rows] or [rows, 1], standardised.
        """
        numbers = values.detach().cpu().to(torch.float64).reshape(-1).numpy()
        numbers = numbers * self.scale + self.center
        if self.transform == "log":
            numbers = np.exp(np.minimum(numbers, 700.0))
        return pl.Series("prediction", np.clip(numbers, self.low, self.high))

    def amounts(self, values: Tensor) -> Tensor:
        """Return numbers in the unit of the column, as `decode` does, as one graph of tensors.

        Args:
            values: float [...], standardised.
        """
        numbers = values.to(torch.float64) * self.scale + self.center
        if self.transform == "log":
            numbers = torch.exp(numbers.clamp(max=700.0))
        return numbers.clamp(self.low, self.high)

    def show(self, cell: Any) -> str:
        """Return a number with at most six digits that matter.

        Args:
            cell: A raw cell.
        """
        if isinstance(cell, float):
            return f"{cell:.6g}"
        return "missing" if cell is None else str(cell)

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of one number.

        Args:
            column: Name of the column.
        """
        return InputSpec(
            "number",
            "number",
            (column,),
            (1,),
            quantiles=self.quantiles,
            missing=(self.has_missing,),
        )

    @property
    def output_size(self) -> int:
        """One number."""
        return 1

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "role": self.role,
            "center": self.center,
            "scale": self.scale,
            "low": self.low,
            "high": self.high,
            "transform": self.transform,
            "decimal": self.decimal,
            "is_whole": self.is_whole,
            "has_missing": self.has_missing,
            "quantiles": self.quantiles.tolist(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a number")
        low = fields.number("low")
        return cls(
            role=fields.text("role", ("input", "target")),
            center=fields.number("center"),
            scale=fields.number("scale", above=0.0),
            low=low,
            high=fields.number("high", above=math.nextafter(low, -math.inf)),
            transform=fields.text("transform", ("none", "log")),
            decimal=fields.text("decimal", (".", ",")),
            is_whole=fields.boolean("is_whole"),
            has_missing=fields.boolean("has_missing"),
            quantiles=read_quantiles(fields, 1),
        )

    def _encode(self, values: np.ndarray) -> np.ndarray:
        if self.role == "target":
            if self.transform == "log":
                values = np.log(np.where(values > 0, values, np.nan))
            return _scaled(values, self.center, self.scale, most=1e30)
        if self.transform == "log":
            # What lies below all training values may be 0 or less: it counts as the smallest.
            values = np.log(np.maximum(values, self.low))
        # Far outliers are cut first: their square would overflow and bring them back to 0.
        scaled = _scaled(values, self.center, self.scale, most=1e6)
        return scaled / np.sqrt(1.0 + (scaled / 3.0) ** 2)


def _scaled(values: np.ndarray, center: float, scale: float, *, most: float) -> np.ndarray:
    with np.errstate(over="ignore"):  # what overflows is infinite, and cut
        return np.clip((values - center) / scale, -most, most)


def _share(parsed: ParsedNumbers) -> str:
    text = f"{parsed.num_numbers:,} of {parsed.num_present:,} cells are numbers"
    if parsed.notation:
        text += f" ({parsed.notation})"
    if parsed.foreign and parsed.num_numbers:
        text += f"; not {', '.join(map(repr, (cell[:30] for cell in parsed.foreign)))}"
    return text


def _num_leading_zeros(column: pl.Series) -> int:
    if column.dtype != pl.String or not is_plain(column):
        return 0
    return int(as_text(column).str.contains(r"^0\d+$").sum() or 0)


def _are_classes(column: pl.Series, values: pl.Series, *, distinct: int, is_whole: bool) -> bool:
    """Whole numbers are classes; a column of floats only where it is 0 and 1 with gaps."""
    if not is_whole or distinct > MAX_CLASSES:
        return False
    return distinct <= 2 if column.dtype.is_float() else len(values) > distinct or distinct <= 2


def _robust(values: np.ndarray) -> tuple[float, float]:
    low, center, high = (float(q) for q in np.quantile(values, [0.25, 0.5, 0.75]))
    scale = high - low
    if not scale > 0:
        scale = (float(values.max()) - float(values.min())) / 2
    return center, scale if 0 < scale < math.inf else 1.0


def _standard(name: str, values: np.ndarray, transform: str) -> tuple[float, float]:
    if len(values) < 2 or values.min() == values.max():
        raise DataError(
            f"target {name!r} has the one value {values[0]:.6g} in all {len(values):,} training "
            "rows, so there is nothing to learn. Choose another target or add rows."
        )
    numbers = np.log(values) if transform == "log" else values
    return float(numbers.mean()), float(numbers.std()) or 1.0


def _transform(name: str, values: np.ndarray, wish: str, *, above: float) -> str:
    if wish == "always" and values.min() <= 0:
        raise DataError(
            f"target {name!r} has values down to {values.min():.6g}, and a logarithm needs all "
            'above 0. Set log_target to "never".'
        )
    if wish == "positive":
        return "log" if values.min() > 0 else "none"
    if wish != "auto":
        return "log" if wish == "always" else "none"
    if len(values) < 30 or values.min() <= 0:
        return "none"
    skew = _skewness(values)
    return "log" if skew > above and abs(_skewness(np.log(values))) < skew / 2 else "none"


def _skewness(values: np.ndarray) -> float:
    deviation = values.std()
    if not deviation > 0:
        return 0.0
    return float((((values - values.mean()) / deviation) ** 3).mean())
