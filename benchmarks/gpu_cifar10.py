"""CIFAR-10 on one GPU: seconds and accuracy over ten seeds, with the fast recipe.

    python benchmarks/gpu_cifar10.py                      all figures, written to results/
    python benchmarks/gpu_cifar10.py --data cifar-10-batches-bin
    python benchmarks/gpu_cifar10.py --device cpu --epochs 0.1     does it run?

Goal: 94 % on the original pictures (the binary version of CIFAR-10, a folder of `.bin` files), 93 %
on the JPEG copy (`train.parquet`, `test.parquet`), in at most 5 s. The recipe is airbench94 with
Muon (Jordan 2024, arXiv:2404.00498), made of Lamina's parts: `networks.convnet`, `training.muon`,
alternating flips, translation, label smoothing, six views.

Two loops are timed: "loop" is Lamina's own, as `lamina fit` runs it; "graph" repeats CUDA graphs
and changes the pictures of a whole epoch at once. Timed are whitening, training and the six views
of the test pictures, from fresh weights to the accuracy. Not timed: reading and decoding the
pictures (they stay on the device as uint8), and one whole training with another seed before, in
which the libraries load, choose their kernels and graphs are recorded.
"""

import argparse
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from common import data_folder, write_results
from torch import Tensor

from lamina.core.random import derive, permutation
from lamina.core.records import Batch, InputSpec, OutputSpec
from lamina.data.augmentation import AugmentationConfig, augment, views
from lamina.networks.convnet import ConvNetConfig
from lamina.networks.heads import ScaledHeadConfig
from lamina.networks.model import Model, ModelConfig
from lamina.networks.perceptron import PerceptronConfig
from lamina.objectives.classification import CrossEntropyConfig
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.cuda_graph import GradientGraph
from lamina.training.execution import Execution
from lamina.training.groups import parameter_groups
from lamina.training.hooks import Hooks
from lamina.training.inference import Answering, answer
from lamina.training.loop import train
from lamina.training.optimizers import MuonConfig, SGDConfig, set_rate
from lamina.training.schedules import LinearConfig

BATCH = 2000
WIDTHS = (64, 256, 256)
STEM_SHARE = 0.375
GOALS = {"original": 0.94, "jpeg": 0.93}
GOAL_SECONDS = 5.0
AUGMENTATION = AugmentationConfig(flip="alternating", translate=2)


@dataclass(frozen=True)
class Pictures:
    """Pictures and classes on the device."""

    images: Tensor
    classes: Tensor

    def batch(self, index: Tensor) -> Batch:
        """Return some rows."""
        inputs = {"image": self.images.index_select(0, index)}
        return Batch(inputs, {"class": self.classes.index_select(0, index)}, index)

    def to(self, device: torch.device) -> "Pictures":
        """Return them on a device."""
        return Pictures(self.images.to(device), self.classes.to(device))


def read_binary(folder: Path) -> tuple[Pictures, Pictures]:
    """Return training and test pictures of the binary version of CIFAR-10."""
    import numpy as np

    def read(names: list[str]) -> Pictures:
        rows = np.concatenate([np.fromfile(folder / n, np.uint8).reshape(-1, 3073) for n in names])
        images = torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).copy())
        return Pictures(images, torch.from_numpy(rows[:, 0].astype(np.int64)))

    return read([f"data_batch_{i}.bin" for i in range(1, 6)]), read(["test_batch.bin"])


def read_parquet(folder: Path) -> tuple[Pictures, Pictures]:
    """Return training and test pictures of two tables of encoded pictures."""
    from lamina.data.dataset import encode_frame
    from lamina.data.schema import fit_schema, infer_schema
    from lamina.data.sources.open import open_source

    frames = [open_source(folder / f"{part}.parquet").read() for part in ("train", "test")]
    schema = fit_schema(infer_schema(frames[0], targets=("label",)), frames[0])
    found = []
    for frame in frames:
        data = encode_frame(schema, frame)
        (images,) = data.inputs.values()
        assert isinstance(images, Tensor)
        found.append(Pictures(images, data.targets["label"]))
    return found[0], found[1]


