"""What goes into an exported model and what comes out: enough for a form and a test of drift.

It is made from training rows when a run is exported, and stands in the artefact as plain JSON.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from lamina.runtime.document import Fields
from lamina.runtime.errors import ConfigError
from lamina.runtime.framing import FRAMINGS
from lamina.runtime.frequency import parse_frequency

MODALITIES = (
    "number",
    "category",
    "boolean",
    "datetime",
    "text",
    "words",
    "image",
    "tags",
    "series",
    "sound",
)
"""Kinds of an input column."""

MOST_STEPS = 1 << 20
"""Steps of a history, or ahead, beyond which a file is taken for damaged."""

FILES = ("image", "sound")
"""Those whose cells are the content of files."""

ANSWER_KINDS = (
    *("class", "truth", "tags", "number", "quantile", "probability"),
    *("tag_sequence", "spans", "text", "similarity", "vector", "time", "series", "mask", "share"),
    "boxes",
)
"""Kinds of an output column; all but "probability", "quantile", "similarity", "vector" and "share"
are decisions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One input column."""

    name: str
    """Name of the column."""
    modality: str
    """One of `MODALITIES`."""
    levels: tuple[str, ...] = ()
    """Known levels of a category, a boolean or tags as text, the most frequent first."""
    shares: tuple[float, ...] = ()
    """Share of training rows that have each level, in the order of `levels`; together they may
    be less than 1 (rare, unseen and missing ones) or, for tags, more."""
    quantiles: tuple[float, ...] = ()
    """Rising quantiles of the training values, evenly spaced from the least to the greatest: of
    the numbers, of date-times in seconds since 1970, of a text's number of characters; () for
    others. So a new column can be compared with training."""
    figures: Mapping[str, tuple[float, ...]] = dataclasses.field(default_factory=dict)
    """The same of what pictures, series and sounds are like, by figure (`runtime.figures`)."""
    missing: float = 0.0
    """Share of training rows without a value."""
    num_rows: int = 0
    """Training rows that shares and quantiles were measured on; 0 where they were not counted,
    which is taken for many."""
    low: float | None = None
    """Least training value of a number, or of a date-time in seconds since 1970."""
    high: float | None = None
    """Greatest training value."""
    is_whole: bool = False
    """Whether all training values are whole numbers."""
    typical: Any = None
    """A typical cell: median, most frequent level, a date-time from the middle, a text without
    words, the mean of the series; None for pictures and sounds. A form begins with it,
    and an occlusion puts it in place of the cell."""
    height: int = 0
    """Pixels from top to bottom that pictures are brought to; 0 for others."""
    width: int = 0
    """Pixels from left to right."""
    framing: str = "crop"
    """How pictures are brought to that size, one of `runtime.framing.FRAMINGS`."""
    channels: int = 0
    """Of pictures: 1 for grey, 3 for red, green and blue; of series: numbers per step."""
    rate: int = 0
    """Of sounds: samples per second that they are brought to."""

    @property
    def has_missing(self) -> bool:
        """Whether training rows were without a value."""
        return self.missing > 0

    def to_document(self) -> dict[str, Any]:
        """Return the field as JSON-like values."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_document(cls, document: Any) -> "Field":
        """Return a field from its document.

        Args:
            document: As `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        if isinstance(document, Mapping):
            # Older files have none of these.
            document = {"figures": {}, "num_rows": 0, "rate": 0, "framing": "crop", **document}
        read = Fields(document, "an input field")
        figures = Fields(read.value("figures"), "the figures of a column")
        levels = read.texts("levels")
        return cls(
            name=read.text("name"),
            modality=read.text("modality", MODALITIES),
            levels=levels,
            shares=read.numbers("shares", count=len(levels)),
            quantiles=read.numbers("quantiles"),
            figures={name: figures.numbers(name) for name in figures.names()},
            num_rows=read.integer("num_rows", least=0),
            missing=read.number("missing"),
            low=read.optional_number("low"),
            high=read.optional_number("high"),
            is_whole=read.boolean("is_whole"),
            typical=_fixed(read.value("typical")),
            height=read.integer("height", least=0, most=1 << 14),
            width=read.integer("width", least=0, most=1 << 14),
            framing=read.text("framing", FRAMINGS),
            channels=read.integer("channels", least=0, most=1 << 12),
            rate=read.integer("rate", least=0, most=1 << 20),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One output column."""

    name: str
    """Name of the column, as `lamina predict` writes it."""
    kind: str
    """One of `ANSWER_KINDS`: "class" (a level of the target), "truth" (yes or no to one label),
    "tags" (labels joined by ";"), "number", "quantile", "probability", "tag_sequence" (a list, one
    tag per word), "spans" (a list of texts), "text" (what was written), "similarity" (a cosine),
    "vector" (a list of numbers), "mask" (runs of classes: "size", "classes", "counts"), "share" (of
    the pixels, in [0, 1]), "boxes" (a list of "label", "score", "x0", "y0", "x1" and "y1" in pixels
    of the picture), "time" (of a step ahead, ISO 8601 or a number) or "series" (whose
    steps they are, as the row names it)."""
    target: str
    """Target column that it answers."""
    label: str = ""
    """Class or label that a probability or a truth value is of; "" where it is of the decision."""
    level: float | None = None
    """Of a quantile: its level, in (0, 1)."""
    num_steps: int | None = None
    """Of what is told for each step ahead: how many steps, as a list; None for a single value."""

    def to_document(self) -> dict[str, Any]:
        """Return the answer as JSON-like values."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_document(cls, document: Any) -> "Answer":
        """Return an answer from its document.

        Args:
            document: As `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        if isinstance(document, Mapping):
            document = {"num_steps": None, **document}  # older files do not say so
        read = Fields(document, "an answer")
        return cls(
            name=read.text("name"),
            kind=read.text("kind", ANSWER_KINDS),
            target=read.text("target"),
            label=read.text("label"),
            level=read.optional_number("level"),
            num_steps=None
            if read.value("num_steps") is None
            else read.integer("num_steps", least=1, most=MOST_STEPS),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What one row is where steps ahead are answered: the past of one series.

    Each cell is a list, one cell per step, in any order of time; a single cell stands for all
    steps. Steps behind the last known one may be given for what is known of them.
    """

    time: str
    """Column of the times."""
    series: str
    """Column that names the series: one cell, which the answer repeats; "" where there is none."""
    targets: tuple[str, ...]
    """Columns of which the steps ahead are answered."""
    known: tuple[str, ...]
    """Columns whose cells are looked at in the steps ahead, too."""
    past: tuple[str, ...]
    """Other columns whose past is looked at."""
    period: int
    """Steps of the cycle; 1 for none."""
    look_back: int
    """Steps up to the last known one that are looked at; earlier ones may be left out."""
    horizon: int
    """Steps ahead that are answered."""
    step: str
    """Length of a step, such as "1 hour"."""

    def to_document(self) -> dict[str, Any]:
        """Return the history as JSON-like values."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_document(cls, document: Any) -> "History":
        """Return a history from its document.

        Args:
            document: As `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        read = Fields(document, "the history")
        step = read.text("step")
        try:
            parse_frequency(step)
        except ConfigError as error:
            raise read.refusal("step", step, "the length of a step") from error
        return cls(
            time=read.text("time"),
            series=read.text("series"),
            targets=read.texts("targets", least=1),
            known=read.texts("known"),
            past=read.texts("past"),
            period=read.integer("period", least=1, most=MOST_STEPS),
            look_back=read.integer("look_back", least=1, most=MOST_STEPS),
            horizon=read.integer("horizon", least=1, most=MOST_STEPS),
            step=step,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """What an exported model takes and gives."""

    name: str
    """Name of the run it was exported from."""
    task: str
    """Name of the task, such as "classification"."""
    fields: tuple[Field, ...]
    """Input columns, in the order of the training data."""
    answers: tuple[Answer, ...]
    """Output columns, in order."""
    error: str = "error"
    """Column that says what is wrong with a row that could not be answered; no answer has its
    name."""
    context: int | None = None
    """Tokens that are remembered of a text that is written on; None where none can be."""
    history: History | None = None
    """What a row is where it is the past of a series; None where it is a row of a table."""

    def field(self, name: str) -> Field | None:
        """Return an input column by name, or None.

        Args:
            name: Its name.
        """
        return next((field for field in self.fields if field.name == name), None)

    def to_document(self) -> dict[str, Any]:
        """Return the signature as JSON-like values."""
        return {
            "name": self.name,
            "task": self.task,
            "fields": [field.to_document() for field in self.fields],
            "answers": [answer.to_document() for answer in self.answers],
            "error": self.error,
            "context": self.context,
            "history": None if self.history is None else self.history.to_document(),
        }

    @classmethod
    def from_document(cls, document: Any) -> "Signature":
        """Return a signature from its document.

        Args:
            document: As `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        if isinstance(document, Mapping):
            document = {"context": None, "history": None, **document}  # older files lack them
        read = Fields(document, "the signature")
        has_context, told = read.value("context") is not None, read.value("history")
        inputs = tuple(Field.from_document(row) for row in read.items("fields", least=1))
        answers = tuple(Answer.from_document(row) for row in read.items("answers", least=1))
        for key, names in (("fields", inputs), ("answers", answers)):
            if len({one.name for one in names}) != len(names):
                raise read.refusal(key, [one.name for one in names], "distinct names")
        return cls(
            name=read.text("name"),
            task=read.text("task"),
            fields=inputs,
            answers=answers,
            error=read.text("error"),
            context=read.integer("context", least=1) if has_context else None,
            history=None if told is None else History.from_document(told),
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _fixed(value: Any) -> Any:
    return tuple(_fixed(item) for item in value) if isinstance(value, list) else value
