import numpy as np
import polars as pl

from tests.data.checks.conftest import clean_table


def test_shuffled_numbering_is_found(findings):
    numbering = np.random.default_rng(0).permutation(600) + 5000
    (found,) = findings(clean_table().with_columns(number=pl.Series(numbering)), "identifiers")
    assert (found.severity, found.columns) == ("warning", ("number",))
    assert findings(clean_table(), "identifiers") == ()


def test_rising_numbers_and_named_ids(findings):
    rising = np.cumsum(np.random.default_rng(0).integers(1, 9, 600)) + 10
    (found,) = findings(clean_table().with_columns(ticket=pl.Series(rising)), "identifiers")
    assert "order of the rows" in found.evidence
    codes = [f"K{n:05d}x" for n in range(600)]
    (found,) = findings(clean_table().with_columns(client_id=pl.Series(codes)), "identifiers")
    assert (found.severity, found.columns) == ("note", ("client_id",))
    assert "left out" in found.message


def test_distinct_measurements_are_no_identifiers(findings):
    random = np.random.default_rng(0)
    income = random.permutation(10**6)[:600]
    assert findings(clean_table().with_columns(income=pl.Series(income)), "identifiers") == ()


def test_distinct_prices_in_any_notation_are_no_identifiers(findings):
    income = np.random.default_rng(0).permutation(10**6)[:600]
    for cells in ([f"${n:,}" for n in income], [f"{n / 8}%".replace(".", ",") for n in income]):
        assert findings(clean_table().with_columns(income=pl.Series(cells)), "identifiers") == ()
