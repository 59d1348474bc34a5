import pytest

from lamina.data.checks.context import build_context
from lamina.data.checks.table import CHECKS
from lamina.data.schema import infer_schema
from tests.data.checks.conftest import clean_table, split_at


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_is_described_and_takes_a_context(name):
    assert CHECKS[name].summary
    frame = clean_table(60)
    context = build_context(
        frame, infer_schema(frame, targets=["y"]), split_at(60), seed=0, max_rows=40
    )
    assert isinstance(CHECKS[name].value(context), tuple)
