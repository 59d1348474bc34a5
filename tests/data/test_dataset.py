"""Tests of the dataset in memory."""

import dataclasses
import timeit

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import DataError, NotFittedError
from lamina.data.dataset import encode_frame
from lamina.data.schema import fit_schema, infer_schema

NUM_ROWS = 40


def frame():
    rows = range(NUM_ROWS)
    pictures = np.random.default_rng(0).integers(0, 255, (NUM_ROWS, 4, 5), dtype=np.uint8)
    return pl.DataFrame(
        {
            "a": [i * 1.5 if i != 3 else None for i in rows],
            "kind": [["u", "v", "w"][i % 3] for i in rows],
            "b": [float(i % 7) + 0.5 for i in rows],
            "note": [" ".join(["word", "other", f"n{i}"] * (1 + i % 4)) for i in rows],
            "picture": pictures,
            "y": [["no", "yes", None][i % 3] if i > 30 else ["no", "yes"][i % 2] for i in rows],
            "z": [float(i) for i in rows],
        }
    )


@pytest.fixture(name="dataset")
def _dataset():
    data = frame()
    schema = fit_schema(infer_schema(data, targets=["y", "z"], overrides={"z": "number"}), data)
    return encode_frame(schema, data)


def test_batches_hold_the_rows_asked_for(dataset):
    index = torch.tensor([5, 0, 39, 5])
    batch = dataset.batch(index)
    assert {name: tuple(v.shape[1:]) for name, v in batch.inputs.items() if name != "note"} == {
        "number": (2,),
        "category": (1,),
        "picture": (1, 4, 5),
    }
    assert torch.equal(
        batch.inputs["picture"][:, 0], torch.tensor(frame()["picture"].to_numpy())[index]
    )
    assert batch.inputs["note"].dtype == torch.int64
    assert batch.inputs["note"].shape[1] == 12
    assert batch.targets["y"].tolist() == [1, 0, 0, 1]
    assert batch.targets["z"].shape == (4, 1)
    assert torch.equal(batch.index, index)


def test_specs_fit_the_batch(dataset):
    batch = dataset.batch(torch.arange(4))
    for spec in dataset.input_specs():
        values = batch.inputs[spec.name]
        if spec.kind == "text":
            assert int(values.max()) < spec.vocabulary_size
        else:
            assert tuple(values.shape[1:]) == spec.shape
    assert {spec.name: spec.size for spec in dataset.output_specs()} == {"y": 2, "z": 1}


def test_missing_numbers_are_nan_and_missing_targets_cannot_be_used(dataset):
    assert dataset.batch(torch.tensor([3])).inputs["number"][0, 0].isnan()
    unlabelled = [i for i in range(31, NUM_ROWS) if i % 3 == 2]
    assert torch.nonzero(dataset.unlabelled).squeeze(1).tolist() == unlabelled
    assert dataset.usable(torch.tensor([0, 32, 1])).tolist() == [0, 1]
    assert len(dataset.usable(with_targets=False)) == NUM_ROWS
    assert len(dataset.usable()) == NUM_ROWS - len(unlabelled)


def test_texts_of_a_batch_can_be_cut_shorter(dataset):
    short = dataclasses.replace(dataset, max_length=2)
    assert short.batch(torch.arange(4)).inputs["note"].shape == (4, 2)


def test_moving_to_a_device_keeps_the_rows(dataset):
    moved = dataset.to("cpu")
    assert torch.equal(
        moved.batch(torch.arange(3)).inputs["category"], dataset.inputs["category"][:3]
    )


def test_new_rows_may_lack_targets_but_not_inputs(dataset):
    data = frame()
    new = encode_frame(dataset.schema, data.drop("y"))
    assert not new.targets
    assert new.unlabelled.all()
    assert not new.failed.any()
    with pytest.raises(DataError, match="'b' that the model needs is missing"):
        encode_frame(dataset.schema, data.drop("b"))
    with pytest.raises(DataError, match="Did you mean 'nota'"):
        encode_frame(dataset.schema, data.rename({"note": "nota"}))
    with pytest.raises(DataError, match="'y'"):
        encode_frame(dataset.schema, data.drop("y"), with_targets=True)


def test_broken_cells_fail_their_row_and_name_their_place():
    import io

    from PIL import Image as Pillow

    file = io.BytesIO()
    Pillow.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(file, "PNG")
    data = pl.DataFrame({"p": [file.getvalue(), b"junk", file.getvalue()], "y": ["a", "b", "b"]})
    dataset = encode_frame(fit_schema(infer_schema(data, targets=["y"]), data), data)
    assert dataset.failed.tolist() == [False, True, False]
    assert dataset.problems[0].where == "column 'p', row 1"
    assert dataset.usable().tolist() == [0, 2]


def test_an_unfitted_schema_cannot_encode():
    with pytest.raises((DataError, NotFittedError), match="fit_schema"):
        encode_frame(infer_schema(frame(), targets=["y"]), frame())


def test_a_batch_costs_little_more_than_its_gathers(dataset):
    numbers = {
        name: rows for name, rows in dataset.inputs.items() if name in ("number", "category")
    }
    plain = dataclasses.replace(dataset, inputs=numbers)
    index = torch.arange(32)

    def gathers():
        for rows in (*numbers.values(), *plain.targets.values()):
            rows.index_select(0, index)

    batch_s = min(timeit.repeat(lambda: plain.batch(index), number=200, repeat=7))
    gathers_s = min(timeit.repeat(gathers, number=200, repeat=7))
    assert batch_s < 4 * gathers_s + 200 * 10e-6


def test_texts_of_one_length_follow_each_other():
    column = {"t": ["a b c d", "a", "a b", "a b c d", "a"], "y": ["u", "v", "u", "v", "u"]}
    frame = pl.DataFrame(column)
    schema = fit_schema(infer_schema(frame, targets=("y",), overrides={"t": "text"}), frame)
    dataset = encode_frame(schema, frame)
    assert dataset.by_length(torch.tensor([0, 1, 2, 3, 4])).tolist() == [1, 4, 2, 0, 3]
    assert dataset.by_length(torch.tensor([3, 2])).tolist() == [1, 0]
    alone = dataclasses.replace(dataset, inputs={})
    assert alone.by_length(torch.tensor([3, 2])).tolist() == [0, 1]
