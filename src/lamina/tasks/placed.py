"""Answers to some rows in the places of all."""

import polars as pl

from lamina.data.parts import Part


def placed(answers: pl.DataFrame, part: Part, num_rows: int) -> pl.DataFrame:
    """Return one answer for each row, null where it has none.

    Args:
        answers: One per sample.
        part: The samples.
        num_rows: How many rows there are.
    """
    rows = part.rows()
    if len(rows) == num_rows:
        return answers
    numbered = answers.with_columns(pl.Series("row", rows.numpy(), dtype=pl.Int64))
    every = pl.DataFrame({"row": pl.Series(range(num_rows), dtype=pl.Int64)})
    return every.join(numbered, on="row", how="left", maintain_order="left").drop("row")
