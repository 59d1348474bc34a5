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
from typing import Any

import torch
from common import write_results
from torch import Tensor, nn
from torch.nn import functional

from lamina.core.records import Batch, InputSpec
from lamina.networks.convnet import ConvNetConfig
from lamina.networks.layers.transformer_block import TransformerBlocksConfig
from lamina.networks.parts import AbstractEncoder
from lamina.networks.transformer import TransformerConfig
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


def compare_loops(*, rounds: int, steps: int) -> dict[str, float]:
    """Return the cost of a step in both loops, timed in turns."""
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
    return {
        "bare_loop_us": statistics.median(bare) * 1e6,
        "lamina_us": statistics.median(ours) * 1e6,
        "ratio_median_of_pairs": ratio,
        "ratio_of_best": min(ours) / min(bare),
    }


PICTURES = InputSpec("x", "image", ("x",), (3, 32, 32), mean=(0.5,) * 3, deviation=(0.25,) * 3)
TEXTS = InputSpec("x", "text", ("x",), (), vocabulary_size=5000)


class Classifier(nn.Module):
    """An encoder and a linear head."""

    def __init__(self, encoder: AbstractEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.out_features, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the logits."""
        return self.head(self.encoder(inputs))


def pictures(*widths: int) -> tuple[nn.Module, Tensor]:
    """Return the convolutional network and a batch for it."""
    encoder = ConvNetConfig(widths=widths).build(PICTURES)
    return Classifier(encoder), torch.randint(0, 256, (256, 3, 32, 32), dtype=torch.uint8)


def texts(width: int) -> tuple[nn.Module, Tensor]:
    """Return a Transformer of four blocks and a batch of 2,048 tokens for it."""
    blocks = TransformerBlocksConfig(width=width, depth=4, num_heads=max(4, width // 64))
    encoder = TransformerConfig(blocks=blocks).build(TEXTS)
    return Classifier(encoder), torch.randint(1, 5000, (16, 128))


def shares(*, seconds: float) -> dict[str, Any]:
    """Return what share of the matrix product rate networks achieve, and what the probe tried."""
    results = {}
    for name, (body, inputs) in {
        "convnet 32-64-128 (default)": pictures(32, 64, 128),
        "convnet 64-128-256": pictures(64, 128, 256),
        "transformer, width 128": texts(128),
        "transformer, width 256 (default)": texts(256),
        "transformer, width 512": texts(512),
    }.items():
        targets = torch.randint(0, 10, (len(inputs),))
        batch = Batch({"x": inputs}, {"y": targets}, torch.arange(len(inputs)))
        found = probe(Named(body), batch, objective, TrainingConfig(), seconds=seconds)
        results[name] = found.to_document()
        print(
            f"{name:34s} {found.seconds_per_step * 1e3:7.2f} ms/step, {found.execution}, "
            f"{found.matmul_flops / 1e9:.0f} GFLOP/s matmul, share {found.achieved_share:.2f}"
        )
        for one in found.candidates:
            print(f"    {one.seconds_per_step * 1e3:7.2f} ms  {one.execution}  same={one.is_same}")
    return results


def main() -> None:
    """Run all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1)
    choices = parser.parse_args()
    torch.set_num_threads(choices.threads)
    results = {
        "small_network": compare_loops(rounds=choices.rounds, steps=choices.steps),
        "shares": shares(seconds=choices.seconds),
    }
    write_results("engine", results, rounds=choices.rounds, steps=choices.steps, seed=0)


if __name__ == "__main__":
    main()
