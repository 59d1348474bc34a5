"""Tests of datasets on disk: the same as in memory, and safe to read back."""

import json

import polars as pl
import pytest
import torch

from lamina.core.errors import BundleError, DataError
from lamina.data.dataset import encode_frame
from lamina.data.schema import fit_schema, infer_schema
from lamina.data.streaming import encode_source, open_encoded
from tests.data.test_dataset import NUM_ROWS, frame


@pytest.fixture(name="schema")
def _schema():
    data = frame()
    return fit_schema(infer_schema(data, targets=["y", "z"], overrides={"z": "number"}), data)


def pieces(size=7):
    data = frame()
    return (data[start : start + size] for start in range(0, NUM_ROWS, size))


def assert_same_batches(one, two):
    for index in (torch.arange(NUM_ROWS), torch.randperm(NUM_ROWS)[:9], torch.tensor([4, 4, 0])):
        first, second = one.batch(index), two.batch(index)
        assert set(first.inputs) == set(second.inputs)
        for name, values in first.inputs.items():
            assert values.dtype == second.inputs[name].dtype
            assert torch.equal(values.nan_to_num(9), second.inputs[name].nan_to_num(9))
        for name, values in first.targets.items():
            assert torch.equal(values.nan_to_num(9), second.targets[name].nan_to_num(9))


def test_batches_equal_those_in_memory(schema, tmp_path):
    memory, disk = encode_frame(schema, frame()), encode_source(schema, pieces(), tmp_path)
    assert_same_batches(memory, disk)
    assert torch.equal(memory.unlabelled, disk.unlabelled)
    assert torch.equal(memory.usable(), disk.usable())
    assert memory.input_specs() == disk.input_specs()


def test_pieces_of_any_size_and_a_later_look_give_the_same(schema, tmp_path):
    one = encode_source(schema, pieces(1), tmp_path / "one")
    encode_source(schema, pieces(100), tmp_path / "two")
    assert_same_batches(one, open_encoded(schema, tmp_path / "two"))


def test_rows_move_to_devices(schema, tmp_path):
    disk, index = encode_source(schema, pieces(), tmp_path), torch.tensor([9, 3])
    moved, whole = disk.to("cpu").batch(index), disk.batch(index)
    assert torch.equal(moved.inputs["note"], whole.inputs["note"])
    assert torch.equal(moved.inputs["picture"], whole.inputs["picture"])


@pytest.mark.parametrize(
    "damage",
    [
        {"files": None},
        {"files": {}},
        {"files": {"flags:failed": {"file": "0.bin"}}},
        {"files": {"flags:failed": {"file": 3, "dtype": "bool", "shape": [1]}}},
        {"problems": [["where"]]},
    ],
)
def test_a_manifest_that_is_no_manifest_is_refused(schema, tmp_path, damage):
    encode_source(schema, pieces(), tmp_path)
    manifest = json.loads((tmp_path / "dataset.json").read_text())
    (tmp_path / "dataset.json").write_text(json.dumps(manifest | damage))
    with pytest.raises(BundleError, match="is damaged"):
        open_encoded(schema, tmp_path)
    (tmp_path / "dataset.json").write_text("[]")
    with pytest.raises(BundleError, match="another way"):
        open_encoded(schema, tmp_path)


def test_texts_are_cut_the_same(schema, tmp_path):
    import dataclasses

    memory, disk = encode_frame(schema, frame()), encode_source(schema, pieces(), tmp_path)
    assert_same_batches(
        dataclasses.replace(memory, max_length=2), dataclasses.replace(disk, max_length=2)
    )


def test_rows_of_problems_are_those_of_the_source(tmp_path):
    cells = [b"junk"] * 5
    import io

    import numpy as np
    from PIL import Image as Pillow

    file = io.BytesIO()
    Pillow.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(file, "PNG")
    cells[0] = file.getvalue()
    data = pl.DataFrame({"p": cells})
    schema = fit_schema(infer_schema(data), data)
    disk = encode_source(schema, (data[i : i + 2] for i in (0, 2, 4)), tmp_path)
    assert [p.where for p in disk.problems] == [f"column 'p', row {i}" for i in (1, 2, 3, 4)]
    assert disk.problems == encode_frame(schema, data).problems


def test_an_unfinished_damaged_or_foreign_folder_is_refused(schema, tmp_path):
    with pytest.raises(BundleError, match="no complete"):
        open_encoded(schema, tmp_path)
    encode_source(schema, pieces(), tmp_path)
    data = frame()
    other = fit_schema(infer_schema(data, targets=["y"]), data)
    with pytest.raises(BundleError, match="another way"):
        open_encoded(other, tmp_path)
    with (tmp_path / "0.bin").open("ab") as file:
        file.write(b"x")
    with pytest.raises(BundleError, match="incomplete"):
        open_encoded(schema, tmp_path)
    manifest = json.loads((tmp_path / "dataset.json").read_text())
    manifest["files"]["input:number"]["file"] = "../../etc/passwd"
    (tmp_path / "dataset.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="damaged"):
        open_encoded(schema, tmp_path)


def test_a_source_without_rows_or_room_is_refused(schema, tmp_path):
    with pytest.raises(DataError, match="no rows"):
        encode_source(schema, [], tmp_path / "empty")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write"):
        encode_source(schema, pieces(), tmp_path / "file")


def test_lengths_of_texts_are_known(schema, tmp_path):
    memory, disk = encode_frame(schema, frame()), encode_source(schema, pieces(), tmp_path)
    assert torch.equal(memory.inputs["note"].lengths, disk.inputs["note"].lengths)
