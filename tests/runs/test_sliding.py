"""Large pictures answered by a run."""

import dataclasses

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.runs.export import export_run
from lamina.runs.sliding import slid_on
from lamina.runtime.function import load
from lamina.runtime.masks import mask_of
from lamina.training.execution import Execution
from lamina.training.inference import Answering
from tests.runs.tiny import _png, finished, fit_tiny, scenes
from tests.tasks.examples import encoded, facts_of


class ByPixel(nn.Module):
    """A convolution of 1 × 1: what surrounds a pixel does not matter."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, 3, 1)
        with torch.no_grad():
            self.head.weight.copy_(
                torch.tensor([[1.0, 0, -1], [0, 1, 0], [-1, 0, 1]])[..., None, None]
            )

    @override
    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"mask": self.head(inputs["image"].float() / 255)[:, None]}


@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5])
def test_a_network_that_sees_single_pixels_answers_as_on_the_whole_picture(overlap):
    task, _, dataset = encoded("windows")
    part = task.part(dataset, torch.tensor([0, 5]), task.plan(facts_of("windows")))
    torch.manual_seed(0)
    model = ByPixel()
    how = Answering(
        combine=lambda answers: task.scores(task.combine(answers)),
        execution=Execution(),
        batch_size=5,
    )
    found = slid_on(model, part.samples, part.index, how, overlap=overlap)["mask"]
    assert found.dtype == torch.uint8
    own = found.numpy().reshape(-1, 16, 16)
    for row in (0, 5):
        here = part.rows() == row
        picture = torch.from_numpy(part.samples.picture(row).transpose(2, 0, 1)[None].copy())
        wanted = model({"image": picture})["mask"][0, 0].argmax(0)
        assert np.array_equal(part.samples.joined(part.index[here], own[here.numpy()]), wanted)


def test_no_tiles_have_an_empty_answer():
    task, _, dataset = encoded("windows")
    part = task.part(dataset, torch.tensor([0]), task.plan(facts_of("windows")))
    how = Answering(combine=lambda a: task.scores(task.combine(a)), execution=Execution())
    found = slid_on(ByPixel(), part.samples, part.index[:0], how, overlap=0.25)
    assert found["mask"].shape == (0, 256)


@pytest.fixture(scope="module")
def run():
    return finished("windows")


def pictures() -> pl.DataFrame:
    """Larger and smaller than a window, on their side, and none."""
    sizes = [(36, 44), (7, 5), (16, 16), (100, 20)]
    cells = [_png(scenes(1, *size)[0][0]) if min(size) > 5 else None for size in sizes]
    return pl.DataFrame({"image": pl.Series([*cells, b"no picture"], dtype=pl.Binary)})


def test_answers_have_the_size_of_the_pictures(run):
    frame = pictures()
    masks = run.predict(frame)["mask"].to_list()
    assert [m and m["size"] for m in masks] == [[36, 44], None, [16, 16], [100, 20], None]
    alone = run.predict(frame[3:4])["mask"].to_list()
    assert np.array_equal(mask_of(alone[0]), mask_of(masks[3]))


def test_an_exported_file_answers_as_the_run_does(run, tmp_path):
    written = export_run(run, tmp_path / "m.onnx")
    assert written.certificate["flipped_decisions"] == 0
    frame = pictures()
    precise = dataclasses.replace(run.predictor, execution=Execution())
    expected = precise.predict(frame).to_dicts()
    found = load(tmp_path / "m.onnx").predict(frame.to_dicts())
    for one, other in zip(found, expected):
        assert (one["mask"] is None) == (other["mask"] is None)
        if one["mask"] is not None:
            assert (mask_of(one["mask"]) != mask_of(other["mask"])).mean() <= 1e-4
    assert "cannot" in found[4]["error"] or "no picture" in found[4]["error"]


def test_less_precision_is_refused(run, tmp_path):
    with pytest.raises(ConfigError, match="answers pictures in windows is exported in float32"):
        export_run(run, tmp_path / "m.onnx", precision="int8")


def test_figures_are_of_pictures_that_are_resampled_whole(run):
    told = run.evaluation
    assert told["metrics"]["mean_iou"]["low"] < told["metrics"]["mean_iou"]["high"]
    assert len(told["masks"]["drawn"]) > 0
    image, mask = scenes(4, 36, 44)
    scored = run.score({"image": image, "mask": mask})
    assert scored.num_rows == 4


def test_pictures_are_compared_by_the_mean_of_their_tiles(run):
    image, _ = scenes(5, 36, 44)
    found = run.similar({"image": np.concatenate([image, image[:1]])}, count=1)
    assert found["row"][0] == 5


def spots(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return large pictures of ground in all shades with a few bright spots of 3 pixels."""
    rng = np.random.default_rng(seed)
    image = rng.integers(40, 160, (rows, 160, 200, 3), dtype=np.uint8)
    mask = np.zeros((rows, 160, 200), dtype=np.uint8)
    for picture, own in zip(image, mask):
        for top, left in rng.integers(0, (157, 197), (12, 2)):
            picture[top : top + 3, left : left + 3] = 230
            own[top : top + 3, left : left + 3] = 1
    return image, mask


def overlap_of_spots(found: list, mask: np.ndarray) -> float:
    answers = np.stack([mask_of(one) for one in found]) == 1
    return ((mask == 1) & answers).sum() / ((mask == 1) | answers).sum()


@pytest.mark.slow
def test_small_things_in_large_pictures_are_found_in_windows_alone(tmp_path):
    image, mask = spots(16, 0)
    new, truth = spots(4, 1)
    found = {}
    for framing in ("pad", "windows"):
        run = fit_tiny(
            {"image": image, "mask": mask},
            out=tmp_path / framing,
            target="mask",
            settings={
                "training.steps": 90,
                "training.batch_size": 8,
                "data.fitting.framing": framing,
                "data.fitting.max_size": 32,
                "network.widths": [8, 16],
                "network.depths": [1, 1],
                "network.step": 1,
            },
        )
        found[framing] = overlap_of_spots(run.predict({"image": new})["mask"].to_list(), truth)
    assert found["windows"] > 0.7
    assert found["pad"] < 0.4
