"""Files of tagged words: a word per line with its tags in columns, a blank line between sentences.

    EU       NNP  I-NP  I-ORG          → words, pos, chunk, ner
    rejects  VBZ  I-VP  O

Columns are parted by blanks or tabs; the word comes first and the tags behind it. Each sentence is
a row, its cells are lists. Lines "-DOCSTART-" part documents and are left out. Files of ten columns
with numbers first are CoNLL-U: the words are the forms, and comments, ranges and empty nodes are
left out. Lines that have other columns are put aside with their sentence.

Format: Sang and De Meulder 2003, "Introduction to the CoNLL-2003 shared task"; CoNLL-U,
https://universaldependencies.org/format.html.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import final

import polars as pl

from lamina.core.errors import DataError
from lamina.data.modalities.tag_sequence import marks_spans
from lamina.data.sources.base import AbstractSource, SourceOptions
from lamina.data.sources.dialect import SAMPLE_BYTES
from lamina.data.sources.encoding import TextReader
from lamina.data.sources.fingerprint import hash_files
from lamina.data.sources.streams import content_suffix, open_bytes

SUFFIXES = (".conll", ".conllu", ".iob", ".iob2", ".bio", ".bioes")
"""Suffixes of files that hold tagged words."""

_PERHAPS = ("", ".txt", ".tsv", ".tab", ".dat", ".data", ".train", ".test", ".dev", ".valid")
_PARTS = (".testa", ".testb")
_DOCUMENT = "-DOCSTART-"
_CONLLU = ("id", "words", "lemma", "upos", "xpos", "features", "head", "relation", "links", "misc")
_TAKEN = ("words", "lemma", "upos", "xpos", "relation")
_ROWS_PER_PIECE = 4_096
_MOST_TAGS = 200
_Lines = Iterator[tuple[int, str]]


@final
class WordColumnSource(AbstractSource):
    """Sentences of one file of tagged words.

    Args:
        path: The file.
        options: `encoding`.
    """

    def __init__(self, path: Path, options: SourceOptions | None = None) -> None:
        super().__init__("tagged words", str(path))
        self._path = path
        self._encoding = (options or SourceOptions()).encoding
        first = next((own for own in self._sentences_of(self._lines()) if own), None)
        if first is None:
            raise DataError(
                f"{path} holds no words. Give a file with a word and its tags per line."
            )
        self._names = column_names(first)
        self._kept = [
            place
            for place, name in enumerate(self._names)
            if self._names != _CONLLU or name in _TAKEN
        ]
        kept = [self._names[place] for place in self._kept]
        self.notes.append(f"a word per line, with the columns {', '.join(kept)}")

    @property
    def target(self) -> str | None:
        """The tags: of several columns the last, of CoNLL-U the universal parts of speech."""
        if len(self._names) < 2:
            return None
        return "upos" if self._names == _CONLLU else self._names[-1]

    @property
    def modalities(self) -> Mapping[str, str]:
        """Words are words, and all else tags of them."""
        names = [self._names[place] for place in self._kept]
        return {name: "words" if name == "words" else "tag_sequence" for name in names}

    def _pieces(self) -> Iterator[pl.DataFrame]:
        rows: list[list[list[str]]] = []
        for sentence in self._sentences_of(self._lines(), width=len(self._names)):
            if not sentence:
                continue
            rows.append(sentence)
            if len(rows) == _ROWS_PER_PIECE:
                yield self._frame(rows)
                rows = []
        if rows:
            yield self._frame(rows)

    def _frame(self, rows: list[list[list[str]]]) -> pl.DataFrame:
        kind = pl.List(pl.String)
        return pl.DataFrame(
            [
                pl.Series(self._names[place], [[w[place] for w in row] for row in rows], dtype=kind)
                for place in self._kept
            ]
        )

    def _lines(self) -> _Lines:
        with open_bytes(self._path) as stream:
            reader = TextReader(stream, self.location, self._encoding)
            number, has_told = 0, False
            for block in reader.blocks():
                if reader.guess and not has_told:
                    self._put_aside(self.location, reader.guess)
                    has_told = True
                # Not splitlines(): words may hold marks that it takes for the end of a line.
                lines = block.data.decode("utf-8", "replace").removesuffix("\n").split("\n")
                for line in lines:
                    number += 1
                    yield number, line.rstrip("\r")

    def _sentences_of(self, lines: _Lines, width: int = 0) -> Iterator[list[list[str]]]:
        """Yield the cells of the words of each sentence; those with other columns are put aside."""
        words: list[list[str]] = []
        problem = ""
        for number, line in lines:
            cells = cells_of(line)
            if not cells:
                yield self._whole(words, problem)
                words, problem = [], ""
                continue
            if _is_left_out(cells, line):
                continue
            width = width or len(cells)
            if len(cells) != width and not problem:
                problem = f"line {number}: it has {len(cells)} columns, and the first {width}"
            words.append(cells)
        yield self._whole(words, problem)

    def _whole(self, words: list[list[str]], problem: str) -> list[list[str]]:
        if not problem:
            return words
        where, _, what = problem.partition(": ")
        self._put_aside(f"{self.location}, {where}", f"{what}; its sentence is left out")
        return []

    def _num_bytes(self) -> int:
        return self._path.stat().st_size

    def _compute_fingerprint(self) -> str:
        return hash_files([self._path])


def is_word_columns(path: Path) -> bool:
    """Return whether a file holds tagged words, by its suffix or its beginning.

    Args:
        path: The file.

    Raises:
        DataError: It cannot be read.
    """
    suffix = content_suffix(path)
    if suffix in SUFFIXES:
        return True
    if suffix not in (*_PERHAPS, *_PARTS):
        return False
    with open_bytes(path) as stream:
        head = stream.read(SAMPLE_BYTES)
    if b"\0" in head or not head.strip():
        return False
    lines = head.decode("utf-8", "replace").split("\n")
    lines = lines[:-1] if len(head) == SAMPLE_BYTES else lines
    return _looks_tagged(lines)


def cells_of(line: str) -> list[str]:
    """Return the cells of a line: parted by tabs where it has any, else by blanks.

    Args:
        line: A line without its end.
    """
    if "\t" in line:
        return [cell.strip() for cell in line.rstrip("\t ").split("\t")]
    return line.split()


def column_names(sentence: list[list[str]]) -> tuple[str, ...]:
    """Return the names of the columns, by how many there are.

    Args:
        sentence: The cells of the words of a sentence.
    """
    width = len(sentence[0])
    if width == len(_CONLLU) and sentence[0][0].isdigit():
        return _CONLLU
    known = {1: (), 2: ("tags",), 3: ("pos", "chunk"), 4: ("pos", "chunk", "ner")}
    others = known.get(width, tuple(f"column_{place}" for place in range(2, width + 1)))
    return ("words", *others)


def _looks_tagged(lines: list[str]) -> bool:
    """Return whether lines have a word and tags each, with blank lines between sentences."""
    cells = [cells_of(line.rstrip("\r")) for line in lines]
    cells = [own for own, line in zip(cells, lines) if not own or not _is_left_out(own, line)]
    while cells and not cells[-1]:
        cells.pop()
    full = [own for own in cells if own]
    if len(full) == len(cells) or len(full) < 4:
        return False  # nothing parts sentences
    width = len(full[0])
    if width < 2 or any(len(own) != width for own in full):
        return False
    place = 3 if width == len(_CONLLU) and full[0][0].isdigit() else -1
    tags = {own[place] for own in full}
    # Tags come again and again; words less often, and cells of tables of numbers are numbers.
    are_words = sum(own[0].replace(".", "").isdigit() for own in full) < len(full) / 2 or place == 3
    are_few = len(tags) <= min(_MOST_TAGS, len(full) / 2)
    return are_words and (are_few or marks_spans(sorted(tags)))


def _is_left_out(cells: list[str], line: str) -> bool:
    """Return whether a line is no word: the mark of a document, or a comment or such in CoNLL-U."""
    if cells[0] == _DOCUMENT:
        return True
    if line.startswith("# ") and "\t" not in line and len(cells) != 2:
        return True
    is_numbered = len(cells) == len(_CONLLU) and "\t" in line
    return is_numbered and cells[0][:1].isdigit() and not cells[0].isdigit()
