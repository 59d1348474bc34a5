import numpy as np
import polars as pl

from lamina.data.plain_cells import cells_of


def test_lists_of_numbers_are_lists_and_numbers_keep_their_bits() -> None:
    column = pl.Series("x", [[1.0, None], None])
    assert cells_of(column, is_file=False) == [[1.0, None], None]
    (half,) = cells_of(pl.Series("x", [0.1], dtype=pl.Float32), is_file=False)
    assert type(half) is np.float32
