"""The loop as a whole: it learns, resumes exactly, and splits its work with the same result."""

import dataclasses
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from lamina.core.errors import BundleError, TrainingError
from lamina.training.checkpoint import CheckpointStore
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.execution import Execution
from lamina.training.hooks import Hooks
from lamina.training.log import MemoryLogger
from lamina.training.loop import train
from lamina.training.optimizers import AdamConfig, AdamWConfig, MuonConfig, SGDConfig
from lamina.training.schedules import ConstantConfig
from tests.training.tiny import TinyData, TinyNet, largest_difference, objective, weights_hash

DATA = TinyData()
INDEX = torch.arange(100)
BASE = TrainingConfig(batch_size=32, epochs=6, optimizer=AdamWConfig(rate=0.01))


def accuracy(model):
    return {"accuracy": float((model({"x": DATA.x})["y"].argmax(1) == DATA.y).float().mean())}


def fit(config=BASE, *, seed=3, data=DATA, model=None, objective=objective, **hooks):
    model = model or TinyNet()
    result = train(model, data, INDEX, objective, config, seed=seed, hooks=Hooks(**hooks))
    return model, result


def test_it_learns():
    model, result = fit(dataclasses.replace(BASE, epochs=30), validate=accuracy)
    assert accuracy(model)["accuracy"] > 0.85
    assert result.steps == 120
    assert result.history[-1]["loss"] < 0.6 * result.history[0]["loss"]
    assert not model.training


def test_same_seed_same_weights_other_seed_other_weights():
    first, second, other = fit()[0], fit()[0], fit(seed=4)[0]
    assert weights_hash(first) == weights_hash(second) != weights_hash(other)


def test_the_first_step_is_the_one_done_by_hand():
    # One full batch without dropout: SGD subtracts rate × mean gradient.
    model, by_hand = TinyNet(), TinyNet()
    model.body[2] = by_hand.body[2] = nn.Identity()
    config = TrainingConfig(
        batch_size=100,
        steps=1,
        optimizer=SGDConfig(rate=0.5, momentum=0.0),
        schedule=ConstantConfig(),
    )
    fit(config, model=model)
    batch = DATA.batch(INDEX)
    objective(by_hand(batch.inputs), batch).mean().backward()
    with torch.no_grad():
        for parameter in by_hand.parameters():
            parameter -= 0.5 * parameter.grad
    assert largest_difference(model, by_hand) < 1e-6


@pytest.mark.parametrize("micro", [1, 7, 16])
def test_micro_batches_change_nothing(micro):
    whole = fit()[0]
    split = fit(dataclasses.replace(BASE, micro_batch_size=micro))[0]
    assert largest_difference(whole, split) < 1e-5


def test_incomplete_batches_are_kept_or_dropped():
    assert fit()[1].steps == 24  # 3 whole batches of 32 and one of 4, 6 epochs
    assert fit(dataclasses.replace(BASE, drop_last=True))[1].steps == 18


@pytest.mark.parametrize("failing_rows", [9, 2])
@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("out"), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
)
def test_out_of_memory_halves_the_micro_batch_with_the_same_result(error, failing_rows):
    def hungry(outputs, batch):
        if len(batch) >= failing_rows:
            raise error
        return objective(outputs, batch)

    assert largest_difference(fit()[0], fit(objective=hungry)[0]) < 1e-5


def test_out_of_memory_with_one_sample_is_told():
    def greedy(outputs, batch):
        raise torch.OutOfMemoryError("out")

    with pytest.raises(TrainingError, match="one sample at a time"):
        fit(objective=greedy)


def test_other_runtime_errors_are_not_swallowed():
    def broken(outputs, batch):
        raise RuntimeError("shape mismatch")

    with pytest.raises(RuntimeError, match="shape mismatch"):
        fit(objective=broken)


RICH = dataclasses.replace(
    BASE,
    average=0.9,
    clip=1.0,
    micro_batch_size=10,
    validation=ValidationConfig(every=0.5, metric="accuracy", patience=8),
)


class StopAt:
    """An objective that asks for a stop after some calls, as Ctrl-C would."""

    def __init__(self, calls, stop):
        self.calls, self.stop = calls, stop

    def __call__(self, outputs, batch):
        self.calls -= 1
        if self.calls == 0:
            self.stop.ask("test")
        return objective(outputs, batch)


