"""Rows, schema, split and tensors are the same in memory and from disk."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from lamina.core.errors import DataError
from lamina.data.ragged import Ragged
from lamina.runs import prepare
from lamina.runs.plan import DataConfig
from tests.runs.tiny import mixed, table


def write(tmp_path, frame, name="data"):
    path = tmp_path / f"{name}.parquet"
    frame.write_parquet(path)
    return str(path)


def material(config, tmp_path, seed=0):
    rows = prepare.read_rows(config)
    schema = prepare.infer(rows, config)
    parts = prepare.split(rows, schema, config, seed=seed)
    folder = tmp_path / f"encoded-{config.storage}"
    return prepare.make_material(rows, schema, parts, config, seed=seed, folder=folder)


def test_parts_come_from_their_own_sources(tmp_path):
    config = DataConfig(
        source=write(tmp_path, table(100, 1), "train"),
        validation=write(tmp_path, table(30, 2), "validation"),
        test=write(tmp_path, table(20, 3), "test"),
        target=("answer",),
    )
    found = material(config, tmp_path)
    assert found.rows.counts == (100, 30, 20)
    assert found.split.train.tolist() == list(range(100))
    assert found.split.validation.tolist() == list(range(100, 130))
    assert found.split.test.tolist() == list(range(130, 150))
    assert "30 rows of the validation source" in found.split.reason
    assert len(found.infos) == 3


@pytest.mark.parametrize("apart", ["test", "validation"])
def test_one_part_may_come_from_its_own_source(tmp_path, apart):
    config = DataConfig(
        source=write(tmp_path, table(100, 1), "train"),
        target=("answer",),
        **{apart: write(tmp_path, table(30, 2), apart)},
    )
    found = material(config, tmp_path)
    parts = {n: getattr(found.split, n).tolist() for n in ("train", "validation", "test")}
    assert parts[apart] == list(range(100, 130))
    others = [row for name, rows in parts.items() if name != apart for row in rows]
    assert sorted(others) == list(range(100))
    assert all(parts.values())


def test_sources_must_fit(tmp_path):
    config = DataConfig(
        source=write(tmp_path, table(50), "train"),
        test=write(tmp_path, table(20).drop("colour"), "test"),
        target=("answer",),
    )
    with pytest.raises(DataError, match="the column 'colour' of the first is missing"):
        prepare.read_rows(config)


def test_columns_of_the_test_source_may_be_in_another_order(tmp_path):
    frame = table(20, 3)
    config = DataConfig(
        source=write(tmp_path, table(50), "train"),
        test=write(tmp_path, frame.select(frame.columns[::-1]), "test"),
        target=("answer",),
    )
    assert prepare.read_rows(config).frame[50:].equals(frame)


def _without_evidence(schema):
    return [{**c, "evidence": ""} for c in schema.to_document()["columns"]]


def _assert_same(one, other):
    assert torch.equal(one.split.train, other.split.train)
    assert torch.equal(one.split.validation, other.split.validation)
    assert torch.equal(one.split.test, other.split.test)
    assert _without_evidence(one.schema) == _without_evidence(other.schema)
    rows = torch.arange(one.dataset.num_rows)
    first, second = one.dataset.batch(rows), other.dataset.batch(rows)
    for name, value in first.inputs.items():
        assert torch.equal(value.nan_to_num(9.0), second.inputs[name].nan_to_num(9.0)), name
    for name, value in first.targets.items():
        assert torch.equal(value.nan_to_num(9.0), second.targets[name].nan_to_num(9.0)), name


def test_memory_and_disk_hold_the_same(tmp_path):
    path = write(tmp_path, table(200))
    config = {"source": path, "target": ("answer",)}
    there = material(DataConfig(**config, storage="disk"), tmp_path)
    _assert_same(material(DataConfig(**config), tmp_path), there)
    assert (tmp_path / "encoded-disk").exists()


def test_memory_and_disk_hold_the_same_mixed_rows(tmp_path):
    from lamina.data.sources.open import open_source

    path = write(tmp_path, open_source(mixed(60)).read())
    config = {"source": path, "target": ("side",)}
    one = material(DataConfig(**config), tmp_path)
    assert any(isinstance(rows, Ragged) for rows in one.dataset.inputs.values())
    _assert_same(one, material(DataConfig(**config, storage="disk"), tmp_path))


def test_a_sample_of_a_long_source_keeps_its_row_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "SAMPLE_ROWS", 40)
    monkeypatch.setattr(prepare, "BATCH_ROWS", 17)
    frame = table(300).with_columns(number=pl.int_range(300).sqrt())
    config = DataConfig(source=write(tmp_path, frame), target=("answer",), storage="disk")
    rows = prepare.read_rows(config)
    assert not rows.is_whole
    assert rows.num_rows == 300
    assert 40 <= rows.frame.height <= 80
    assert rows.frame["number"].pow(2).round().to_list() == rows.numbers.tolist()
    assert np.unique(np.diff(rows.numbers.numpy())).size == 1
    assert sum(f.height for f in rows.frames()) == 300
    whole = prepare.read_rows(DataConfig(source=config.source, target=("answer",)))
    _assert_same(
        material(DataConfig(source=config.source, target=("answer",)), tmp_path),
        material(config, tmp_path),
    )
    assert whole.is_whole


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        (["a", "Label"], ("Label",)),
        (["target", "label"], ("label",)),
        (["a", "y"], ("y",)),
    ],
)
def test_a_target_is_guessed_by_its_name(tmp_path, columns, target):
    frame = pl.DataFrame({name: [1, 2, 3] for name in columns})
    rows = prepare.read_rows(DataConfig(source=write(tmp_path, frame)))
    assert prepare.guess_target(rows, wanted=()) == target
    assert prepare.guess_target(rows, wanted=("b",)) == ("b",)


def test_no_target_is_told(tmp_path):
    rows = prepare.read_rows(DataConfig(source=write(tmp_path, table(20).select("x", "colour"))))
    with pytest.raises(DataError, match=r"no target was named.*--target; there are: x, colour"):
        prepare.guess_target(rows, wanted=())


def test_a_test_part_without_targets_is_told(tmp_path):
    blind = table(20, 3).with_columns(answer=pl.lit(None, dtype=pl.String))
    config = DataConfig(
        source=write(tmp_path, table(60), "train"),
        test=write(tmp_path, blind, "test"),
        target=("answer",),
    )
    with pytest.raises(DataError, match="no usable test row is left of 20"):
        material(config, tmp_path)


def write_faces(folder, *, marks):
    chance = np.random.default_rng(0)
    for number in range(8):
        for mood in ("happy", "sad"):
            name = f"S{number:02}_{mood}.png" if marks else f"{mood}{number}.png"
            (folder / mood).mkdir(parents=True, exist_ok=True)
            pixels = chance.integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / mood / name)
    return str(folder)


@pytest.mark.parametrize("storage", ["memory", "disk"])
def test_subjects_that_names_of_files_give_stay_in_one_part(tmp_path, storage):
    config = DataConfig(
        source=write_faces(tmp_path / "faces", marks=True),
        test=write_faces(tmp_path / "others", marks=False),
        target=("label",),
        storage=storage,
    )
    rows = prepare.read_rows(config)
    assert prepare.guess_group(rows, config) == "subject"
    assert prepare.guess_group(rows, replace(config, ignore=("subject",))) is None
    assert prepare.guess_group(rows, replace(config, group="label")) == "label"
    schema = prepare.infer(rows, replace(config, group="subject"))
    found = prepare.split(rows, schema, config, seed=0)
    subjects = rows.frame["subject"].to_list()
    train = {subjects[row] for row in found.train.tolist()}
    held = {subjects[row] for row in found.validation.tolist()}
    assert len(train) + len(held) == 8
    assert not train & held
