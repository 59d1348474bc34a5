"""What a run keeps of some training rows, to name those that the network sees as similar.

`representations.safetensors` holds for a sample of training rows their representation, row number,
target, a few words and, of a picture, its pixels; so neighbours are told without the source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import torch
from torch import Tensor

from lamina.core.bundle import read_tensors, write_tensors
from lamina.core.errors import BundleError
from lamina.data.parts import Samples
from lamina.data.schema import Schema
from lamina.explanation.neighbours import Memory
from lamina.explanation.records import NeighbourRecord
from lamina.networks.architecture import AbstractModel
from lamina.reports.pictures import thumbnail_uri
from lamina.reports.text import shorten
from lamina.runs.predictor import Predictor

MOST_ROWS = 2_000
"""Training rows kept."""

MOST_BYTES = 4 << 20
"""Most bytes of their pictures, but never fewer than 200 rows."""

_FEWEST_ROWS = 200
_BATCH = 256
_COMPARED = 1 << 18
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class RowMemory:
    """Some training rows as the network sees them."""

    memory: Memory
    """Representations and row numbers."""
    labels: tuple[str, ...]
    """Target of each row."""
    shown: tuple[str, ...]
    """Each row in few words."""
    pictures: Tensor | None = None
    """uint8 [rows, channels, height, width] of the first picture column."""

    def neighbours(self, features: Tensor, count: int = 5) -> tuple[NeighbourRecord, ...]:
        """Return the rows that the network sees as most similar, nearest first.

        Args:
            features: Representation of the row asked about, float [features].
            count: Rows wanted.
        """
        places, distances = self.memory.nearest(features, count)
        return tuple(
            NeighbourRecord(
                int(self.memory.rows[place]),
                float(distance),
                self.labels[place],
                self.shown[place],
                "" if self.pictures is None else _uri(self.pictures[place]),
            )
            for place, distance in zip(places.tolist(), distances.tolist())
        )

    def save(self, path: Path) -> None:
        """Write the rows.

        Args:
            path: File to write.
        """
        tensors = {"features": self.memory.features.half(), "rows": self.memory.rows}
        if self.pictures is not None:
            tensors["pictures"] = self.pictures
        write_tensors(path, tensors, {"labels": list(self.labels), "shown": list(self.shown)})


def load_memory(path: Path) -> RowMemory | None:
    """Return the rows of a file; None where there is no such file.

    Args:
        path: The file.

    Raises:
        BundleError: It is damaged.
    """
    if not path.exists():
        return None
    tensors, told = read_tensors(path)
    try:
        features, rows = tensors["features"].float(), tensors["rows"]
        labels, shown = (tuple(map(str, told[name])) for name in ("labels", "shown"))
    except (KeyError, TypeError) as error:
        raise BundleError(f"{path} is damaged: {error}. Delete it to go without it.") from error
    if features.dim() != 2 or not len(features) == len(rows) == len(labels) == len(shown):
        raise BundleError(f"{path} is damaged: its parts do not fit. Delete it to go without it.")
    return RowMemory(Memory(features, rows), labels, shown, tensors.get("pictures"))


def remember(
    predictor: Predictor,
    samples: Samples,
    frame: pl.DataFrame,
    places: Mapping[int, int],
    rows: Tensor,
) -> RowMemory:
    """Return what is kept of training rows.

    Args:
        predictor: The model.
        samples: Where samples are fetched from, each of which has the number of a row.
        frame: Raw rows.
        places: Where a row of the data set stands in the frame.
        rows: Numbers to choose from, int64; evenly spaced ones are taken.
    """
    schema = predictor.schema
    pixels = [s for s in schema.input_specs() if s.kind == "image"]
    most = MOST_ROWS
    if pixels:
        size = max(1, int(torch.tensor(pixels[0].shape).prod()))
        most = min(most, max(_FEWEST_ROWS, MOST_BYTES // size))
    known = _among(rows, torch.tensor(sorted(places), dtype=torch.int64))
    kept = known[torch.linspace(0, len(known) - 1, min(most, len(known))).round().long()]
    features = features_of(predictor.model, samples, kept)
    cells = frame[[places[row] for row in kept.tolist()]]
    pictures = samples.batch(kept).inputs[pixels[0].name].cpu() if pixels else None
    shown = tuple(in_few_words(schema, row) for row in cells.iter_rows(named=True))
    labels = tuple(label_of(schema, row) for row in cells.iter_rows(named=True))
    return RowMemory(Memory(features, kept), labels, shown, pictures)


def features_of(model: AbstractModel, samples: Samples, rows: Tensor) -> Tensor:
    """Return what the heads see of some rows, averaged over members, float [rows, features].

    Args:
        model: The network.
        samples: Where samples are fetched from.
        rows: Their numbers.
    """
    device, parts = next(model.parameters()).device, []
    with torch.no_grad():
        for some in rows.split(_BATCH):
            found = model.features(samples.batch(some.to(samples.device)).to(device).inputs)
            parts.append((found.mean(dim=1) if found.dim() == 3 else found).float().cpu())
    return torch.cat(parts)


def _among(rows: Tensor, numbers: Tensor) -> Tensor:
    """Return those rows that are among some numbers, rising; a list of all rows would be large."""
    if not len(numbers):
        return rows[:0]
    found = []
    for some in rows.split(_COMPARED):
        places = torch.searchsorted(numbers, some).clamp(max=len(numbers) - 1)
        found.append(some[numbers[places] == some])
    return torch.cat(found)


def in_few_words(schema: Schema, row: Mapping[str, object]) -> str:
    """Return a row as a person recognises it, in at most 120 characters.

    Args:
        schema: The fitted schema.
        row: Raw cells by column.
    """
    parts = []
    for role in ("series", "time"):
        named = schema.with_role(role)
        if named is not None and named.name in row:
            parts.append(f"{named.name} {row[named.name]}")
    for column in schema.inputs:
        if column.fitted is None or column.modality == "image":
            continue
        text = column.fitted.show(row[column.name])
        parts.append(text if column.modality == "text" else f"{column.name} {text}")
        if len(", ".join(parts)) > _SHOWN:
            break
    return shorten(", ".join(parts), _SHOWN)


def label_of(schema: Schema, row: Mapping[str, object]) -> str:
    """Return the targets of a row as text.

    Args:
        schema: The fitted schema.
        row: Raw cells by column.
    """
    told = [
        (t.name, t.fitted.show(row.get(t.name)) if t.fitted is not None else str(row.get(t.name)))
        for t in schema.targets
    ]
    if len(told) == 1:
        return shorten(told[0][1], 60)
    return shorten(", ".join(f"{name} {value}" for name, value in told), 60)


def _uri(picture: Tensor) -> str:
    return thumbnail_uri(picture.numpy().transpose(1, 2, 0))
