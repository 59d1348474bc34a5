"""Hugging Face data sets, told by what they can do."""

import polars as pl
import pytest
from PIL import Image

from lamina.data.sources import hugging_face
from lamina.data.sources.hugging_face import HuggingFaceSource, is_hugging_face


class ClassLabel:
    """Class numbers with names, as the library has them."""

    def __init__(self, *names):
        self.names = list(names)


class Dataset:
    """A small data set with the library's face: slices are mappings of lists."""

    def __init__(self, columns, features):
        self.columns, self.features = columns, features
        self.column_names = list(columns)

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __getitem__(self, rows):
        return {name: cells[rows] for name, cells in self.columns.items()}


class ArrowDataset(Dataset):
    """The same with an Arrow view, in which pictures keep their bytes."""

    def with_format(self, kind):
        assert kind == "arrow"
        view = Dataset(self.columns, self.features)
        frame = pl.DataFrame(
            self.columns,
            schema_overrides={"image": pl.Struct({"bytes": pl.Binary, "path": pl.String})},
        )
        view.__class__ = type("View", (Dataset,), {"__getitem__": lambda _, rows: frame[rows]})
        return view


FEATURES = {"text": object(), "label": ClassLabel("neg", "pos"), "image": object()}


def columns(*pictures):
    return {"text": ["a", "b", None], "label": [1, 0, -1], "image": list(pictures)}


@pytest.fixture(params=[Dataset, ArrowDataset])
def dataset(request):
    pictures = [{"bytes": bytes([i]), "path": None} for i in range(3)]
    return request.param(columns(*pictures), FEATURES)


def test_contract(dataset, check_source, monkeypatch):
    monkeypatch.setattr(hugging_face, "ROWS_PER_PIECE", 2)
    assert is_hugging_face(dataset)
    source = HuggingFaceSource(dataset)
    assert source.num_rows == 3
    check_source(source)
    frame = source.read()
    assert frame["label"].to_list() == ["pos", "neg", None]
    assert frame["image"].to_list() == [b"\0", b"\1", b"\2"]
    assert frame["image"].dtype == pl.Binary


def test_lists_of_classes_are_lists_of_their_names():
    class Sequence:
        feature = ClassLabel("O", "B-PER", "I-PER")

    tags = [[1, 2, 0], [0], None]
    found = Dataset(
        {"ner": tags, "lengths": [[3], [1], [0]]}, {"ner": Sequence(), "lengths": object()}
    )
    frame = HuggingFaceSource(found).read()
    assert frame["ner"].to_list() == [["B-PER", "I-PER", "O"], ["O"], None]
    assert frame["lengths"].to_list() == [[3.0], [1.0], [0.0]]


def test_a_mapping_of_parts_gives_the_split(dataset, check_source):
    parts = {"train": dataset, "validation": dataset, "extra": dataset}
    assert is_hugging_face(parts)
    source = HuggingFaceSource(parts)
    check_source(source)
    names = source.read()["split"].unique(maintain_order=True).to_list()
    assert names == ["train", "validation", "extra"]


def test_decoded_pictures_become_png():
    picture = Image.new("RGB", (3, 2), (1, 2, 3))
    frame = HuggingFaceSource(Dataset(columns(picture, None, picture), FEATURES)).read()
    assert frame["image"][0].startswith(b"\x89PNG")
    assert frame["image"].null_count() == 1


@pytest.mark.parametrize("what", [None, {}, {"a": [1]}, pl.DataFrame({"a": [1]}), [1]])
def test_other_objects(what):
    assert not is_hugging_face(what)


def test_the_library_itself():
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["neg", "pos"]),
            "image": datasets.Image(),
        }
    )
    picture = Image.new("RGB", (3, 2), (1, 2, 3))
    real = datasets.Dataset.from_dict(columns(picture, None, picture), features=features)
    frame = HuggingFaceSource(datasets.DatasetDict({"train": real, "test": real})).read()
    assert frame["label"].to_list() == ["pos", "neg", None] * 2
    assert frame["image"].dtype == pl.Binary
    assert frame["split"].to_list() == ["train"] * 3 + ["test"] * 3
