"""A run from Python: a frame in, figures and answers out.

python examples/table_run.py --steps 300
"""

import argparse
import tempfile
from pathlib import Path

import polars as pl
from sklearn.datasets import load_diabetes

import lamina


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    steps = parser.parse_args().steps

    source = load_diabetes()
    frame = pl.DataFrame(source.data, schema=list(source.feature_names))
    frame = frame.with_columns(pl.Series("progression", source.target))

    with tempfile.TemporaryDirectory() as folder:
        run = lamina.fit(
            frame,
            target="progression",
            out=Path(folder) / "run",
            settings={"training.steps": steps},
        )
        for name, value in run.metrics.items():
            print(f"{name:24s} {value.value:8.3f}   ({value.low:.3f} – {value.high:.3f})")
        print(run.evaluation["verdict"]["sentence"])
        print(run.predict(frame.head(3)))


if __name__ == "__main__":
    main()
