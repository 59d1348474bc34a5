"""The schema: what each column is, why, and what was learnt about it.

`infer_schema` decides role and modality of each column from raw cells, with evidence a person can
check; `fit_schema` learns vocabularies, scales and sizes from training rows only. A fitted schema
goes into the bundle as JSON and is all that is needed to turn raw rows into tensors.
"""

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from lamina.core.errors import BundleError, DataError, NotFittedError, unknown_name
from lamina.core.records import JOINED, InputSpec, OutputSpec
from lamina.core.table import look_up
from lamina.data.modalities.base import AbstractModality, Evidence, ModalityOptions
from lamina.data.modalities.category import identifier_evidence
from lamina.data.modalities.cells import as_text, is_plain, without_missing
from lamina.data.modalities.table import MODALITIES
from lamina.data.taught import taught
from lamina.runtime.document import Fields

ROLES = ("input", "target", "ignored", "group", "series", "time", "split")
"""What a column can be there for."""

SPLIT_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training", "tr"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development"), "validation"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation", "holdout"), "test"),
}
"""By lower-case cell: the part of the data that a row is marked for."""

_SPLIT_NAME = re.compile(
    r"^(data[_ ]?)?(split|fold|subset|set|partition|usage|phase)(_name)?$", re.I
)
_EXAMINED_ROWS = 100_000
_SAID_BY_SOURCE = "the source says so"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the source."""

    name: str
    """Name in the source."""
    role: str
    """One of `ROLES`."""
    modality: str
    """Name in `MODALITIES`; "" where the role needs none."""
    evidence: str
    """Why role and modality are what they are, with figures."""
    overruled: bool = False
    """Whether the user said what it is."""
    fitted: AbstractModality | None = None
    """What was learnt about it from training rows."""


@dataclass(frozen=True, slots=True)
class Schema:
    """All columns of a source."""

    columns: tuple[Column, ...]
    """In the order of the source."""

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns a network sees."""
        return tuple(column for column in self.columns if column.role == "input")

    @property
    def targets(self) -> tuple[Column, ...]:
        """The columns a network answers."""
        return tuple(column for column in self.columns if column.role == "target")

    def with_role(self, role: str) -> Column | None:
        """Return the first column of a role, or None.

        Args:
            role: One of `ROLES`.
        """
        return next((column for column in self.columns if column.role == role), None)

    @property
    def group_name(self) -> str | None:
        """Name of the column whose equal cells stay on one side of a split; None for none.

        That of groups, or a target whose values have to be recognised where others were learnt.
        """
        column = self.with_role("group")
        if column is None:
            column = next((one for one in self.targets if _class_of(one).keeps_together), None)
        return None if column is None else column.name

    def column(self, name: str) -> Column:
        """Return a column by name.

        Args:
            name: Its name.

        Raises:
            DataError: There is no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise DataError(unknown_name("column", name, (column.name for column in self.columns)))

    def input_specs(self) -> tuple[InputSpec, ...]:
        """Return what a network must know about its inputs.

        All numbers are one input "number", all categories one input "category"; each text, picture
        or series is an input of its own. A column of several numbers is named several times.

        Raises:
            NotFittedError: `fit_schema` was not called.
        """
        specs: list[InputSpec] = []
        for kind in JOINED:
            parts = [_state(c).input_spec(c.name) for c in self.inputs if _state(c).kind == kind]
            if parts:
                specs.append(_joined(kind, parts))
        for column in self.inputs:
            if _state(column).kind not in JOINED:
                spec = _state(column).input_spec(column.name)
                specs.append(dataclasses.replace(spec, name=input_name(column.name)))
        return tuple(specs)

    def output_specs(self) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: one output per target.

        Raises:
            NotFittedError: `fit_schema` was not called.
        """
        return tuple(OutputSpec(c.name, _state(c).output_size) for c in self.targets)

    def to_document(self) -> dict[str, Any]:
        """Return the schema as JSON-like values."""
        rows = []
        for column in self.columns:
            row = {f.name: getattr(column, f.name) for f in dataclasses.fields(column)}
            row["fitted"] = None if column.fitted is None else column.fitted.to_document()
            rows.append(row)
        return {"columns": rows}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Schema":
        """Return the schema from a document.

        Args:
            document: As `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        rows = document.get("columns") if isinstance(document, Mapping) else None
        if not isinstance(rows, (list, tuple)):
            raise BundleError("the schema has no list of columns: the file is damaged.")
        columns = tuple(_column_from_document(row) for row in rows)
        if len({column.name for column in columns}) != len(columns):
            raise BundleError("two columns of the schema share a name: the file is damaged.")
        return cls(columns)


def infer_schema(
    frame: pl.DataFrame,
    *,
    targets: Sequence[str] = (),
    overrides: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    roles: Mapping[str, str | None] | None = None,
    named: Collection[str] | None = None,
    by_source: Mapping[str, str] | None = None,
) -> Schema:
    """Return role and modality of each column, not fitted yet.

    Args:
        frame: Raw cells.
        targets: Columns to be predicted.
        overrides: By column: the modality it is, or "ignored".
        ignore: Columns that must not be used.
        roles: By role the column that has it: "group" (equal cells stay on one side of a split),
            "time" (orders the rows), "series" (tells the series of a long table apart).
        named: Columns of `overrides` and `ignore` that the user named, None for all; any other
            counts as found out, with the evidence for it, where it is what would be recognised.
        by_source: By column: the modality that the source itself says it has.

    Raises:
        DataError: There are no rows or columns, a named column does not exist, or a target cannot
            be learnt.
        ConfigError: An override names no modality.
    """
    if frame.height == 0 or frame.width == 0:
        raise DataError(
            f"the data have {frame.height:,} rows and {frame.width:,} columns, and at least one of "
            "each is needed. Check the path and, for a table, its separator."
        )
    overrides = dict(overrides or {})
    ignore = set(ignore)
    named_roles = {column: role for role, column in (roles or {}).items() if column}
    for name in (*targets, *overrides, *sorted(ignore), *named_roles):
        if name not in frame.columns:
            raise DataError(unknown_name("column", name, frame.columns))
    for name, modality in overrides.items():
        if modality != "ignored":
            look_up(MODALITIES, modality, what=f"modality of column {name!r}")
    said = {
        **{name: "ignored" for name, modality in overrides.items() if modality == "ignored"},
        **dict.fromkeys(ignore, "ignored"),
        **named_roles,
    }
    for name in targets:
        if name in said:
            raise DataError(
                f"column {name!r} is named as target and as {said[name]}. Name it once only."
            )
    schema = Schema(
        tuple(
            _settle_column(
                frame[name],
                said.get(name),
                overrides.get(name),
                by_source=(by_source or {}).get(name),
                is_target=name in targets,
                is_named=named is None or name in named or name in named_roles,
            )
            for name in frame.columns
        )
    )
    if not any(_class_of(column).is_aligned for column in schema.targets):
        schema = Schema(tuple(_alone(column, frame) for column in schema.columns))
    # With times, the targets' own past can be looked at.
    if not schema.inputs and "time" not in named_roles.values():
        reasons = "; ".join(f"{c.name!r}: {c.evidence}" for c in schema.columns[:5])
        raise DataError(f"no column is left to learn from ({reasons}). Name one with a modality.")
    return schema


def fit_schema(
    schema: Schema, frame: pl.DataFrame, *, options: ModalityOptions | None = None
) -> Schema:
    """Return the schema with what training rows teach about each input and target.

    Args:
        schema: As inferred.
        frame: Raw cells of training rows, as chosen by `fit_rows`.
        options: What the user said about the fitting.

    Raises:
        DataError: A target has one class only, or a column cannot be what the user said it is.
    """
    options = options or ModalityOptions()
    columns = []
    for column in schema.columns:
        if column.role == "time":
            columns.append(_fitted_time(column, frame, options))
            continue
        if column.role not in ("input", "target"):
            columns.append(column)
            continue
        kind = look_up(MODALITIES, column.modality, what="modality")
        cells = _cells_of(frame, column.name)
        if options.is_joint and column.modality == "text":
            cells = _texts_of(schema, frame).alias(column.name)
        try:
            known = taught(cells, column.modality, column.role, options)
            fitted = known or kind.fit(cells, role=column.role, options=options)
        except DataError as error:
            if column.role == "target" or column.overruled:
                raise
            reason = f"nothing to learn from in training rows: {error}"
            columns.append(dataclasses.replace(column, role="ignored", evidence=reason))
            continue
        columns.append(dataclasses.replace(column, fitted=fitted))
    if not any(column.role in ("input", "time") for column in columns):
        reasons = "; ".join(f"{c.name!r}: {c.evidence}" for c in columns if c.role == "ignored")
        raise DataError(f"no column is left to learn from ({reasons[:500]}).")
    inputs = [c.fitted for c in columns if c.role == "input" and c.fitted is not None]
    return Schema(
        tuple(
            dataclasses.replace(column, fitted=column.fitted.beside(inputs))
            if column.role == "target" and column.fitted is not None
            else column
            for column in columns
        )
    )


def split_marks(cells: pl.Series) -> str:
    """Return why a column seems to mark the parts of the data, "" where it does not.

    Args:
        cells: Raw cells; the name must speak for it, too.
    """
    if not _SPLIT_NAME.match(cells.name) or cells.dtype != pl.String:
        return ""
    counts = as_text(cells).str.to_lowercase().value_counts()
    words = {word: count for word, count in counts.rows() if word is not None}
    parts = {SPLIT_WORDS.get(word) for word in words}
    if None in parts or "train" not in parts or len(parts) < 2:
        return ""
    return "its cells mark the parts of the data: " + ", ".join(sorted(words))


def input_name(column: str) -> str:
    """Return the name of the input that a column is which is one of its own.

    Args:
        column: Name of the column.
    """
    return f"{column} (column)" if column in JOINED else column


def recognise(
    column: pl.Series, *, role: str = "input", is_beside_aligned: bool = True
) -> tuple[str, Evidence]:
    """Return the modality that raw cells look most like, "" where none fits, with the evidence.

    Args:
        column: Raw cells.
        role: "input" or "target".
        is_beside_aligned: Whether a target may hold one thing for each element of a cell.
    """
    found = [
        (name, entry.value.recognise(column, role=role))
        for name, entry in MODALITIES.items()
        if is_beside_aligned or not entry.value.is_beside_aligned
    ]
    name, evidence = max(found, key=lambda pair: pair[1].score)
    return (name, evidence) if evidence.score > 0 else ("", evidence)


def _settle_column(
    cells: pl.Series,
    said: str | None,
    override: str | None,
    *,
    by_source: str | None,
    is_target: bool,
    is_named: bool,
) -> Column:
    """Return a column as it was said to be, or as it is recognised."""
    name = cells.name
    answered = [kind for kind, entry in MODALITIES.items() if not entry.value.is_input]
    if by_source in answered and not is_target:
        return Column(name, "ignored", "", f"the modality {by_source} is answered, never given")
    if by_source and not said and override in (None, by_source) and not _why_unusable(cells):
        role = "target" if is_target else "input"
        return Column(name, role, by_source, _SAID_BY_SOURCE)
    if not said and not override:
        return _infer_column(cells, is_target=is_target)
    if said:
        column = Column(name, said, "", "named by the user", overruled=True)
    else:
        role, reason = "target" if is_target else "input", "modality named by the user"
        column = Column(name, role, override or "", reason, overruled=True)
    if not is_named:
        with suppress(DataError):  # a target that cannot be recognised was named
            found = _infer_column(cells, is_target=is_target)
            if (found.role, found.modality) == (column.role, column.modality):
                return found
    return column


def _alone(column: Column, frame: pl.DataFrame) -> Column:
    """Return a column as it is taken where no target is aligned with it."""
    is_found = not column.overruled and column.evidence != _SAID_BY_SOURCE
    if not (column.role == "input" and is_found and _class_of(column).is_beside_aligned):
        return column
    cells = frame[column.name]
    shown = cells.gather_every(max(1, len(cells) // _EXAMINED_ROWS))
    modality, evidence = recognise(shown, is_beside_aligned=False)
    return Column(column.name, "input", modality, evidence.reason)


def _class_of(column: Column) -> type[AbstractModality]:
    return MODALITIES[column.modality].value


def _infer_column(cells: pl.Series, *, is_target: bool) -> Column:
    name = cells.name
    shown = cells.gather_every(max(1, len(cells) // _EXAMINED_ROWS))
    unusable = _why_unusable(cells)
    if unusable and is_target:
        raise DataError(f"target {name!r} cannot be learnt: {unusable}. Choose another target.")
    if unusable:
        return Column(name, "ignored", "", unusable)
    if is_target:
        return _infer_target(shown)
    marks = split_marks(shown)
    if marks:
        return Column(name, "split", "", marks)
    modality, evidence = recognise(shown)
    if not modality:
        return Column(name, "ignored", "", f"no modality fits its {cells.dtype} cells")
    if modality in ("number", "category", "boolean"):
        identifier = identifier_evidence(cells.head(_EXAMINED_ROWS))
        if identifier.score >= 0.9:
            return Column(name, "ignored", "", f"an identifier: {identifier.reason}")
    return Column(name, "input", modality, evidence.reason)


def _infer_target(shown: pl.Series) -> Column:
    modality, evidence = recognise(shown, role="target")
    if not modality:
        raise DataError(
            f"target {shown.name!r} has {shown.dtype} cells, and only numbers, categories, truth "
            f"values and tags can be predicted ({evidence.reason}). Choose another target."
        )
    if modality == "category":
        present = shown.drop_nulls()
        if len(present) > 20 and present.n_unique() == len(present):
            raise DataError(
                f"target {shown.name!r} is different in each of the {len(present):,} rows, so "
                "there are no classes to learn. Choose another target."
            )
    return Column(shown.name, "target", modality, evidence.reason)


def _why_unusable(cells: pl.Series) -> str:
    """Return why a column teaches nothing, or ""."""
    present = cells.drop_nulls()
    if cells.dtype == pl.Null or len(present) == 0:
        return f"all {len(cells):,} cells are missing"
    if not is_plain(cells):
        return ""
    if cells.dtype == pl.String:
        present = without_missing(as_text(present)).drop_nulls()
        if len(present) == 0 and cells.n_unique() == 1:
            return f"all {len(cells):,} cells are missing"
        present = as_text(cells).drop_nulls()
    if len(cells) > 1 and len(present) == len(cells) and present.n_unique() == 1:
        return f"all {len(cells):,} cells are {str(present[0])[:40]!r}"
    return ""


def _cells_of(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        raise DataError(unknown_name("column", name, frame.columns))
    return frame[name]


def _texts_of(schema: Schema, frame: pl.DataFrame) -> pl.Series:
    """Return the cells of all texts, one column after the other."""
    texts = [c.name for c in schema.columns if c.modality == "text" and c.role != "ignored"]
    return pl.concat([as_text(_cells_of(frame, name)) for name in texts])


def _state(column: Column) -> AbstractModality:
    if column.fitted is None:
        raise NotFittedError(f"column {column.name!r} is not fitted. Call fit_schema first.")
    return column.fitted


def _fitted_time(column: Column, frame: pl.DataFrame, options: ModalityOptions) -> Column:
    """Return a column of times with how its cells are written; as it is where they are none."""
    cells = _cells_of(frame, column.name)
    found = {name: MODALITIES[name].value.recognise(cells) for name in ("datetime", "number")}
    modality = max(found, key=lambda name: found[name].score)
    if not found[modality].score:
        return column
    fitted = MODALITIES[modality].value.fit(cells, role="input", options=options)
    return dataclasses.replace(column, modality=modality, fitted=fitted)


def _joined(kind: str, parts: Sequence[InputSpec]) -> InputSpec:
    columns = tuple(name for part in parts for name in part.columns)
    quantiles = [part.quantiles for part in parts if part.quantiles is not None]
    return InputSpec(
        kind,
        kind,
        columns,
        (len(columns),),
        cardinalities=tuple(size for part in parts for size in part.cardinalities),
        quantiles=np.concatenate(quantiles) if quantiles else None,
        missing=tuple(is_missing for part in parts for is_missing in _missing(part)),
    )


def _missing(part: InputSpec) -> tuple[bool, ...]:
    """Return per column whether values may be missing; unknown counts as yes."""
    return (True,) * len(part.columns) if part.missing is None else part.missing


def _column_from_document(row: Any) -> Column:
    fields = Fields(row, "a column")
    name, role = fields.text("name"), fields.text("role", ROLES)
    needs_modality = role in ("input", "target") or bool(row.get("modality"))
    modality = fields.text("modality", tuple(MODALITIES) if needs_modality else ())
    state = row.get("fitted")
    fitted = None
    if state is not None and needs_modality:
        fitted = MODALITIES[modality].value.from_document(state)
    return Column(
        name, role, modality, fields.text("evidence"), fields.boolean("overruled"), fitted
    )
