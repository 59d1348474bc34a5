"""Which rows of a collection are most like a new one, by what a trained network makes of them."""

import polars as pl
import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.errors import ConfigError, DataError
from lamina.data.dataset import encode_frame
from lamina.data.tiles import Tiles
from lamina.evaluation.verification import vectors_of
from lamina.runs.predictor import Predictor
from lamina.runtime.answers.base import beside

_TOGETHER = 1024


def similar(
    predictor: Predictor, gallery: pl.DataFrame, queries: pl.DataFrame | None, *, count: int
) -> pl.DataFrame:
    """Return the rows of a collection that are most like each of some rows.

    Two rows are as similar as the cosine of their vectors: embeddings, where the run learnt to
    tell identities apart, else what the network's heads read, less its mean over the collection.

    Args:
        predictor: The trained network.
        gallery: The collection, raw rows.
        queries: Raw rows to find others for; None for those of the collection, each of which is
            then compared with all others.
        count: Rows to find for each, at least 1.

    Returns:
        One row per row found, the most similar first: number of the row asked for, of the row
        found, "similarity", and what the collection says of it in plain cells.

    Raises:
        ConfigError: The count is below 1, or the task answers no single rows.
        DataError: No row of one of both can be read.
    """
    if predictor.task.reads_targets:
        raise ConfigError(
            f"a run of the task {predictor.task.name!r} reads many rows for one answer, so that "
            "single rows cannot be compared. Use a run that answers single rows."
        )
    if count < 1:
        raise ConfigError(f"the number of similar rows must be at least 1, got {count!r}. Try 5.")
    known, places = _vectors(predictor, gallery, "the collection")
    asked, rows = (known, places) if queries is None else _vectors(predictor, queries, "the query")
    if not predictor.task.gives_embeddings:
        mean = known.mean(dim=0)
        known, asked = known - mean, asked - mean
    known, asked = F.normalize(known, dim=1), F.normalize(asked, dim=1)
    best, found = [], []
    for start in range(0, len(asked), _TOGETHER):
        cosines = asked[start : start + _TOGETHER] @ known.T
        if queries is None:
            own = torch.arange(len(cosines))
            cosines[own, own + start] = -torch.inf
        top = cosines.topk(min(count, len(known) - (queries is None)), dim=1)
        best.append(top.values)
        found.append(top.indices)
    each = best[0].shape[1]
    hits = places[torch.cat(found).flatten()]
    plain = [c for c in gallery.columns if not gallery[c].dtype.is_nested()]
    plain = [c for c in plain if gallery[c].dtype != pl.Binary]
    names = [beside(name, plain) for name in ("query", "row", "similarity")]
    told = pl.DataFrame(
        {
            names[0]: rows.repeat_interleave(each).numpy(),
            names[1]: hits.numpy(),
            names[2]: torch.cat(best).flatten().double().numpy(),
        }
    )
    return told.hstack(gallery.select(plain)[hits.numpy()]) if plain else told


def _vectors(predictor: Predictor, frame: pl.DataFrame, what: str) -> tuple[Tensor, Tensor]:
    """Return vectors, float [rows, width], and the number of each row."""
    dataset = encode_frame(predictor.schema, frame, with_targets=False)
    rows = dataset.usable(with_targets=False)
    if not len(rows):
        raise DataError(f"no row of {what} can be read, so there is nothing to compare.")
    part = predictor.task.asked(dataset, predictor.plan.recipe)
    if isinstance(part.samples, Tiles):  # a picture is what its tiles are on average
        vectors, owners = predictor.features(part.samples, part.index).float(), part.rows()
        each = [vectors[owners == row].mean(dim=0) for row in rows.tolist()]
        return torch.stack(each), rows
    if not predictor.task.gives_embeddings:
        return predictor.features(dataset, rows).float(), rows
    found = predictor.predictions(predictor.outputs(dataset, rows))
    return torch.from_numpy(vectors_of(found)).float(), rows
