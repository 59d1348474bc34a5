"""Train a small GPT-like network on a text, character by character, and let it write on.

python examples/write_text.py --text shakespeare.txt --steps 1000 --prompt "ROMEO:"

Without --text it learns from a file of Python's own library, and writes what looks like Python.
"""

import argparse
import math
from pathlib import Path

import torch
from torch import Tensor, nn

from lamina.core.records import Batch
from lamina.networks.decoder import DecoderConfig
from lamina.networks.generation import SamplingConfig, write_on
from lamina.objectives.classification import cross_entropy
from lamina.training.config import TrainingConfig
from lamina.training.execution import Execution
from lamina.training.loop import train
from lamina.training.optimizers import MuonConfig
from lamina.training.schedules import LinearConfig


class Windows:
    """Stretches of a text; sample i begins at character i and is asked for what follows each."""

    def __init__(self, text: Tensor, length: int) -> None:
        self.text, self.steps = text, torch.arange(length)

    def __len__(self) -> int:
        return len(self.text) - len(self.steps)

    def batch(self, index: Tensor) -> Batch:
        """Return some stretches."""
        places = index[:, None] + self.steps
        return Batch({"text": self.text[places]}, {"text": self.text[places + 1]}, index)


class Named(nn.Module):
    """A network as the loop wants it: named inputs to named outputs."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the scores of the next character at each place."""
        return {"text": self.network(inputs["text"])}


def loss(outputs: dict[str, Tensor], batch: Batch) -> Tensor:
    """Return the mean surprise of each stretch, in nats per character."""
    scores, truth = outputs["text"], batch.targets["text"]
    return cross_entropy(scores.flatten(0, 1), truth.flatten()).view_as(truth).mean(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, default=Path(argparse.__file__))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--length", type=int, default=64, help="characters of a stretch")
    parser.add_argument("--prompt", default="def ")
    parser.add_argument("--num", type=int, default=200, help="characters to write")
    choices = parser.parse_args()

    text = choices.text.read_text(encoding="utf-8")
    letters = sorted(set(text + choices.prompt))
    number = {letter: place for place, letter in enumerate(letters)}
    tokens = torch.tensor([number[letter] for letter in text])
    data = Windows(tokens, choices.length)
    cut = math.floor(0.9 * len(data))

    torch.manual_seed(0)
    decoder = DecoderConfig(depth=4, width=128, num_heads=4).build(len(letters))
    config = TrainingConfig(
        batch_size=32,
        steps=choices.steps,
        optimizer=MuonConfig(rate=0.02),
        schedule=LinearConfig(warmup=0.01),
        execution=Execution(dtype="bfloat16"),
    )
    train(Named(decoder), data, torch.arange(cut - choices.length), loss, config, seed=0)

    held_out = torch.arange(cut, len(data), choices.length)
    with torch.no_grad():
        batch = data.batch(held_out)
        surprise = loss({"text": decoder(batch.inputs["text"])}, batch).mean()
    print(f"held-out text: {surprise:.3f} nats per character")
    prompt = torch.tensor([[number[letter] for letter in choices.prompt]])
    sampling = SamplingConfig(temperature=0.8)
    written = write_on(decoder, prompt, num_tokens=choices.num, config=sampling)
    print(choices.prompt + "".join(letters[int(token)] for token in written))


if __name__ == "__main__":
    main()
