import numpy as np
import polars as pl

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


def test_texts_without_spaces_or_letters_have_features_too():
    signs = ["天地玄黄宇宙洪荒", "日月盈昃辰宿列张", "😀🎉🚀"]
    frame = pl.DataFrame({"text": [signs[i % 3] + str(i) for i in range(60)], "y": ["a", "b"] * 30})
    schema = infer_schema(frame, targets=["y"], overrides={"text": "text"})
    context = build_context(frame, schema, split_at(60), seed=0, max_rows=100)
    assert text_features(context, np.arange(60)).nnz > 100


def test_texts_without_a_common_word_have_no_features():
    frame = pl.DataFrame({"text": [f"w{i} x{i}" for i in range(60)], "y": ["a", "b"] * 30})
    schema = infer_schema(frame, targets=["y"], overrides={"text": "text"})
    context = build_context(frame, schema, split_at(60), seed=0, max_rows=100)
    assert text_features(context, np.arange(60)) is None