def spec_of(images: Tensor) -> InputSpec:
    """Return what the network must know: mean and deviation per channel, of some pictures."""
    some = images[::25].float() / 255
    mean, deviation = some.mean((0, 2, 3)).tolist(), some.std((0, 2, 3)).tolist()
    return InputSpec(
        "image", "image", ("image",), (3, 32, 32), mean=tuple(mean), deviation=tuple(deviation)
    )


def training_config(epochs: float, device: torch.device) -> TrainingConfig:
    """Return the recipe; rates are those of airbench94 for the sum of a batch's losses."""
    rest = SGDConfig(rate=0.053 * BATCH, momentum=0.85, nesterov=True, weight_decay=3e-6)
    return TrainingConfig(
        batch_size=BATCH,
        epochs=epochs,
        drop_last=True,
        optimizer=MuonConfig(rate=0.24, momentum=0.6, num_steps=3, renormalise=True, rest=rest),
        schedule=LinearConfig(warmup=0.0),
        rates={"heads.*": 12.6},
        validation=ValidationConfig(every=1000.0),
        execution=Execution(
            dtype="bfloat16" if device.type == "cuda" else "float32", channels_last=True
        ),
    )


_smoothed = CrossEntropyConfig(label_smoothing=0.2).build()


def objective(outputs: dict[str, Tensor], batch: Batch) -> Tensor:
    """Return the loss per sample."""
    return _smoothed(outputs["class"], batch.targets["class"])


def transform(seed: int):
    """Return the augmentation of a batch."""
    return lambda batch, epoch: augment(batch, AUGMENTATION, seed=seed, epoch=epoch)


class Trainer:
    """One network whose weights are made anew for each seed.

    Args:
        data: Training pictures.
        test: Test pictures.
        config: The recipe.
    """

    def __init__(self, data: Pictures, test: Pictures, config: TrainingConfig) -> None:
        self.data, self.test, self.config = data, test, config
        self.device = data.images.device
        self.spec = spec_of(data.images)
        self.model = self.fresh(0)
        config.execution.prepare(self.model)
        self.graphs: dict[float, GradientGraph] = {}
        self.rule = config.rule.build(self.model, objective, execution=config.execution)

    def fresh(self, seed: int) -> Model:
        """Return a network with its first weights, the whitening filters included."""
        parts = ModelConfig(
            encoders={
                "image": ConvNetConfig(widths=WIDTHS, activation="gelu", stem_share=STEM_SHARE)
            },
            trunk=PerceptronConfig(),
            head=ScaledHeadConfig(),
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive(seed, "weights"))
            model = parts.build((self.spec,), (OutputSpec("class", 10),)).to(self.device)
        rows = permutation(seed, "initialisation", 0, len(self.data.images))[:5000]
        some = self.data.batch(rows.to(self.device))
        model.initialise(some.inputs, some.targets)
        return model

    def loop(self, seed: int) -> Model:
        """Train with Lamina's own loop."""
        model = self.fresh(seed)
        index = torch.arange(len(self.data.images), device=self.device)
        hooks = Hooks(transform=transform(seed))
        train(model, self.data, index, objective, self.config, seed=seed, hooks=hooks)
        return model

    @torch.no_grad()
    def reset(self, seed: int) -> None:
        """Put fresh weights into the one network that the graphs know."""
        for mine, other in zip(
            self.model.state_dict().values(), self.fresh(seed).state_dict().values(), strict=True
        ):
            mine.copy_(other)

    def graph_of(self, progress: float, sample: Batch) -> GradientGraph:
        """Return the graph of a stage: what layers are told is part of a recording."""
        stage = min(progress, STEM_SHARE)
        if stage not in self.graphs:
            for module in self.model.modules():
                if hasattr(module, "set_progress"):
                    module.set_progress(stage)
            self.graphs[stage] = GradientGraph(
                lambda batch: self.rule.accumulate(batch, scale=1.0 / BATCH),
                list(self.model.parameters()),
                list(self.model.buffers()),
                sample,
            )
        return self.graphs[stage]

    def graph(self, seed: int) -> Model:
        """Train with CUDA graphs, the pictures of an epoch changed at once."""
        self.reset(seed)
        self.model.train()
        optimizers = self.config.optimizer.build(
            parameter_groups(self.model, rates=self.config.rates)
        )
        num_rows = len(self.data.images)
        every = self.data.batch(torch.arange(num_rows, device=self.device))
        per_epoch = self.config.steps_per_epoch(num_rows)
        total = self.config.total_steps(num_rows)
        for step in range(total):
            epoch, place = divmod(step, per_epoch)
            if place == 0:
                changed = augment(every, AUGMENTATION, seed=seed, epoch=epoch)
                order = permutation(seed, "order", epoch, num_rows).to(self.device)
            rows = order[place * BATCH : (place + 1) * BATCH]
            inputs = {"image": changed.inputs["image"].index_select(0, rows)}
            targets = {"class": every.targets["class"].index_select(0, rows)}
            batch = Batch(inputs, targets, rows)
            self.graph_of(epoch * per_epoch / total, batch)(batch)
            set_rate(optimizers, rate=self.config.schedule.factor(step / total))
            for optimizer in optimizers:
                optimizer.step()
        return self.model

    def accuracy(self, model: Model) -> float:
        """Return the accuracy over six views of each test picture."""
        how = Answering(
            combine=lambda answers: answers.mean(1),
            execution=self.config.execution,
            batch_size=BATCH,
            views=lambda inputs: views(inputs, 6),
        )
        index = torch.arange(len(self.test.images), device=self.device)
        found = answer(model, self.test, index, how)["class"].argmax(1)
        return float((found == self.test.classes.cpu()).float().mean())

    def timed(self, name: str, seed: int) -> dict[str, float]:
        """Return seconds and accuracy of one training."""
        self._wait()
        begin = time.perf_counter()
        model = getattr(self, name)(seed)
        self._wait()
        trained = time.perf_counter()
        accuracy = self.accuracy(model)
        done = time.perf_counter()
        return {
            "seed": seed,
            "accuracy": accuracy,
            "seconds": done - begin,
            "training_seconds": trained - begin,
            "views_seconds": done - trained,
        }

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def summary(rows: list[dict[str, float]], goal: float) -> dict[str, object]:
    """Return means and whether the goal is met."""
    accuracy = statistics.fmean(row["accuracy"] for row in rows)
    seconds = statistics.fmean(row["seconds"] for row in rows)
    return {
        "accuracy": accuracy,
        "accuracy_deviation": statistics.stdev(row["accuracy"] for row in rows)
        if len(rows) > 1
        else 0.0,
        "seconds": seconds,
        "training_seconds": statistics.fmean(row["training_seconds"] for row in rows),
        "is_reached": accuracy >= goal and seconds <= GOAL_SECONDS,
        "runs": rows,
    }


