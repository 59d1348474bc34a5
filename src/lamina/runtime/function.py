"""An exported model as a function of raw rows.

```python
from lamina.runtime.function import load

function = load("adult.onnx")
print(function.predict([{"age": 39, "education": "Bachelors"}]))
```
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.answers.table import FORMS
from lamina.runtime.artefact import read_artefact
from lamina.runtime.cells import plain_cell
from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError, DataError, unknown_name
from lamina.runtime.hearing import heard_on, listener_of
from lamina.runtime.histories import Histories
from lamina.runtime.lengths import groups
from lamina.runtime.modalities.base import AbstractReader
from lamina.runtime.modalities.image import ImageReader
from lamina.runtime.modalities.sound import LOUDEST
from lamina.runtime.modalities.table import READERS
from lamina.runtime.modalities.text import TextReader
from lamina.runtime.pieces import FIRST_PIECE, Pieces
from lamina.runtime.prepared import Prepared
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.session import AbstractGraph, GraphSession, Session
from lamina.runtime.signature import Signature
from lamina.runtime.sound_blocks import heard_blocks
from lamina.runtime.tracing import Tracing
from lamina.runtime.transcript_segments import Segment
from lamina.runtime.transcription import Listener, segments_of
from lamina.runtime.writers.next_token import NextToken
from lamina.runtime.writers.steps import Run
from lamina.runtime.writers.table import WRITERS
from lamina.runtime.writing import Writing, WritingConfig

BATCH_ROWS = 256
"""Most rows that go through the graph at once."""

JOINED = ("number", "category")
"""Kinds of which several columns are one input of the graph."""

Graph = Callable[[Mapping[str, np.ndarray]], np.ndarray]
"""Encoded inputs by name to float64 [rows, columns]."""


@final
class Function:
    """The whole function from raw rows to answers.

    Args:
        document: Signature, columns, inputs and form of the answers; from a file that may be
            damaged.
        graph: Runs the network on encoded inputs.
        identity: Hash of the artefact.
        check: Test vectors and certificate.

    Raises:
        BundleError: The document is damaged.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        graph: Graph,
        *,
        identity: str,
        check: Mapping[str, Any] | None = None,
    ) -> None:
        fields = Fields(document, "the model")
        self.signature = Signature.from_document(fields.value("signature"))
        """What goes in and what comes out."""
        self.identity = identity
        """SHA-256 of the artefact, 64 hexadecimal digits."""
        self.check: Mapping[str, Any] = check or {}
        """Test vectors and certificate."""
        self._graph = graph
        readers = _readers(fields)
        self._histories = _histories(fields, self.signature, readers)
        self._inputs = _inputs(fields, self.signature, readers) if not self._histories else ()
        self._padded = tuple(one.name for one in self._inputs if one.is_padded)
        history = self.signature.history
        optional = "" if history is None else history.series
        self._names = [field.name for field in self.signature.fields if field.name != optional]
        self._form = _form(fields.value("form"))
        is_writer = isinstance(graph, NextToken)
        kinds = [one.kind for one in self._inputs]
        if is_writer != (self.signature.context is not None) or (is_writer and kinds != ["text"]):
            raise BundleError("the search for texts does not fit the signature: it is damaged.")
        if self._form.answers != self.signature.answers:
            raise BundleError("the answers do not fit the signature: the file is damaged.")
        if (self._form.sliding is not None) != any(map(_is_cut, readers.values())):
            raise BundleError("the answers do not fit how pictures are read: the file is damaged.")

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return one answer per row, with the columns and values of `lamina predict`.

        A cell may be a number, a text, a truth value, None, a date-time (or text), bytes (an
        encoded picture or recording), an array uint8 [height, width] or [height, width, channels],
        a list of texts (tags), or a list of numbers or of lists of them (a series). Where the
        signature has a history, a row is the past of one series: a list of cells per column.
        A cell that a row lacks is missing; one of the wrong type counts as its
        modality says: as missing or unseen. A row that cannot be answered, because its picture
        cannot be read, has None in every column and the reason under `signature.error`.

        Args:
            rows: Raw rows by column; other columns are not looked at.

        Raises:
            DataError: A column is missing in every row.
            BundleError: The graph fails.
        """
        self._check_columns(rows)
        found: list[dict[str, Any]] = []
        # Large pictures are held one at a time.
        size = BATCH_ROWS if self._form.sliding is None else 1
        for start in range(0, len(rows), size):
            found += self._predict(rows[start : start + size])
        return found

    def values(self, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Return the graph's numbers, float64 [rows, columns]: NaN where a row has no answer.

        Args:
            rows: Raw rows by column.

        Raises:
            DataError: A column is missing in every row, or rows are answered in many windows.
            BundleError: The graph fails.
        """
        self._check_columns(rows)
        if self._form.sliding is not None:
            raise DataError("a picture is answered in many windows: ask `predict` for answers.")
        found = np.full((len(rows), self._form.num_columns or 0), np.nan)
        for start in range(0, len(rows), BATCH_ROWS):
            prepared = self.prepare(rows[start : start + BATCH_ROWS])
            if prepared.rows:
                values = self.answer(prepared.inputs)
                found = _widened(found, values.shape[1])
                found[start + np.array(prepared.rows), : values.shape[1]] = values
        return found

    def write(self, config: WritingConfig, sampling: SamplingConfig | None = None) -> Writing:
        """Return texts that go on from a prompt, to be taken step by step.

        Only what is taken is computed; each step is one token of every text.

        Args:
            config: Prompt, number, length, seed, and where texts end.
            sampling: How tokens are drawn.

        Raises:
            DataError: The model writes no texts.
        """
        writer = self._graph
        if not isinstance(writer, NextToken):
            raise DataError(f"the model {self.signature.name!r} writes no texts.")
        reader = self._inputs[0].columns[0][1]
        assert isinstance(reader, TextReader), "checked when it was loaded"
        pieces = Pieces(reader.words)
        marks = pieces.marks()
        strand = writer.strand(
            reader.read([config.prompt]).values[0].tolist(),
            num_texts=config.num_texts,
            num_tokens=config.num_tokens,
            config=sampling or SamplingConfig(),
            seed=config.seed,
            # In a running text a mark is no end: it stands between passages.
            banned=[m for m in marks if writer.is_running or m < FIRST_PIECE],
        )
        return Writing(strand, config, bytes_of=pieces.bytes_of, ends=marks)

    def transcribe(
        self, sound: Any, *, rate: int | None = None, delay_s: float | None = None
    ) -> Iterator[Segment]:
        """Yield what is said in a sound of any length, each segment as soon as it is certain.

        Args:
            sound: Path of a file, an open binary file, or blocks (see `sound_blocks`).
            rate: Samples per second of raw samples and of blocks.
            delay_s: Seconds within which a sound is to be heard; None for the fewest windows.

        Raises:
            DataError: The model writes no transcripts, or the sound cannot be read.
            BundleError: The file is too old for that.
        """
        listener = self._listener()
        blocks = heard_blocks(sound, listener.rate, rate=rate)
        return segments_of(listener, blocks, delay_s=delay_s)

    def trace(self, row: Mapping[str, Any]) -> Tracing:
        """Return the answer of free length to a row, to be measured given other rows.

        Args:
            row: Raw cells by column.

        Raises:
            DataError: The answers are neither texts nor tags of words, the row cannot be read, or
                its sound is longer than is heard at a time.
            BundleError: The graph fails.
        """
        prepared = self.prepare([row])
        if prepared.errors:
            raise DataError(prepared.errors[0])
        values = self.answer(prepared.inputs)
        (answer,) = self._form.completed(self._form.read(values), [row])
        if self._form.hears_on and self._predict([row]) != [answer]:
            raise DataError(
                "the sound is longer than is heard at a time. Cut it to explain a part."
            )
        return Tracing(answer, self._form.trace(row, values[0], self._graph), self.prepare)

    def prepare(self, rows: Sequence[Mapping[str, Any]]) -> Prepared:
        """Return rows as the graph sees them.

        Args:
            rows: Raw rows by column.
        """
        if self._histories is not None:
            return self._histories.prepare(rows)
        parts: list[list[np.ndarray]] = []
        errors: dict[int, str] = {}
        for planned in self._inputs:
            own = []
            for name, reader in planned.columns:
                read = reader.read([plain_cell(row.get(name)) for row in rows])
                own.append(read.values)
                for row, what in read.errors.items():
                    errors.setdefault(row, f"column {name!r}: {what}")
            parts.append(own)
        kept = [row for row in range(len(rows)) if row not in errors] if errors else None
        inputs = {
            planned.name: planned.joined(own, kept) for planned, own in zip(self._inputs, parts)
        }
        usable = tuple(range(len(rows))) if kept is None else tuple(kept)
        return Prepared(inputs, usable, errors)

    def answer(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the graph's numbers of prepared rows, float64 [rows, columns].

        Args:
            inputs: Arrays by name, as `prepare` gives them.

        Raises:
            BundleError: The graph fails.
        """
        found: np.ndarray | None = None
        for rows, own in groups(inputs, self._padded):
            values = self._run(own)
            if rows is None:
                return values
            if found is None:
                found = np.full((len(inputs[self._padded[0]]), values.shape[1]), np.nan)
            found = _widened(found, values.shape[1])
            found[rows, : values.shape[1]] = values
        assert found is not None, "there is one group at least"
        return found

    def _predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        prepared = self.prepare(rows)
        if self._form.sliding is not None:
            ((name, pictures),) = prepared.inputs.items()
            answers = [
                self._form.of_picture(one, lambda windows: self._run({name: windows}))
                for one in pictures
            ]
        else:
            answers = self._form.read(self.answer(prepared.inputs)) if prepared.rows else []
        usable = [rows[row] for row in prepared.rows]
        if self._form.hears_on:
            (one,) = self._inputs
            own = [row.get(one.columns[0][0]) for row in usable]
            answers = heard_on(
                self._form, self._listener(), answers, prepared.inputs[one.name], own
            )
        answers = self._form.completed(answers, usable)
        if self._histories is not None:
            answers = self._histories.completed(answers, usable, prepared.origins)
        if not prepared.errors:
            return answers
        nothing = dict.fromkeys(answer.name for answer in self.signature.answers)
        by_row = dict(zip(prepared.rows, answers))
        return [
            by_row[row]
            if row in by_row
            else {**nothing, self.signature.error: prepared.errors[row]}
            for row in range(len(rows))
        ]

    def _listener(self) -> Listener:
        """Return what hears sounds of any length."""
        readers = [reader for one in self._inputs for _, reader in one.columns]
        return listener_of(self._form, readers, self._inputs[0].name, self._run)

    def _run(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return what the graph answers at once."""
        values = self._graph(inputs)
        wanted = self._form.num_columns
        if values.ndim != 2 or values.shape[1] != (values.shape[1] if wanted is None else wanted):
            raise BundleError(
                f"the graph must answer [rows, {self._form.num_columns}], got "
                f"{list(values.shape)}: the file is damaged."
            )
        return values

    def _check_columns(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        first = rows[0]
        for name in self._names:
            if name not in first and not any(name in row for row in rows):
                known = sorted({str(key) for row in rows[:100] for key in row})
                raise DataError(
                    f"the column {name!r} that the model needs is missing; the rows have "
                    f"{', '.join(map(repr, known[:20])) or 'no column'}."
                    f"{_nearest(name, known)}"
                )


@dataclass(frozen=True, slots=True)
class _Input:
    """One input of the graph and the columns that it is made of."""

    name: str
    kind: str
    columns: tuple[tuple[str, AbstractReader], ...]

    @property
    def is_padded(self) -> bool:
        """Whether its rows have lengths of their own."""
        return self.kind not in (*JOINED, "image")

    def joined(self, parts: list[np.ndarray], kept: list[int] | None) -> np.ndarray:
        """Return the columns' arrays as one, of some rows."""
        if self.is_padded and parts[0].dtype == object:
            return _padded(parts[0] if kept is None else parts[0][kept])
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        return whole if kept is None else whole[kept]


def load(path: Path | str, *, threads: int | None = None) -> Function:
    """Return the model in an exported ONNX file.

    Args:
        path: The file.
        threads: Threads of one call; None for as many as there are cores.

    Raises:
        BundleError: The file is missing, damaged, foreign or of a newer schema.
        MissingExtraError: onnxruntime is not installed.
    """
    artefact = read_artefact(path)
    try:
        graph = graph_of(artefact.document, artefact.graph, artefact.graphs, threads=threads)
        return Function(artefact.document, graph, identity=artefact.identity, check=artefact.check)
    except BundleError as error:
        raise BundleError(f"{path} cannot be used: {error}") from error


def graph_of(
    document: Mapping[str, Any],
    graph: bytes,
    further: Mapping[str, bytes],
    *,
    threads: int | None = None,
) -> Graph:
    """Return what answers encoded inputs: one graph, or a search that asks several.

    Args:
        document: Of the model; from a file that may be damaged.
        graph: The ONNX file.
        further: More graphs, by name.
        threads: Threads of one call; None for as many as there are cores.

    Raises:
        BundleError: A graph cannot be run, or one that is needed is missing.
        MissingExtraError: onnxruntime is not installed.
    """
    if "writer" not in document:
        return Session(graph, threads=threads)
    first = GraphSession(graph, threads=threads)
    rest = {name: GraphSession(one, threads=threads) for name, one in further.items()}
    return writer_of(document, first, rest)


def writer_of(
    document: Mapping[str, Any], first: AbstractGraph, further: Mapping[str, AbstractGraph]
) -> Graph:
    """Return what answers encoded inputs by a search that asks several graphs.

    Args:
        document: Of the model, with a "writer"; from a file that may be damaged.
        first: The graph that stands for the model.
        further: More graphs, by name.

    Raises:
        BundleError: A graph is missing, or does not give what the search wants.
    """
    fields = Fields(document["writer"], "the search for texts")
    writer = WRITERS[fields.text("name", tuple(WRITERS))]
    found: dict[str, Run] = {}
    for place, (name, wanted) in enumerate(writer.graphs.items()):
        if place and name not in further:
            raise BundleError(f"the graph {name!r} is missing: the file is damaged.")
        graph = further[name] if place else first
        if not set(wanted) <= set(graph.outputs):
            raise BundleError(f"the graph {name!r} does not give {', '.join(wanted)}.")
        found[name] = graph
    return writer.from_document(fields, found)


def _readers(fields: Fields) -> dict[str, AbstractReader]:
    readers: dict[str, AbstractReader] = {}
    for document in fields.items("columns"):
        column = Fields(document, "a column")
        name = column.text("name")
        reader = READERS[column.text("modality", tuple(READERS))]
        readers[name] = reader.from_document(column.value("state"))
    return readers


def _histories(
    fields: Fields, signature: Signature, readers: Mapping[str, AbstractReader]
) -> Histories | None:
    """Return what cuts windows out of histories; None where a row is a row of a table."""
    if signature.history is None:
        return None
    found = Histories.from_document(fields.value("windows"), signature.history, readers)
    named = {*found.columns, *filter(None, (signature.history.series,))}
    if named != {field.name for field in signature.fields}:
        raise BundleError("the columns do not fit the signature: the file is damaged.")
    return found


def _inputs(
    fields: Fields, signature: Signature, readers: Mapping[str, AbstractReader]
) -> tuple[_Input, ...]:
    found = []
    for document in fields.items("inputs"):
        one = Fields(document, "an input")
        kind, names = one.text("kind"), one.texts("columns", least=1)
        if any(name not in readers or readers[name].kind != kind for name in names):
            raise one.refusal("columns", names, f"known columns of the kind {kind}")
        if len(names) > 1 and kind not in JOINED:
            raise one.refusal("columns", names, "one column")
        columns = tuple((name, readers[name]) for name in names)
        found.append(_Input(one.text("name"), kind, columns))
    named = {name for planned in found for name, _ in planned.columns}
    if named != {field.name for field in signature.fields}:
        raise BundleError("the inputs do not fit the signature: the file is damaged.")
    return tuple(found)


def _form(document: Any) -> AbstractForm:
    name = Fields(document, "the answers").text("name", tuple(FORMS))
    return FORMS[name].from_document(document)


def _is_cut(reader: AbstractReader) -> bool:
    """Return whether a column holds pictures that are seen in windows."""
    return isinstance(reader, ImageReader) and reader.framing == "windows"


def _padded(rows: np.ndarray) -> np.ndarray:
    """Return rows of different lengths as one array, padded to the longest of them.

    Token ids are padded with 0, steps of series and samples of sounds with NaN, as batches are in
    training.
    """
    longest = max((len(row) for row in rows), default=1)
    first = rows[0] if len(rows) else np.zeros(1, dtype=np.int64)
    is_sound = first.dtype == np.int16
    dtype = np.dtype(np.float32) if is_sound else first.dtype
    fill = np.nan if dtype.kind == "f" else 0
    values = np.full((len(rows), max(1, longest), *first.shape[1:]), fill, dtype=dtype)
    for place, row in enumerate(rows):
        values[place, : len(row)] = row.astype(np.float32) / LOUDEST if is_sound else row
    return values


def _widened(values: np.ndarray, columns: int) -> np.ndarray:
    """Return rows with as many columns at least, NaN in new ones."""
    missing = columns - values.shape[1]
    return np.pad(values, ((0, 0), (0, missing)), constant_values=np.nan) if missing > 0 else values


def _nearest(name: str, known: list[str]) -> str:
    hint = unknown_name("column", name, known)
    return hint[hint.find(" Did you mean") :] if "Did you mean" in hint else ""