@pytest.mark.parametrize(
    "optimizer",
    [AdamWConfig(rate=0.01), SGDConfig(rate=0.05), AdamConfig(rate=0.01), MuonConfig()],
)
@pytest.mark.parametrize("calls", [3, 27, 50])
def test_interrupted_and_resumed_is_bit_identical(tmp_path, optimizer, calls):
    config = dataclasses.replace(RICH, optimizer=optimizer)
    whole, expected = fit(config, validate=accuracy)
    hooks = Hooks(validate=accuracy, checkpoints=CheckpointStore(tmp_path))
    stopping = StopAt(calls, hooks.stop)
    first = train(TinyNet(), DATA, INDEX, stopping, config, seed=3, hooks=hooks)
    assert first.is_interrupted
    # Other weights to begin with: only the checkpoint may decide what follows.
    resumed, result = fit(
        config, model=TinyNet(seed=8), validate=accuracy, checkpoints=CheckpointStore(tmp_path)
    )
    assert weights_hash(resumed) == weights_hash(whole)
    assert [r["metrics"] for r in result.history] == [r["metrics"] for r in expected.history]
    assert result.best_step == expected.best_step


def test_plain_dropout_resumes_exactly_too(tmp_path):
    def net(seed):
        model = TinyNet(seed=seed)
        model.body[2] = nn.Dropout(0.3)
        return model

    whole = fit(model=net(0))[0]
    hooks = Hooks(checkpoints=CheckpointStore(tmp_path))
    train(net(0), DATA, INDEX, StopAt(5, hooks.stop), BASE, seed=3, hooks=hooks)
    resumed = fit(model=net(1), checkpoints=CheckpointStore(tmp_path))[0]
    assert weights_hash(resumed) == weights_hash(whole)


class Pictures(nn.Module):
    def __init__(self, seed=0):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # No bias before the normalisation: its gradient is rounding noise, which Adam inflates.
            self.body = nn.Sequential(
                nn.Conv2d(3, 6, 3, bias=False),
                nn.BatchNorm2d(6),
                nn.ReLU(),
                nn.Conv2d(6, 4, 3, stride=2),
            )
            self.head = nn.Linear(4, 3)

    def forward(self, inputs):
        return {"y": self.head(self.body(inputs["x"]).mean((2, 3)))}


class PictureData(TinyData):
    def batch(self, index):
        batch = super().batch(index)
        pictures = batch.inputs["x"][:, :3, None, None] * torch.linspace(0, 1, 49).view(1, 1, 7, 7)
        return type(batch)({"x": pictures}, batch.targets, batch.index)


@pytest.mark.parametrize("optimizer", [AdamWConfig(rate=0.01), SGDConfig(), MuonConfig()])
def test_channels_last_learns_the_same_and_resumes_exactly(tmp_path, optimizer):
    config = dataclasses.replace(BASE, optimizer=optimizer, average=0.9)
    last = dataclasses.replace(config, execution=Execution(channels_last=True))
    data = PictureData()
    plain = fit(config, model=Pictures(), data=data)[0]
    whole = fit(last, model=Pictures(), data=data)[0]
    assert largest_difference(plain, whole) < 1e-3
    hooks = Hooks(checkpoints=CheckpointStore(tmp_path))
    train(Pictures(), data, INDEX, StopAt(5, hooks.stop), last, seed=3, hooks=hooks)
    resumed = fit(last, model=Pictures(seed=1), data=data, checkpoints=CheckpointStore(tmp_path))[0]
    assert weights_hash(resumed) == weights_hash(whole)


def test_a_finished_run_is_not_trained_again(tmp_path):
    first, _ = fit(checkpoints=CheckpointStore(tmp_path))
    calls = []

    def counting(outputs, batch):
        calls.append(1)
        return objective(outputs, batch)

    again, result = fit(
        model=TinyNet(seed=5), objective=counting, checkpoints=CheckpointStore(tmp_path)
    )
    assert weights_hash(first) == weights_hash(again)
    assert not calls
    assert not result.is_interrupted


@pytest.mark.parametrize("change", [{"seed": 4}, {"config": dataclasses.replace(BASE, clip=1.0)}])
def test_a_checkpoint_of_another_training_is_refused(tmp_path, change):
    fit(checkpoints=CheckpointStore(tmp_path))
    with pytest.raises(BundleError, match="another training"):
        fit(**change, checkpoints=CheckpointStore(tmp_path))


