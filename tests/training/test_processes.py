"""Several processes give the result of one."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.hooks import Hooks
from lamina.training.loop import train
from lamina.training.optimizers import SGDConfig
from lamina.training.processes import Processes, current_processes, process_group
from tests.training.tiny import TinyData, TinyNet, objective

CHILD = """
import sys
import torch
torch.set_num_threads(1)
from lamina.training.processes import process_group
from tests.training.test_processes import trained
with process_group() as processes:
    model, result = trained()
    assert processes.share(processes.rank) == 0
    if processes.is_first:
        torch.save(model.state_dict(), sys.argv[1])
"""


class Mixing:
    """Adds each sample's neighbour in the full batch: wrong if a process saw its own rows only."""

    mixes_samples = True

    def __call__(self, batch, epoch):
        mixed = {"x": batch.inputs["x"] + 0.3 * batch.inputs["x"].roll(1, 0)}
        return type(batch)(mixed, batch.targets, batch.index)


def trained():
    data, model = TinyData(90), TinyNet(seed=int(os.environ.get("RANK", "0")))
    config = TrainingConfig(
        batch_size=33,
        epochs=4,
        clip=1.0,
        optimizer=SGDConfig(rate=0.1),
        validation=ValidationConfig(metric="loss", is_maximised=False, patience=9),
    )

    def validate(model):
        batch = data.batch(torch.arange(90))
        return {"loss": float(objective(model(batch.inputs), batch).mean())}

    hooks = Hooks(validate=validate, transform=Mixing())
    return model, train(model, data, torch.arange(90), objective, config, seed=0, hooks=hooks)


def test_two_processes_give_the_result_of_one(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = Path(__file__).parents[2]
    common = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(root),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "PYTHONWARNINGS": "ignore",
    }
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path / "weights.pt")],
            cwd=root,
            env=common | {"RANK": str(rank)},
        )
        for rank in range(2)
    ]
    assert [child.wait(120) for child in children] == [0, 0]
    together = torch.load(tmp_path / "weights.pt", weights_only=True)
    alone, _ = trained()
    for name, value in alone.state_dict().items():
        assert torch.allclose(value, together[name], atol=1e-5), name


@pytest.mark.parametrize("num_rows", [1, 2, 7, 64])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_rows_of_processes_cover_the_batch_once(num_rows, count):
    covered = []
    for rank in range(count):
        first, last = Processes(rank, count).rows(num_rows)
        covered += range(first, last)
    assert covered == list(range(num_rows))


def test_alone_everything_does_nothing():
    alone = current_processes()
    assert (alone.rank, alone.count, alone.is_first) == (0, 1, True)
    assert alone.share({"a": 1}) == {"a": 1}
    parameter = torch.nn.Parameter(torch.ones(2))
    assert alone.sum_gradients([parameter], torch.tensor([3.0])).item() == 3
    assert parameter.grad is None
    with process_group() as found:
        assert found.count == 1


@pytest.mark.parametrize(("rank", "wanted"), [(0, ["made", "shared"]), (1, ["shared", "taken"])])
def test_the_first_process_writes_and_the_others_wait(rank, wanted):
    done = []

    class Told(Processes):
        def share(self, value):
            done.append("shared")

    Told(rank, 2).by_first(lambda: done.append("made"), lambda: done.append("taken"))
    assert done == wanted
