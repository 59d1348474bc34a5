import numpy as np

from lamina.data.checks.context import build_context
from lamina.data.checks.encoding import table_features, text_features
from lamina.data.schema import infer_schema
from tests.data.checks.conftest import clean_table, clean_texts, split_at


def make(frame):
    schema = infer_schema(frame, targets=["y"])
    return build_context(frame, schema, split_at(frame.height), seed=0, max_rows=100)


def test_tables_and_texts_as_features():
    rows = np.array([3, 5, 7])
    table = table_features(make(clean_table(40)), rows)
    assert table.shape == (3, 6)
    texts = text_features(make(clean_texts(60)), np.arange(50))
    assert texts.shape[0] == 50
    assert texts.nnz > 100