def main() -> None:
    """Read, warm up, time every seed with both loops."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the pictures")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--epochs", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, default=10)
    choices = parser.parse_args()
    if choices.device == "cuda" and not torch.cuda.is_available():
        print("skipped: there is no CUDA device. Try --device cpu --epochs 0.1 to see it run.")
        return
    folder = choices.data or data_folder("cifar10")
    is_original = (folder / "test_batch.bin").exists()
    parts = read_binary(folder) if is_original else read_parquet(folder)
    device = torch.device(choices.device)
    torch.backends.cudnn.benchmark = True
    data, test = (part.to(device) for part in parts)
    if device.type == "cpu":  # only to see that everything runs
        test, choices.seeds = Pictures(test.images[:500], test.classes[:500]), 1
    trainer = Trainer(data, test, training_config(choices.epochs, device))
    goal = GOALS["original" if is_original else "jpeg"]
    results = {}
    for name in ("loop", "graph"):
        if device.type == "cuda":
            trainer.timed(name, choices.seeds)
        rows = [trainer.timed(name, seed) for seed in range(choices.seeds)]
        results[name] = summary(rows, goal)
        told = results[name]
        print(f"{name:6s} {told['accuracy']:.4f} in {told['seconds']:.2f} s (goal {goal} in 5 s)")
    if device.type == "cuda":
        source = "original" if is_original else "jpeg"
        write_results(
            f"gpu_cifar10_{source}",
            results,
            epochs=choices.epochs,
            batch=BATCH,
            widths=WIDTHS,
            goal=goal,
        )


if __name__ == "__main__":
    main()
