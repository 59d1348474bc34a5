import warnings

import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.evaluation.baseline_models import (
    BaselineData,
    boosting_size,
    constant,
    gradient_boosting,
    has_images,
    has_table,
    has_texts,
    has_two_targets,
    linear,
    pixel_columns,
    pixel_linear,
    pixel_neighbours,
    shrunk,
    shrunk_pixels,
    text_linear,
)

LEVELS = (0.1, 0.5, 0.9)


def make_table(kind, num_rows, *, seed=0):
    """Numbers with holes and an infinity, a category that matters, a column that is all missing."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(num_rows, 4))
    categories = random.integers(0, 5, size=(num_rows, 1))
    signal = numbers[:, 0] + 2 * (categories[:, 0] == 1) + 0.3 * random.normal(size=num_rows)
    numbers[random.random(num_rows) < 0.1, 1] = np.nan
    numbers[0, 2] = np.inf
    numbers[:, 3] = np.nan
    targets = {
        "classes": np.digitize(signal, [-0.5, 1.0]),
        "labels": np.stack([signal > 0, signal > 1], 1).astype(float),
        "numbers": np.stack([signal, 100 * signal], 1),
        "quantiles": signal[:, None],
    }
    return BaselineData(
        numbers=numbers,
        categories=categories,
        target=targets[kind],
        kind=kind,
        num_outputs={"classes": 4, "labels": 2, "numbers": 2, "quantiles": 3}[kind],
        levels=LEVELS if kind == "quantiles" else (),
    )


def empty(num_rows):
    return {"numbers": np.zeros((num_rows, 0)), "categories": np.zeros((num_rows, 0), dtype=int)}


def make_texts(num_rows, *, seed=0):
    random = np.random.default_rng(seed)
    target = random.integers(0, 2, num_rows)
    words = [["bad awful poor", "good fine nice"][label].split() for label in target]
    texts = [f"a {random.choice(pair)} film" for pair in words]
    return BaselineData(
        **empty(num_rows), texts=[texts], target=target, kind="classes", num_outputs=2
    )


def make_pictures(num_rows, *, seed=0, size=40):
    random = np.random.default_rng(seed)
    target = random.integers(0, 2, num_rows)
    images = random.integers(0, 100, size=(num_rows, 1, size, size), dtype=np.uint8)
    images[target == 1, :, : size // 2] += 100
    return BaselineData(
        **empty(num_rows), images=images, target=target, kind="classes", num_outputs=2
    )


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_constant_by_hand():
    data = BaselineData(**empty(4), target=np.array([0, 0, 0, 2]), kind="classes", num_outputs=3)
    np.testing.assert_allclose(constant(data, data, 0)[0], [0.75, 0, 0.25], atol=1e-6)
    data = BaselineData(
        **empty(3), target=np.array([[0.0], [1.0], [2.0]]), kind="quantiles", num_outputs=3,
        levels=LEVELS,
    )  # fmt: skip
    np.testing.assert_allclose(constant(data, data, 0)[1], [0.2, 1.0, 1.8])


@pytest.mark.parametrize("model", [linear, gradient_boosting])
@pytest.mark.parametrize("kind", ["classes", "labels", "numbers", "quantiles"])
def test_table_models_answer_in_shape_and_repeat(model, kind):
    train, test = make_table(kind, 150), make_table(kind, 40, seed=1)
    values = model(train, test, 0)
    assert values.shape == (40, train.num_outputs)
    assert np.isfinite(values).all()
    np.testing.assert_array_equal(values, model(train, test, 0))
    if kind == "classes":
        np.testing.assert_allclose(values.sum(1), 1)
        assert (values > 0).all()  # class 3 never occurs and still has a chance
    if kind == "quantiles":
        assert (np.diff(values, axis=1) >= 0).all()


def test_boosting_takes_many_categories():
    random = np.random.default_rng(0)
    categories = random.integers(0, 400, size=(500, 1))
    data = BaselineData(
        numbers=np.zeros((500, 0)), categories=categories, target=categories[:, 0] % 2,
        kind="classes", num_outputs=2,
    )  # fmt: skip
    assert gradient_boosting(data, data, 0).shape == (500, 2)


@pytest.mark.parametrize(
    ("model", "make"),
    [(text_linear, make_texts), (pixel_linear, make_pictures), (pixel_neighbours, make_pictures)],
)
def test_text_and_pixel_models_learn(model, make):
    train, test = make(120), make(60, seed=1)
    values = model(train, test, 0)
    np.testing.assert_allclose(values.sum(1), 1)
    assert (values.argmax(1) == test.target).mean() > 0.9


def test_boosting_takes_a_class_with_one_row():
    numbers = np.random.default_rng(0).normal(size=(10_050, 2))
    target = (numbers[:, 0] > 0).astype(int)
    target[0] = 2
    data = BaselineData(
        numbers=numbers, categories=np.zeros((10_050, 0), dtype=int), target=target,
        kind="classes", num_outputs=3,
    )  # fmt: skip
    assert (gradient_boosting(data, data, 0).argmax(1) == target)[1:].mean() > 0.99


def test_neighbours_of_numbers_by_hand():
    images = np.array([0, 10, 250], dtype=np.uint8).reshape(3, 1, 1, 1)
    data = BaselineData(
        **empty(3), images=images, target=np.array([[1.0], [2.0], [9.0]]), kind="numbers",
        num_outputs=1,
    )  # fmt: skip
    np.testing.assert_allclose(pixel_neighbours(data, data, 0), 4.0)  # fewer than five: all


def test_what_applies():
    assert has_table(make_table("classes", 5))
    assert not has_table(make_texts(5))
    hollow = {**empty(2), "numbers": np.full((2, 1), np.nan)}
    assert not has_table(
        BaselineData(**hollow, target=np.zeros((2, 1)), kind="numbers", num_outputs=1)
    )
    assert has_texts(make_texts(5))
    assert not has_texts(make_table("classes", 5))
    assert has_images(make_pictures(3))
    assert has_two_targets(make_table("numbers", 5))
    assert not has_two_targets(make_table("numbers", 1))
    assert pixel_columns(make_pictures(2, size=40)) == 400


def test_rows_must_agree():
    with pytest.raises(DataError, match="must have the 3 rows"):
        BaselineData(**empty(2), target=np.zeros(3), kind="numbers", num_outputs=1)


def test_shrunk_pictures_teach_the_same():
    data = make_pictures(6, size=40)
    small = shrunk(data.images)
    assert small.dtype == np.uint8
    assert small[0].size == shrunk_pixels(*data.images.shape[1:]) == pixel_columns(data)
    squares = data.images[0, 0, :2, :2].astype(float).mean()
    assert abs(small[0, 0, 0, 0] - squares) <= 0.5
    tiny = np.zeros((2, 1, 8, 8), dtype=np.uint8)
    assert shrunk(tiny) is tiny


@pytest.mark.parametrize("kind", ["classes", "labels", "numbers", "quantiles"])
def test_many_outputs_get_fewer_rounds(kind):
    def size(num_outputs):
        shape = (9, num_outputs) if kind == "labels" else 9
        levels = tuple(np.linspace(0.1, 0.9, num_outputs)) if kind == "quantiles" else ()
        data = BaselineData(
            numbers=np.zeros((9, 10)), categories=np.zeros((9, 0), dtype=int),
            target=np.zeros(shape), kind=kind, num_outputs=num_outputs, levels=levels,
        )  # fmt: skip
        return boosting_size(data)

    assert size(5) == (100, 255)
    assert size(90) == (44, 63)
