"""Two slots: the newest whole one counts, and a failed write harms nothing."""

import errno
import random

import pytest
import torch

from lamina.core.errors import BundleError
from lamina.training import checkpoint as module
from lamina.training.checkpoint import CheckpointStore


def save(store, value):
    return store.save({"w": torch.full((50,), float(value))}, {"value": value})


def value_of(folder):
    store = CheckpointStore(folder)
    found = store.load()
    assert torch.equal(found.tensors["w"], torch.full((50,), float(found.document["value"])))
    return found.document["value"], store.problems


def test_the_newest_counts(tmp_path):
    store = CheckpointStore(tmp_path)
    assert store.load() is None
    for value in range(5):
        assert save(store, value)
        assert value_of(tmp_path) == (value, [])
    assert len(list(tmp_path.iterdir())) == 2


def test_a_resumed_store_writes_over_the_older(tmp_path):
    first = CheckpointStore(tmp_path)
    save(first, 1)
    save(first, 2)
    second = CheckpointStore(tmp_path)
    second.load()
    save(second, 3)
    assert value_of(tmp_path)[0] == 3
    newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(b"")
    assert value_of(tmp_path)[0] == 2


@pytest.mark.parametrize("seed", range(12))
def test_a_torn_or_changed_newest_falls_back(tmp_path, seed):
    chance = random.Random(seed)
    store = CheckpointStore(tmp_path)
    save(store, 1)
    save(store, 2)
    path = max(tmp_path.iterdir(), key=lambda p: p.stat().st_mtime_ns)
    data = bytearray(path.read_bytes())
    if seed % 2:
        data = data[: chance.randrange(len(data))]
    else:
        place = chance.randrange(len(data))
        data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    value, problems = value_of(tmp_path)
    assert value == 1
    assert "The other checkpoint is used" in problems[0]


def test_when_none_is_whole_it_is_told(tmp_path):
    store = CheckpointStore(tmp_path)
    save(store, 1)
    save(store, 2)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match="Start the run anew"):
        CheckpointStore(tmp_path).load()


def test_a_full_disk_keeps_the_last_good_one(tmp_path, monkeypatch):
    store = CheckpointStore(tmp_path)
    save(store, 1)

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_tensors", full)
        assert not save(store, 2)
        assert not save(store, 3)
    assert "No space left on device" in store.problems[0]
    assert "free some space" in store.problems[0]
    assert value_of(tmp_path)[0] == 1
    assert save(store, 4)
    assert value_of(tmp_path)[0] == 4


def test_a_file_of_another_kind_is_no_checkpoint(tmp_path):
    from lamina.core.bundle import write_tensors

    write_tensors(tmp_path / "a.safetensors", {"w": torch.ones(1)}, {"schema": 1})
    with pytest.raises(BundleError, match="no checkpoint of this version"):
        CheckpointStore(tmp_path).load()


def test_saving_takes_a_small_share_of_the_time(tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    store = CheckpointStore(tmp_path, cost_share=0.02, min_interval_s=2.0)
    assert not store.is_due()
    clock[0] += 2.0
    assert store.is_due()

    def slow(*args):
        clock[0] += 1.0

    monkeypatch.setattr(module, "write_tensors", slow)
    save(store, 1)
    clock[0] += 49.0
    assert not store.is_due()
    clock[0] += 1.0
    assert store.is_due()
