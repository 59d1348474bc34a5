"""Make the museum's pieces of this version: one tiny model per task and kind of input.

    python -m tests.museum.make

Run once per release; pieces of earlier versions are never made anew.
"""

import tempfile
from pathlib import Path

import lamina
from tests.runs import tiny

MUSEUM = Path(__file__).parent

PIECES = {
    "table-classification": ("table", {"target": "size"}, ("network.trunk=mlp",)),
    "table-regression": ("table", {"target": ("price", "weight")}, ("network.trunk=tabular",)),
    "table-quantiles": ("table", {"target": "price"}, ("task=quantile_regression",)),
    "table-labels": ("table", {"target": ("is_warm", "is_wet")}, ()),
}


def main() -> None:
    """Write every piece that is not there yet."""
    for name, (source, options, settings) in PIECES.items():
        piece = MUSEUM / lamina.__version__ / name
        if piece.exists():
            continue
        frame = getattr(tiny, source)()
        with tempfile.TemporaryDirectory() as folder:
            few = (*settings, *(f"{k}={v}" for k, v in tiny.SETTINGS.items()))
            run = lamina.fit(
                frame, out=Path(folder) / "run", settings=few, overrule=True, **options
            )
            run.predictor.save(piece / "model")
            rows = frame.head(12)
            rows.write_parquet(piece / "rows.parquet")
            run.predict(rows).write_parquet(piece / "answers.parquet")


if __name__ == "__main__":
    main()
