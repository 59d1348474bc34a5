import numpy as np
import polars as pl
import pytest

from lamina.data.checks import thumbnails
from tests.data.checks.conftest import clean_table, picture_frame, picture_values


@pytest.mark.parametrize("bad", ["#REF!", "12..5"])
def test_few_foreign_cells_among_numbers(findings, bad):
    cells = [f"{value:.3f}" for value in np.random.default_rng(0).normal(size=600)]
    clean = clean_table().with_columns(extra=pl.Series(cells))
    assert findings(clean, "corrupt cells") == ()
    cells[17] = cells[400] = cells[401] = bad
    (found,) = findings(clean.with_columns(extra=pl.Series(cells)), "corrupt cells")
    assert found.rows == (17, 400, 401)
    assert repr(bad) in found.evidence


def test_absurd_and_infinite_numbers(findings):
    values = np.random.default_rng(0).normal(size=600)
    values[[3, 9]] = [np.inf, -1e30]
    (found,) = findings(clean_table().with_columns(extra=pl.Series(values)), "corrupt cells")
    assert found.rows == (3, 9)


def test_garbled_characters(findings):
    names = np.random.default_rng(0).choice(["Zürich", "Genève"], 600).tolist()
    clean = clean_table().with_columns(town=pl.Series(names))
    assert findings(clean, "corrupt cells") == ()
    names[5] = "Z\ufffdrich"
    (found,) = findings(clean.with_columns(town=pl.Series(names)), "corrupt cells")
    assert (found.rows, found.columns) == ((5,), ("town",))


def test_broken_pictures(findings):
    frame = picture_frame(*picture_values(120))
    assert findings(frame, "corrupt cells") == ()
    cells = frame["image"].to_list()
    cells[7], cells[100] = cells[7][:80], b"<html>not found</html>"
    (found,) = findings(frame.with_columns(image=pl.Series(cells)), "corrupt cells")
    assert found.rows == (7, 100)


def test_heavy_tails_are_no_corruption(findings):
    fares = np.random.default_rng(0).lognormal(3, 1.5, size=600)
    assert findings(clean_table().with_columns(fare=pl.Series(fares)), "corrupt cells") == ()


def test_pictures_that_were_not_looked_at_are_told(findings, monkeypatch):
    frame = picture_frame(*picture_values(120))
    monkeypatch.setattr(thumbnails, "_MAX_BYTES", 1)
    (found,) = findings(frame, "corrupt cells")
    assert found.severity == "note"
    assert "looked at 2 pictures of column 'image' and left 118" in found.message
