"""What an explanation is handed on as: plain records that become JSON.

`RowExplanation` is one row of a table, picture, text or a mix of them: for each input its features
with label, value and attribution, the method, the answer explained, and the measured check. A page,
a terminal or a server draws it without knowing the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from lamina.explanation.notebook import explanation_html


@dataclass(frozen=True, slots=True)
class FeatureAttribution:
    """What one feature contributed."""

    label: str
    """Name of the column, the word, or the steps of a window."""
    value: str
    """What stands there, as a person reads it."""
    attribution: float
    """In the unit of the answer; above 0 speaks for it."""


@dataclass(frozen=True, slots=True)
class InputAttribution:
    """What the features of one input contributed."""

    name: str
    """Name of the column, or "columns" for all columns of a table together."""
    kind: str
    """"columns", "picture", "words" or "steps"."""
    features: tuple[FeatureAttribution, ...] = ()
    """Of columns, words and windows of a series, in their order; none of a picture."""
    grid: tuple[int, int] = (0, 0)
    """Of a picture: rows and columns of patches, or of pixels; of a series: its steps, and those of
    a window."""
    heat: tuple[float, ...] = ()
    """Of a picture: what each patch contributed, row by row."""

    def numbers(self) -> tuple[float, ...]:
        """Return what was attributed, in the order of the features."""
        return self.heat or tuple(one.attribution for one in self.features)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with the ends of its 95 % interval; None where there is none."""

    value: float
    """The number."""
    low: float | None = None
    """Lower end."""
    high: float | None = None
    """Upper end."""


@dataclass(frozen=True, slots=True)
class CurveRecord:
    """Deletion and insertion, of the explanation and of random orders."""

    shares: tuple[float, ...]
    """Share of the features taken away, or put back."""
    deletion: tuple[float, ...]
    """The answer without what the explanation names first."""
    insertion: tuple[float, ...]
    """The answer with that alone."""
    random_deletion: tuple[float, ...]
    """The same in random order, on average."""
    random_insertion: tuple[float, ...]
    """The same in random order, on average."""


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What was measured about an explanation."""

    verdict: str
    """"passed", "failed", or "untold" where nothing could be measured."""
    sentence: str
    """The same in plain words with figures."""
    gain: Measured
    """Area between the insertion and the deletion curve, less that of random orders."""
    similarity: Measured | None = None
    """Rank correlation with explanations of networks with shuffled weights; None where there are no
    weights or too few features."""
    completeness_error: float | None = None
    """Of methods whose attributions add up: by how much of the change they miss."""
    num_rows: int = 1
    """Rows it was measured on."""
    num_features: int = 0
    """Features of a row, on average."""
    curves: CurveRecord | None = None
    """Where they were kept."""


@dataclass(frozen=True, slots=True)
class NeighbourRecord:
    """A training sample that the network sees as similar."""

    row: int
    """Row number in the source."""
    distance: float
    """Distance of the representations, in units of the median distance of training samples."""
    label: str
    """Its target."""
    shown: str = ""
    """The row in few words, where the source could be read."""
    picture: str = ""
    """Its picture as a data URI, where there is one."""


@dataclass(frozen=True, slots=True)
class WrittenAttribution:
    """What each part of a written answer rests on."""

    name: str
    """The input that it was written from."""
    parts: tuple[str, ...]
    """Words of the answer, in order; pieces of it where it has no words."""
    places: tuple[str, ...]
    """Features of the input, in order."""
    falls: tuple[tuple[float, ...], ...]
    """By part and place: by how much its log-probability falls when the place is taken away, and
    the answer before it stays."""
    looks: tuple[tuple[float, ...], ...] = ()
    """By part and place: the share of the attention that goes there; () where there is none."""

    def most_fallen(self, part: int, count: int = 3) -> tuple[tuple[str, float], ...]:
        """Return the places that a part rests on most, with its falls; none that rounds to 0.00.

        Args:
            part: Number of the part.
            count: How many at most.
        """
        ranked = sorted(zip(self.falls[part], self.places), reverse=True)[:count]
        return tuple((place, fall) for fall, place in ranked if round(fall, 2) > 0)


@dataclass(frozen=True, slots=True)
class RowExplanation:
    """Why a model answered a row as it did."""

    row: int
    """Row number in the data that was given."""
    answer: str
    """What is explained, such as "income is >50K"."""
    value: float
    """The number that is explained, in its unit."""
    unit: str
    """Unit of the value and of all attributions, such as "log-odds"."""
    reference: float
    """The same number with all features taken away."""
    method: str
    """Name in the table of methods."""
    inputs: tuple[InputAttribution, ...]
    """By input."""
    check: CheckRecord | None = None
    """What was measured about this explanation; None where it was not asked for."""
    probability: float | None = None
    """Of a class or a label: its probability."""
    left_out: tuple[str, ...] = ()
    """Inputs that the method cannot attribute."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The whole text of each input that is one."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """Each picture as the network sees it, as a data URI."""
    lines: Mapping[str, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    """The lines of each series, over equal steps."""
    neighbours: tuple[NeighbourRecord, ...] = ()
    """Training samples that the network sees as similar, nearest first."""
    written: WrittenAttribution | None = None
    """Of an answer that is written token by token: what each part of it rests on."""

    def to_document(self) -> dict[str, Any]:
        """Return the explanation as JSON-like values."""
        return {"schema": 1, **_plain(self)}

    def _repr_html_(self) -> str:
        """Return the explanation for notebooks."""
        return explanation_html(self)

    def top(self, count: int = 5) -> tuple[tuple[str, str, float], ...]:
        """Return input, label and attribution of the features that count most, by size.

        Args:
            count: How many.
        """
        found = [
            (own.name, own.features[i].label if own.features else str(i), value)
            for own in self.inputs
            for i, value in enumerate(own.numbers())
        ]
        return tuple(sorted(found, key=lambda part: -abs(part[2]))[:count])


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value != value:
        return None
    return value
