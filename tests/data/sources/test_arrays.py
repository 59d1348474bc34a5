"""NumPy arrays in files and in memory."""

import tracemalloc

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.sources import arrays
from lamina.data.sources.arrays import ArraySource

X = np.arange(10, dtype=np.float32).reshape(5, 2)
Y = np.array(["a", "b", "a", "ü", ""])
PICTURES = np.arange(5 * 4 * 6 * 3, dtype=np.uint8).reshape(5, 4, 6, 3)


@pytest.fixture(params=["memory", "npz", "npz compressed", "fortran"])
def opened(request, tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "ROWS_PER_PIECE", 2)
    content = {"X": X, "y": Y, "image": PICTURES, "day": np.array(["2020-01-02"] * 5, "M8[D]")}
    if request.param == "memory":
        return ArraySource(content)
    if request.param == "fortran":
        content = {name: np.asfortranarray(array) for name, array in content.items()}
    save = np.savez_compressed if "compressed" in request.param else np.savez
    save(tmp_path / "a.npz", **content)
    return ArraySource(tmp_path / "a.npz")


def test_contract(opened, check_source):
    assert opened.num_rows == 5
    check_source(opened)
    frame = opened.read()
    assert frame.schema == {
        "x_0": pl.Float32,
        "x_1": pl.Float32,
        "y": pl.String,
        "image": pl.Array(pl.UInt8, (4, 6, 3)),
        "day": pl.Datetime("us"),
    }
    assert (frame.select("x_0", "x_1").to_numpy() == X).all()
    assert frame["y"].to_list() == Y.tolist()
    assert (frame["image"].to_numpy() == PICTURES).all()


def test_npy_file(tmp_path, check_source):
    np.save(tmp_path / "a.npy", X)
    source = ArraySource(tmp_path / "a.npy")
    check_source(source)
    assert source.read().columns == ["x_0", "x_1"]


@pytest.mark.parametrize("names", [("x_train", "y_train", "x_test", "y_test")])
def test_names_give_the_split(names, check_source):
    source = ArraySource(dict(zip(names, (X, Y, X[:2], Y[:2]))))
    check_source(source)
    frame = source.read()
    assert frame.columns == ["x_0", "x_1", "y", "split"]
    assert frame["split"].to_list() == ["train"] * 5 + ["test"] * 2


def test_names_before_the_part():
    parts = {"test_labels": Y[:1], "val_labels": Y[:2], "train_labels": Y}
    frame = ArraySource(parts).read()
    assert frame.columns == ["labels", "split"]
    assert frame["split"].unique(maintain_order=True).to_list() == ["train", "validation", "test"]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 3, 8, 9), (8, 9, 3)),  # channels first
        ((2, 1, 8, 9), (8, 9)),
        ((2, 8, 9, 1), (8, 9)),
        ((2, 8, 9, 4), (8, 9, 4)),
        ((2, 8, 9), (8, 9)),
    ],
)
def test_layouts_of_pictures(shape, expected):
    values = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    column = ArraySource({"p": values}).read()["p"]
    assert column.dtype == pl.Array(pl.UInt8, expected)
    moved = np.moveaxis(values, 1, -1) if shape[1] in (1, 3) else values
    assert (column.to_numpy() == moved.reshape(2, *expected)).all()


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.ones(3, np.float16), pl.Float32),
        (np.ones(3, ">i4"), pl.Int32),
        (np.array([b"a", b"b"]), pl.String),
        (np.array(["a", "b"], object), pl.String),
        (np.array([[1], [2]]), pl.Int64),
        (np.array([True, False]), pl.Boolean),
        ([1.5, 2.5], pl.Float64),
    ],
)
def test_types(array, dtype):
    assert ArraySource({"a": array}).read().schema == {"a": dtype}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "holds no arrays"),
        ({"a": np.float64(1)}, r"has shape \[\]"),
        ({"a": np.ones((2, 2, 2, 2, 2))}, "wanted"),
        ({"a": np.ones((2, 8, 8))}, r"astype\('uint8'\)"),
        ({"a": np.ones(2), "b": np.ones(3)}, "same number of rows, got a 2, b 3"),
        ({"a": np.array([{}, 1], object)}, "holds Python objects"),
        ({"a": np.ones(2, complex)}, "wanted numbers"),
        ({"x_train": X, "x_test": X[:, :1]}, "same names and shapes"),
    ],
)
def test_unusable_arrays(content, message):
    with pytest.raises(DataError, match=message):
        ArraySource(content)


def test_pickles_are_never_loaded(tmp_path):
    for name, save in (("a.npy", np.save), ("a.npz", np.savez)):
        save(tmp_path / name, np.array([{}], object), allow_pickle=True)
        with pytest.raises(DataError, match="cannot be read as NumPy arrays"):
            ArraySource(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04"])
def test_other_files(content, write):
    with pytest.raises(DataError, match="cannot be read as NumPy arrays"):
        ArraySource(write("a.npz", content))


def test_damaged_archive(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(50_000))
    data = bytearray(path.read_bytes())
    data[200_000] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(DataError, match="is damaged"):
        ArraySource(path).read()


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        ArraySource(tmp_path / "a.npz")


def test_archives_are_streamed(tmp_path):
    path = tmp_path / "big.npz"
    np.savez_compressed(path, x=np.zeros((200_000, 16)))  # 26 MB
    source = ArraySource(path)
    tracemalloc.start()
    rows = sum(frame.height for frame in source.batches(4096))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 200_000
    assert peak < 8e6