def test_training_leaves_the_callers_random_numbers_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    fit()
    assert torch.equal(torch.rand(3), expected)


def test_early_stopping_keeps_the_best_weights():
    values = iter([0.5, 0.9, 0.8, 0.7, 0.6, 0.5])
    seen = []

    def validate(model):
        seen.append(weights_hash(model))
        return {"score": next(values)}

    config = dataclasses.replace(BASE, validation=ValidationConfig(metric="score", patience=2))
    model, result = fit(config, validate=validate)
    assert result.is_stopped_early
    assert (result.best_step, result.best_value) == (8, 0.9)
    assert len(seen) == 4
    assert weights_hash(model) == seen[1]


def test_averaged_weights_are_judged_and_kept():
    seen = []

    def validate(model):
        seen.append(weights_hash(model))
        return {}

    plain = fit()[0]
    model, _ = fit(dataclasses.replace(BASE, average=0.9), validate=validate)
    assert weights_hash(model) == seen[-1] != weights_hash(plain)


def test_an_interrupted_training_leaves_a_usable_model():
    hooks = Hooks(validate=accuracy, logger=MemoryLogger())
    model = TinyNet()
    result = train(model, DATA, INDEX, StopAt(30, hooks.stop), RICH, seed=3, hooks=hooks)
    assert result.is_interrupted
    assert accuracy(model)["accuracy"] > 0.3
    assert hooks.logger.records[-1]["is_interrupted"]


def test_sigterm_finishes_the_step_and_restores_the_handler():
    before = signal.getsignal(signal.SIGTERM)

    def killing(outputs, batch):
        os.kill(os.getpid(), signal.SIGTERM)
        return objective(outputs, batch)

    _, result = fit(objective=killing)
    assert result.is_interrupted
    assert result.steps == 1
    assert signal.getsignal(signal.SIGTERM) == before


def test_transform_sees_batch_and_epoch():
    epochs = []

    def transform(batch, epoch):
        epochs.append(epoch)
        return batch

    fit(transform=transform)
    assert epochs == [epoch for epoch in range(6) for _ in range(4)]


def test_the_log_tells_the_story():
    logger = MemoryLogger()
    fit(logger=logger, validate=accuracy)
    kinds = [record["kind"] for record in logger.records]
    assert kinds[0] == "start"
    assert kinds[-1] == "end"
    assert kinds.count("validation") == 6


CHILD = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from tests.training.test_loop import train_long
print("ready", flush=True)
train_long(Path(sys.argv[1]), epochs=float(sys.argv[2]))
"""


def train_long(folder, *, epochs):
    data, model = TinyData(400), TinyNet(width=64)
    config = TrainingConfig(
        batch_size=16,
        epochs=epochs,
        average=0.99,
        micro_batch_size=8,
        optimizer=SGDConfig(rate=0.02),
        validation=ValidationConfig(metric="loss", is_maximised=False),
    )

    def validate(model):
        batch = data.batch(torch.arange(400))
        return {"loss": float(objective(model(batch.inputs), batch).mean())}

    store = CheckpointStore(folder, cost_share=1.0, min_interval_s=0.0)
    hooks = Hooks(validate=validate, checkpoints=store)
    train(model, data, torch.arange(400), objective, config, seed=0, hooks=hooks)
    return weights_hash(model)


def killed_and_resumed(tmp_path, *, epochs, kills, longest_s):
    root, chance, killed = Path(__file__).parents[2], random.Random(0), 0
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    folder = tmp_path / "killed"
    for _ in range(kills):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CHILD), str(folder), str(epochs)],
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert child.stdout.readline() == "ready\n"
        while child.poll() is None and not any(folder.glob("*.safetensors")):
            time.sleep(0.002)
        try:
            child.wait(chance.uniform(0.02, longest_s))
        except subprocess.TimeoutExpired:
            child.kill()
            killed += 1
        child.communicate()
    assert killed > 0
    assert CheckpointStore(folder).load() is not None
    assert train_long(folder, epochs=epochs) == train_long(tmp_path / "whole", epochs=epochs)


def test_killed_at_random_moments_and_resumed_is_bit_identical(tmp_path):
    killed_and_resumed(tmp_path, epochs=12, kills=2, longest_s=0.3)


@pytest.mark.slow
def test_killed_many_times_and_resumed_is_bit_identical(tmp_path):
    killed_and_resumed(tmp_path, epochs=60, kills=12, longest_s=1.0)
