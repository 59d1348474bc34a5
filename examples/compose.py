"""Compose parts by hand: a network, an objective and the loop, without a plan or a run folder.

python examples/compose.py --steps 300
"""

import argparse

import torch

from lamina.core.records import Batch, InputSpec, OutputSpec
from lamina.networks.mlp import MLPConfig
from lamina.networks.model import ModelConfig
from lamina.networks.number_linear import NumberLinearConfig
from lamina.objectives.classification import cross_entropy
from lamina.training.config import TrainingConfig
from lamina.training.loop import train
from lamina.training.optimizers import AdamWConfig


class TwoMoons:
    """Two interleaved half circles; anything with `batch(index)` can be trained on."""

    def __init__(self, num_rows: int) -> None:
        chance = torch.Generator().manual_seed(0)
        self.label = torch.randint(0, 2, (num_rows,), generator=chance)
        angle = torch.rand(num_rows, generator=chance) * torch.pi
        sign = 1.0 - 2.0 * self.label
        x = torch.stack([sign * angle.cos() + self.label, sign * angle.sin() + 0.5 * self.label], 1)
        self.x = x + 0.1 * torch.randn(x.shape, generator=chance)

    def batch(self, index: torch.Tensor) -> Batch:
        """Return some samples."""
        return Batch({"number": self.x[index]}, {"moon": self.label[index]}, index)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    steps = parser.parse_args().steps

    data = TwoMoons(2000)
    spec = InputSpec("number", "number", ("x", "y"), (2,))
    config = ModelConfig(
        encoders={"number": NumberLinearConfig()}, trunk=MLPConfig(depth=2, width=64)
    )
    torch.manual_seed(0)
    model = config.build([spec], [OutputSpec("moon", 2)])

    result = train(
        model,
        data,
        torch.arange(1500),
        lambda outputs, batch: cross_entropy(outputs["moon"], batch.targets["moon"]),
        TrainingConfig(batch_size=64, steps=steps, optimizer=AdamWConfig(rate=3e-3)),
        seed=0,
    )
    held_out = data.batch(torch.arange(1500, 2000))
    with torch.no_grad():
        answers = model(held_out.inputs)["moon"].argmax(1)
    accuracy = (answers == held_out.targets["moon"]).float().mean()
    print(f"{result.steps} steps, accuracy on held-out rows {accuracy:.3f}")


if __name__ == "__main__":
    main()
