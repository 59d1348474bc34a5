"""Every model file ever released loads, and answers as it did."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lamina.runs.predictor import load_predictor

PIECES = sorted(path.parent for path in Path(__file__).parent.glob("*/*/model"))


def test_the_museum_is_not_empty() -> None:
    assert len(PIECES) >= 4


@pytest.mark.parametrize("piece", PIECES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_piece(piece: Path) -> None:
    answers = load_predictor(piece / "model").predict(pl.read_parquet(piece / "rows.parquet"))
    expected = pl.read_parquet(piece / "answers.parquet")
    assert_frame_equal(answers, expected, check_exact=False, abs_tol=1e-4)
