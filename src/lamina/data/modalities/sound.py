"""Sound: recordings in files, or as encoded bytes.

All recordings of a column are mixed to one channel and brought to one rate, chosen from training
recordings, and kept as whole numbers of 16 bits. A file that is broken, cut off, empty or silent
fails its own row and nothing else. What is read and how is written once, in
`runtime.modalities.sound`.
"""

import math
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, final

import numpy as np
import polars as pl
import torch

from lamina.core.errors import DataError
from lamina.core.records import InputSpec, Problem
from lamina.data.modalities.base import AbstractModality, Encoded, Evidence, ModalityOptions
from lamina.data.modalities.cells import as_text, share_of, without_missing
from lamina.data.ragged import Ragged
from lamina.data.sources.names import SOUND_SUFFIXES
from lamina.runtime.document import Fields
from lamina.runtime.modalities.sound import MAGIC, SoundReader, decoded, outline

_ENDING = rf"(?i)(?:{'|'.join(map(re.escape, sorted(SOUND_SUFFIXES)))})$"
_SAMPLE = 500
_LOOKED_AT = 20
_TOGETHER = 32
_SHOWN_PROBLEMS = 20
_KEPT = 0.99


@final
@dataclass(frozen=True, kw_only=True)
class Sound(AbstractModality):
    """Fitted state of a column of recordings."""

    name: ClassVar[str] = "sound"
    kind: ClassVar[str] = "sound"
    holds_files: ClassVar[bool] = True

    rate: int
    """Samples per second that recordings are brought to."""
    num_samples: int
    """Samples of a typical training recording."""
    max_samples: int
    """Most samples that are heard of one, as many as 99 of 100 in training have; the rest is left
    out."""

    @classmethod
    def recognise(cls, column: pl.Series, *, role: str = "input") -> Evidence:
        """Return how much raw cells look like recordings.

        Args:
            column: Raw cells.
            role: "input" or "target"; recordings are no targets.
        """
        if role == "target":
            return Evidence(0.0, "recordings cannot be predicted")
        if column.dtype == pl.Binary:
            shown = column.drop_nulls().head(_LOOKED_AT).to_list()
            known = sum(cell[:4] in MAGIC for cell in shown)
            reason = f"{known} of {len(shown)} cells looked at begin as files of sound do"
            return Evidence(1.0 if shown and known >= 0.9 * len(shown) else 0.0, reason)
        if column.dtype != pl.String:
            return Evidence(0.0, "the cells are no recordings")
        text = without_missing(as_text(column)).drop_nulls()
        share = share_of(text.str.contains(_ENDING))
        if share_of(text.str.contains(r"^https?://")) > 0.5:
            return Evidence(0.0, "the cells are addresses on the web, which are not fetched")
        reason = f"{share:.0%} of {len(text):,} cells end like names of files of sound"
        return Evidence(0.98 if share >= 0.95 else 0.0, reason)

    @classmethod
    def fit(cls, column: pl.Series, *, role: str, options: ModalityOptions) -> Self:
        """Return rate and length of training recordings, from a sample of them.

        Args:
            column: Raw cells of training rows.
            role: "input".
            options: `max_rate` and `max_seconds`.

        Raises:
            DataError: It is to be a target, or no recording can be read.
        """
        if role == "target":
            raise DataError(f"target {column.name!r} holds recordings, which cannot be predicted.")
        present = column.drop_nulls()
        sample = _locators(present.gather_every(max(1, -(-len(present) // _SAMPLE))))
        found = _in_threads(_measured, sample)
        read = [one for one in found if not isinstance(one, str)]
        if not read:
            problem = next((one for one in found if isinstance(one, str)), "no cell has one")
            raise DataError(
                f"no recording of column {column.name!r} could be read: {problem}. Check the "
                "files, or ignore the column."
            )
        rates = [rate for rate, _ in read]
        rate = min(max(set(rates), key=rates.count), options.max_rate)
        lengths = [length / own for own, length in read]
        seconds = float(np.median(lengths))
        # A batch is as long as its longest, and few say anything that late.
        longest = min(float(np.quantile(lengths, _KEPT)), options.max_seconds)
        most = max(1, math.ceil(rate * longest))
        return cls(
            rate=rate, num_samples=min(most, max(1, round(rate * seconds))), max_samples=most
        )

    def encode(self, column: pl.Series) -> Encoded:
        """Return `Ragged` int16 samples; a row without a recording fails.

        Args:
            column: Raw cells, of any rows.
        """
        reader, locators = self._reader(), _locators(column)

        def heard(where: str | bytes | None) -> np.ndarray | str:
            data = _content(where)
            return data if isinstance(data, str) else reader.samples_of(data)

        found = _in_threads(heard, locators)
        silence = np.zeros(1, dtype=np.int16)
        values = [silence if isinstance(one, str) else one for one in found]
        lengths = torch.tensor([0, *map(len, values)], dtype=torch.int64)
        flat = np.concatenate([np.zeros(0, dtype=np.int16), *values])
        problems = [(row, one) for row, one in enumerate(found) if isinstance(one, str)]
        failed = torch.zeros(len(column), dtype=torch.bool)
        failed[[row for row, _ in problems]] = True
        shown = problems[:_SHOWN_PROBLEMS]
        places = [locators[row] for row, _ in shown]
        return Encoded(
            Ragged(torch.from_numpy(flat), lengths.cumsum(0)),
            failed,
            tuple(
                Problem(where if isinstance(where, str) else "", what)
                for where, (_, what) in zip(places, shown)
            ),
            tuple(row for row, _ in shown),
        )

    def show(self, cell: Any) -> str:
        """Return the name of the file, or the kind of the cell.

        Args:
            cell: A raw cell.
        """
        if cell is None:
            return "missing"
        return Path(cell).name if isinstance(cell, str) else "recording"

    def lines(self, cell: Any) -> tuple[tuple[float, ...], ...]:
        """Return the outline of a recording: its highest and lowest samples over equal times.

        Args:
            cell: A raw cell.
        """
        data = _content(cell)
        samples = data if isinstance(data, str) else self._reader().samples_of(data)
        return () if isinstance(samples, str) else outline(samples)

    def span(self, first: int, last: int) -> str:
        """Return how a run of samples is named: by its seconds.

        Args:
            first: Its first sample, from 0.
            last: One past its last.
        """
        return f"{first / self.rate:.2f} to {last / self.rate:.2f} s"

    def input_spec(self, column: str) -> InputSpec:
        """Return the spec of a sound.

        Args:
            column: Name of the column.
        """
        return InputSpec(column, "sound", (column,), (), num_steps=self.num_samples, rate=self.rate)

    def to_document(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        return {
            "rate": self.rate,
            "num_samples": self.num_samples,
            "max_samples": self.max_samples,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As `to_document` gave it.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a sound")
        return cls(
            rate=fields.integer("rate", least=1, most=1 << 20),
            num_samples=fields.integer("num_samples", least=1, most=1 << 30),
            max_samples=fields.integer("max_samples", least=1, most=1 << 30),
        )

    def _reader(self) -> SoundReader:
        return SoundReader(self.rate, max_samples=self.max_samples)


def _content(where: Any) -> bytes | str | None:
    """Return the bytes of a cell, None where it is missing, or why the file cannot be read."""
    if where is None or isinstance(where, bytes):
        return where
    try:
        return Path(where).read_bytes()
    except FileNotFoundError:
        return "there is no such file"
    except (OSError, ValueError) as error:
        return f"the file cannot be read ({getattr(error, 'strerror', None) or error})"


def _measured(where: str | bytes | None) -> tuple[int, int] | str:
    """Return rate and length of a recording, or why it cannot be read."""
    data = _content(where)
    sound = data if isinstance(data, str) else decoded(data)
    return sound if isinstance(sound, str) else (sound.rate, len(sound.samples))


def _locators(column: pl.Series) -> list[str | bytes | None]:
    if column.dtype in (pl.Binary, pl.String):
        return column.to_list()
    raise DataError(
        f"column {column.name!r} holds {column.dtype} cells, which are no recordings. Give paths "
        "or bytes."
    )


def _in_threads(work: Any, items: Sequence[Any]) -> list[Any]:
    """Return `work` of each item, in order; reading lets other threads run."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        starts = range(0, len(items), _TOGETHER)
        parts = pool.map(lambda s: [work(item) for item in items[s : s + _TOGETHER]], starts)
        return [result for part in parts for result in part]
