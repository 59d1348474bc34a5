"""Cost of the engine: Lamina's loop against a bare hand-written one, and the share of the machine.

Run with `python benchmarks/engine.py`. Two tables: the step of a small network in Lamina and in a
bare PyTorch loop, timed in turns; the share of the matrix product rate that a convolutional net and
a Transformer achieve.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from lamina.core.records import Batch
from lamina.objectives.classification import CrossEntropyConfig
from lamina.training.checkpoint import CheckpointStore
from lamina.training.config import TrainingConfig
from lamina.training.hooks import Hooks
from lamina.training.log import JsonLinesLogger
from lamina.training.loop import train
from lamina.training.optimizers import AdamConfig
from lamina.training.probe import probe


class Data:
    """Two tensors, indexed by row."""

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        self.inputs, self.targets = inputs, targets

    def batch(self, index: Tensor) -> Batch:
        """Return some rows."""
        return Batch({"x": self.inputs[index]}, {"y": self.targets[index]}, index)


class Named(nn.Module):
    """A plain network with a named input and output."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the logits."""
        return {"y": self.body(inputs["x"])}


_loss = CrossEntropyConfig().build()


def objective(outputs: dict[str, Tensor], batch: Batch) -> Tensor:
    """Return the cross-entropy per sample."""
    return _loss(outputs["y"], batch.targets["y"])


def small_network() -> nn.Module:
    """Return 4-64-64-2."""
    return nn.Sequential(
        nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
    )


def bare_loop(inputs: Tensor, targets: Tensor, *, steps: int, batch_size: int) -> float:
    """Return seconds per step of the loop that one writes by hand."""
    model = small_network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    begin, done = time.perf_counter(), 0
    while done < steps:
        order = torch.randperm(len(inputs))
        for start in range(0, len(inputs), batch_size):
            rows = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(inputs[rows]), targets[rows])
            loss.backward()
            optimizer.step()
            done += 1
            if done == steps:
                break
    return (time.perf_counter() - begin) / steps


def lamina_loop(inputs: Tensor, targets: Tensor, *, steps: int, batch_size: int) -> float:
    """Return seconds per step of Lamina's loop with a schedule, a log and checkpoints."""
    config = TrainingConfig(batch_size=batch_size, steps=steps, optimizer=AdamConfig())
    with tempfile.TemporaryDirectory() as folder:
        logger = JsonLinesLogger(Path(folder) / "log.jsonl")
        hooks = Hooks(logger=logger, checkpoints=CheckpointStore(Path(folder) / "checkpoint"))
        model, data = Named(small_network()), Data(inputs, targets)
        begin = time.perf_counter()
        train(model, data, torch.arange(len(inputs)), objective, config, seed=0, hooks=hooks)
        seconds = time.perf_counter() - begin
        logger.close()
    return seconds / steps


def compare_loops(*, rounds: int, steps: int) -> None:
    """Print the cost of a step in both loops, timed in turns."""
    inputs = torch.randn(4096, 4)
    targets = (inputs[:, 0] * inputs[:, 1] > 0).long()
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(bare_loop(inputs, targets, steps=steps, batch_size=32))
        ours.append(lamina_loop(inputs, targets, steps=steps, batch_size=32))
    ratio = statistics.median(b / a for a, b in zip(bare, ours, strict=True))
    for name, times in (("bare loop", bare), ("Lamina", ours)):
        best, typical = min(times) * 1e6, statistics.median(times) * 1e6
        print(f"{name:10s} best {best:7.1f} µs/step, median {typical:7.1f}")
    print(f"ratio      best {min(ours) / min(bare):.2f}, median of pairs {ratio:.2f}")


def convolutional() -> tuple[nn.Module, Tensor]:
    """Return a small convolutional net and a batch for it."""
    layers: list[nn.Module] = []
    for before, after in ((3, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 16, 10))
    return Named(body), torch.randn(64, 3, 32, 32)


class Transformer(nn.Module):
    """A small Transformer over token vectors."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.head = nn.Linear(128, 10)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logits."""
        return self.head(self.layers(tokens).mean(1))


def shares(*, seconds: float) -> None:
    """Print what share of the matrix product rate two networks achieve."""
    for name, (model, inputs) in {
        "convolutional": convolutional(),
        "Transformer": (Named(Transformer()), torch.randn(16, 64, 128)),
    }.items():
        targets = torch.randint(0, 10, (len(inputs),))
        batch = Batch({"x": inputs}, {"y": targets}, torch.arange(len(inputs)))
        found = probe(model, batch, objective, TrainingConfig(), seconds=seconds)
        print(
            f"{name:14s} {found.seconds_per_step * 1e3:7.2f} ms/step, {found.execution}, "
            f"{found.matmul_flops / 1e9:.0f} GFLOP/s matmul, share {found.achieved_share:.2f}"
        )
        for one in found.candidates:
            print(f"    {one.seconds_per_step * 1e3:7.2f} ms  {one.execution}  same={one.is_same}")


def main() -> None:
    """Run all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1)
    choices = parser.parse_args()
    torch.set_num_threads(choices.threads)
    compare_loops(rounds=choices.rounds, steps=choices.steps)
    shares(seconds=choices.seconds)


if __name__ == "__main__":
    main()
