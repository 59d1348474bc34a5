"""Training rows kept to name similar ones."""

import pytest
import torch

from lamina.core.bundle import read_tensors, write_tensors
from lamina.core.errors import BundleError
from lamina.runs.memory import load_memory
from tests.runs.test_explain import rows_of
from tests.runs.tiny import copy_of, finished


@pytest.mark.parametrize("name", ["binary", "numbers", "picture", "text", "tags"])
def test_a_training_row_is_nearest_to_itself(name):
    run, frame = finished(name), rows_of(name)
    memory = load_memory(run.folder.representations)
    rows = memory.memory.rows
    row = int(rows[len(rows) // 2])
    first, *others = run.explain(frame, row=row, is_checked=False).neighbours
    assert first.distance < 0.05
    assert first.row == row or others[0].distance < 0.05
    assert first.label
    distances = [first.distance, *(one.distance for one in others)]
    assert distances == sorted(distances)
    assert bool(first.picture) == (name == "picture")


def test_only_training_rows_are_kept():
    run = finished("binary")
    tested, _ = read_tensors(run.folder.answers)
    kept = load_memory(run.folder.representations).memory.rows
    assert not set(kept.tolist()) & set(tested["rows"].tolist())


def test_without_the_file_no_neighbours_are_named(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    run.folder.representations.unlink()
    assert run.explain(rows_of("binary"), is_checked=False).neighbours == ()


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"features": torch.zeros(2, 3), "rows": torch.zeros(2).long()}, {})
    with pytest.raises(BundleError, match="damaged"):
        load_memory(path)
    told = {"labels": ["a"], "shown": ["b", "c"]}
    write_tensors(path, {"features": torch.zeros(2, 3), "rows": torch.zeros(2).long()}, told)
    with pytest.raises(BundleError, match="do not fit"):
        load_memory(path)
