"""The graph runs; what cannot run is an error of ours."""

import numpy as np
import pytest

from lamina.runtime.errors import BundleError
from lamina.runtime.session import Session
from tests.runtime import made


def test_a_graph_runs_with_any_number_of_rows() -> None:
    session = Session(made.graph(), threads=1)
    for rows in (0, 1, 7):
        values = session({"number": np.zeros((rows, 1), dtype=np.float32), "spare": np.zeros(1)})
        assert values.dtype == np.float64
        np.testing.assert_allclose(values, np.full((rows, 2), 0.5))


def test_what_does_not_fit_is_an_error_of_ours() -> None:
    session = Session(made.graph())
    with pytest.raises(BundleError, match="does not run"):
        session({"number": np.zeros((1, 5), dtype=np.float32)})
    with pytest.raises(BundleError, match="cannot be run"):
        Session(b"nothing")
    with pytest.raises(BundleError, match="one output"):
        Session(made.graph().replace(b"values", b"volues"))
