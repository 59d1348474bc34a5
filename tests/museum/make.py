"""Make the museum's pieces of this version: one tiny model per task, kind of input and network.

    python -m tests.museum.make

Run once per release; pieces of earlier versions are never made anew.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from PIL import Image

import lamina
from tests.runs import tiny
from tests.runs.published import bert_folder

MUSEUM = Path(__file__).parent


@dataclass(frozen=True)
class Piece:
    """What a piece is made of."""

    source: Callable[[], pl.DataFrame]
    target: str | tuple[str, ...]
    settings: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    published: Callable[[Path], Path] | None = None
    """Writes the published model that it starts from into a folder."""


def pictures() -> pl.DataFrame:
    """Return encoded pictures in a column, as files hold them."""
    images, label = tiny.pictures()
    cells = []
    for image in images:
        with BytesIO() as file:
            Image.fromarray(image).save(file, format="png")
            cells.append(file.getvalue())
    return pl.DataFrame({"photo": cells, "is_left": label == 1})


def mixed() -> pl.DataFrame:
    """Return a picture, a text, a number and a category per row."""
    shown, told, table = pictures(), tiny.texts(60), tiny.table(60)
    return pl.concat([shown, told, table.select("z", "colour")], how="horizontal")


def _picture(network: str, *settings: str) -> Piece:
    own = (f"network.encoders.image={network}", *settings)
    return Piece(pictures, "is_left", own, {"photo": "image"})


def _text(network: str, head: str, *settings: str) -> Piece:
    own = (f"network.encoders.text={network}", "network.trunk=perceptron", f"network.head={head}")
    inner = tuple(f"network.encoders.text.{setting}" for setting in settings)
    return Piece(tiny.texts, "mood", (*own, *inner), {"review": "text"})


_BLOCKS = ("blocks.width=8", "blocks.depth=1", "blocks.num_heads=2")

PIECES = {
    "table-classification": Piece(tiny.table, "size", ("network.trunk=mlp",)),
    "table-regression": Piece(tiny.table, ("price", "weight"), ("network.trunk=tabular",)),
    "table-quantiles": Piece(tiny.table, "price", ("task=quantile_regression",)),
    "table-labels": Piece(tiny.table, ("is_warm", "is_wet")),
    "pictures-convnet": _picture("convnet", "network.encoders.image.widths=[8,8]"),
    "pictures-resnet": _picture(
        "resnet", "network.encoders.image.width=8", "network.encoders.image.depths=[1,1]"
    ),
    "pictures-vit": _picture("vit", *(f"network.encoders.image.{one}" for one in _BLOCKS)),
    "texts-bag": _text("ngram_bag", "diagonal", "num_buckets=512", "num_rows=512", "width=2"),
    "texts-cnn": _text("text_cnn", "linear", "embedding_width=4", "num_filters=4"),
    "texts-rnn": _text("rnn", "linear", "embedding_width=4", "width=4"),
    "texts-transformer": _text("transformer", "linear", *_BLOCKS),
    "texts-bert": Piece(tiny.texts, "mood", (), {"review": "text"}, bert_folder),
    "mixed": Piece(
        mixed,
        "is_left",
        (
            *("network.encoders.image=convnet", "network.encoders.image.widths=[8,8]"),
            *("network.encoders.text=text_cnn", "network.encoders.text.embedding_width=4"),
            *("network.trunk=perceptron", "network.head=linear"),
        ),
        {"photo": "image", "review": "text"},
    ),
}


def main() -> None:
    """Write every piece that is not there yet."""
    for name, piece in PIECES.items():
        place = MUSEUM / lamina.__version__ / name
        if not place.exists():
            make(piece, place)


def make(piece: Piece, place: Path) -> None:
    """Train a piece and write model, rows and answers.

    Args:
        piece: What it is made of.
        place: Folder to write.
    """
    frame = piece.source()
    few = (*piece.settings, *(f"{k}={v}" for k, v in tiny.SETTINGS.items()))
    options: dict[str, Any] = {"target": piece.target, "columns": piece.columns, "overrule": True}
    with tempfile.TemporaryDirectory() as folder:
        if piece.published is not None:
            options["pretrained"] = piece.published(Path(folder) / "published")
        run = lamina.fit(frame, out=Path(folder) / "run", settings=few, **options)
        run.predictor.save(place / "model")
        rows = frame.head(12)
        rows.write_parquet(place / "rows.parquet")
        run.predict(rows).write_parquet(place / "answers.parquet")


if __name__ == "__main__":
    main()
