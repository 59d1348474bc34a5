"""IDX files."""

import gzip

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import DataError
from lamina.data.sources import idx
from lamina.data.sources.idx import IdxSource, find_idx, is_idx

CODES = {"uint8": 8, "int32": 12, "float32": 13}


def content(array: np.ndarray) -> bytes:
    head = bytes([0, 0, CODES[str(array.dtype)], array.ndim])
    sizes = np.array(array.shape, ">u4").tobytes()
    return head + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(7 * 3 * 4, dtype=np.uint8).reshape(7, 3, 4)
LABELS = np.arange(7, dtype=np.uint8) % 3


@pytest.fixture
def folder(tmp_path, write):
    write("train-images-idx3-ubyte.gz", gzip.compress(content(IMAGES), mtime=0))
    write("train-labels-idx1-ubyte.gz", gzip.compress(content(LABELS), mtime=0))
    write("t10k-images-idx3-ubyte", content(IMAGES[:2]))
    write("t10k-labels-idx1-ubyte", content(LABELS[:2]))
    write("LICENSE", "free")
    return tmp_path


def test_folder(folder, check_source, monkeypatch):
    monkeypatch.setattr(idx, "ROWS_PER_PIECE", 3)
    source = IdxSource(folder)
    assert source.num_rows == 9
    check_source(source)
    frame = source.read()
    assert frame["image"].dtype == pl.Array(pl.UInt8, (3, 4))
    assert (frame["image"].to_numpy() == np.concatenate([IMAGES, IMAGES[:2]])).all()
    assert frame["label"].to_list() == [0, 1, 2, 0, 1, 2, 0, 0, 1]
    assert frame["split"].to_list() == ["train"] * 7 + ["test"] * 2


def test_file_of_images_with_labels_beside_it(folder):
    frame = IdxSource(folder / "train-images-idx3-ubyte.gz").read()
    assert frame.columns == ["image", "label"]
    assert frame.height == 7


def test_file_of_images_alone(write):
    frame = IdxSource(write("some.idx3-ubyte", content(IMAGES))).read()
    assert frame.columns == ["image"]


def test_wide_types_of_labels(write, tmp_path):
    write("x-images-idx3-ubyte", content(IMAGES))
    write("x-labels-idx1-int", b"")  # not the partner's name
    write("x-labels-idx1-ubyte", content(LABELS.astype(np.int32) * 1000))
    assert IdxSource(tmp_path / "x-images-idx3-ubyte").read()["label"][2] == 2000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no IDX file"),
        (b"GIF89a", "is no IDX file"),
        (content(IMAGES)[:9], "ends before all its values"),
        (content(IMAGES)[:-1], "ends before all its values"),
        (content(IMAGES.astype(np.float32)), "unsigned bytes"),
        (content(LABELS), "no IDX file of images"),
        (content(IMAGES[0]), "of shape"),
        (content(IMAGES[:, :0]), r"claims images of size \[0, 4\]"),
        (content(IMAGES)[:8] + b"\x7f" + content(IMAGES)[9:], "cannot be right"),
    ],
)
def test_bad_files(data, message, write):
    with pytest.raises(DataError, match=message):
        IdxSource(write("a-images-idx3-ubyte", data)).read()


def test_labels_must_match(folder, write):
    write("t10k-labels-idx1-ubyte", content(LABELS))
    with pytest.raises(DataError, match=r"holds 2 images but .* holds 7 labels"):
        IdxSource(folder)


def test_folder_without_labels(folder):
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="has no file of labels beside it"):
        IdxSource(folder)


def test_names(folder):
    assert [path.name for path in find_idx(folder)] == [
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]
    assert not is_idx(folder / "LICENSE")
