"""The probe chooses well, changes nothing, and counts operations right."""

import copy
import math
import time

import pytest
import torch
from torch import nn

from lamina.core.records import Batch
from lamina.training.config import TrainingConfig
from lamina.training.execution import Execution
from lamina.training.probe import (
    Candidate,
    _choose,
    matmul_rate,
    probe,
    step_flops,
    time_steps,
)
from tests.training.tiny import TinyData, TinyNet, objective, weights_hash


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5), nn.Flatten()
        )
        self.head = nn.LazyLinear(3)
        self.head(torch.zeros(1, 8 * 36))

    def forward(self, inputs):
        return {"y": self.head(self.body(inputs["x"]))}


def pictures():
    return Batch(
        {"x": torch.randn(16, 3, 8, 8)}, {"y": torch.randint(0, 3, (16,))}, torch.arange(16)
    )


def test_nothing_is_changed():
    model, batch = Pictures(), pictures()
    before, state, threads = weights_hash(model), torch.get_rng_state(), torch.get_num_threads()
    probe(model, batch, objective, TrainingConfig(), seconds=0.3)
    assert weights_hash(model) == before
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_choice_computes_the_same_and_is_no_slower():
    found = probe(Pictures(), pictures(), objective, TrainingConfig(), seconds=0.4)
    default = found.candidates[0]
    chosen = next(one for one in found.candidates if one.execution == found.execution)
    assert default.execution == Execution()
    assert chosen.is_same
    assert chosen.seconds_per_step <= default.seconds_per_step
    assert any(one.execution.channels_last for one in found.candidates)
    assert found.seconds < 10
    document = found.to_document()
    assert sum(row["is_chosen"] for row in document["candidates"]) == 1
    assert document["matmul_gflops"] > 0
    assert 0 < document["achieved_share"] < 2


def candidate(seconds, *, is_same=True):
    return Candidate(execution=Execution(), seconds_per_step=seconds, loss=1.0, is_same=is_same)


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([candidate(0.5)], 1),
        ([candidate(0.97)], 0),
        ([candidate(0.5, is_same=False)], 0),
        ([candidate(0.5, is_same=False), candidate(0.6)], 2),
        ([candidate(math.inf)], 0),
    ],
)
def test_only_the_clearly_faster_that_computes_the_same_wins(others, chosen):
    assert _choose([candidate(1.0), *others]) == chosen


def test_a_candidate_that_fails_is_out():
    class Single(nn.Module):
        """Knows no bfloat16."""

        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, inputs):
            result = self.layer(inputs["x"])
            if result.dtype != torch.float32:
                raise RuntimeError("no such arithmetic")
            return {"y": result}

    data = TinyData(32)
    found = probe(Single(), data.batch(torch.arange(32)), objective, TrainingConfig(), seconds=0.2)
    assert found.execution.dtype == "float32"


def test_operations_are_counted_by_hand():
    # 4 × 16 and 16 × 3 on 10 rows: forward 2 · 10 · (64 + 48); backward twice that, but for the
    # gradient with respect to the input of the first layer.
    batch = TinyData(10).batch(torch.arange(10))
    assert step_flops(TinyNet(), batch, objective) == 20 * (3 * (64 + 48) - 64)


def test_time_of_a_step_and_rate_of_products():
    model = TinyNet()
    before = copy.deepcopy(model.state_dict())
    seconds = time_steps(
        model, TinyData(32).batch(torch.arange(32)), objective, TrainingConfig(), seconds=0.1
    )
    assert 1e-6 < seconds < 0.1
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert matmul_rate(torch.device("cpu"), Execution(), seconds=0.05) > 1e8


class Slow(TinyNet):
    """Takes so long per sample that a full batch would eat the probe's time."""

    def forward(self, inputs):
        time.sleep(0.001 * len(inputs["x"]))
        return super().forward(inputs)


def test_slow_models_are_probed_on_a_part_of_the_batch_so_that_all_get_their_turn():
    batch = TinyData(256).batch(torch.arange(256))
    found = probe(Slow(), batch, objective, TrainingConfig(), seconds=0.6)
    assert all(one.seconds_per_step < math.inf for one in found.candidates)
    # What is told is for the full batch all the same.
    assert found.seconds_per_step > 0.2
    assert found.seconds < 3.0


class Greedy(TinyNet):
    """Has memory for a few samples only."""

    most = 0

    def forward(self, inputs):
        rows = len(inputs["x"])
        if rows > 8:
            raise torch.OutOfMemoryError("CUDA out of memory")
        type(self).most = max(type(self).most, rows)
        return super().forward(inputs)


@pytest.mark.parametrize("micro", [None, 6])
def test_the_probe_takes_as_few_samples_at_once_as_the_loop(micro):
    Greedy.most = 0
    batch = TinyData(64).batch(torch.arange(64))
    config = TrainingConfig(micro_batch_size=micro)
    found = probe(Greedy(), batch, objective, config, seconds=0.3)
    assert math.isfinite(found.seconds_per_step)
    assert found.model_flops == pytest.approx(64 * 2 * (3 * (64 + 48) - 64))
    assert Greedy.most == (micro or 8)
