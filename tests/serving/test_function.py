import numpy as np

from lamina.runtime.function import load
from lamina.serving.function import typical_cell, typical_row
from tests.runtime import made
from tests.serving.fakes import AGE, PHOTO, Shop


def test_a_typical_row_is_answered():
    function = Shop()
    (answer,) = function.predict([typical_row(function.signature)])
    assert answer["buys"] == "yes"


def test_a_typical_picture_is_an_even_grey():
    picture = typical_cell(PHOTO)
    assert picture.shape == (8, 8, 3)
    assert picture.dtype == np.uint8
    assert picture.min() == picture.max() == 128
    assert typical_cell(AGE) == 45


def test_an_exported_model_is_such_a_function(tmp_path):
    path = tmp_path / "made.onnx"
    path.write_bytes(made.artefact())
    function = load(path)
    (answer,) = function.predict([typical_row(function.signature)])
    assert answer["y"] in ("no", "yes")
    assert len(function.identity) == 64
