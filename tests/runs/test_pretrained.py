"""Runs that start from a published model."""

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

from lamina.core.errors import BundleError, ConfigError
from lamina.core.hub import model_digest
from lamina.networks.layers.lora import LoraLinear
from lamina.networks.pretrained.load import load_pretrained, pretrained_encoder
from lamina.runs.fit import gather, plan_only, resume
from lamina.runs.folder import RunFolder
from lamina.runs.identity import identity_of
from lamina.runs.plan import write_plan
from lamina.runs.predictor import load_predictor
from lamina.runs.pretrained import tune, wanted_way
from lamina.runs.request import make_request
from lamina.runs.run import Run
from lamina.runs.verify import verify_resume
from lamina.runs.watch import Watch
from lamina.training.log import AbstractLogger
from tests.runs.published import WORDS, bert_folder, convnext_folder, gpt2_folder
from tests.runs.tiny import (
    assert_same_weights,
    fit_tiny,
    mixed,
    picture_folder,
    quick_baselines,
    sentences,
    texts,
    weights,
    workshop,
)

WAYS = {
    "frozen": {"transfer.frozen_layers": "all"},
    "lora": {"transfer.lora.rank": 2},
    "whole": {"transfer.frozen_layers": 1},
}


def source() -> Path:
    path = workshop() / "reviews.csv"
    if not path.exists():
        texts().write_csv(path)
    return path


def published() -> Path:
    folder = workshop() / "bert"
    return folder if folder.exists() else bert_folder(folder)


def fit(name: str, settings=None, **options) -> Run:
    out = workshop() / f"pretrained-{name}"
    if out.exists() and not options:
        return Run(out)
    options = {"pretrained": str(published()), "out": out, **options}
    return fit_tiny(
        source(), target="mood", overrule=True, settings=settings or WAYS.get(name, {}), **options
    )


@pytest.mark.parametrize("way", WAYS)
def test_the_bundle_needs_nothing_else_and_has_plain_layers(way, tmp_path) -> None:
    run = fit(way)
    assert not [name for name in weights(run) if "down" in name or "linear." in name]
    shutil.copytree(run.folder.model, tmp_path / "model")
    hidden = published().rename(workshop() / "hidden")
    try:
        frame = pl.read_csv(source()).head(5)
        assert load_predictor(tmp_path / "model").predict(frame).equals(run.predict(frame))
    finally:
        hidden.rename(workshop() / "bert")


def theirs() -> dict[str, torch.Tensor]:
    found = load_predictor(fit("frozen").folder.model)
    encoder = pretrained_encoder(published()).build(found.schema.input_specs()[0])
    load_pretrained(encoder, published(), unknown=1)
    return encoder.state_dict()


def test_what_is_frozen_stays_and_the_rest_moves() -> None:
    published_weights = theirs()
    for way in WAYS:
        own = weights(fit(way))
        for name, value in published_weights.items():
            is_kept = torch.equal(own[f"encoders.0.{name}"], value)
            is_frozen = way == "frozen" or name.startswith("embeddings.")
            # Corrections change the matrices alone; of them, none of the embeddings' is linear.
            is_plain = way == "lora" and ("norm" in name or name.endswith("bias"))
            assert is_kept == (is_frozen or is_plain), (way, name)


def test_plan_receipt_and_reasons_tell_of_it() -> None:
    run = fit("frozen")
    digest = model_digest(published())
    receipt = run.folder.read_json(run.folder.receipt)
    assert receipt["hashes"]["pretrained"] == digest
    start = run.plan.transfer
    assert (start.pretrained, start.pretrained_sha256) == (str(published()), digest)
    assert run.plan.data.fitting.tokeniser == str(published())
    assert run.plan.data.fitting.max_length == 32
    assert "--pretrained" in run.plan.reasons["transfer.pretrained"]


class Impatient(AbstractLogger):
    """Sends this process a signal while it trains, as Ctrl-C does."""

    def write(self, record) -> None:
        if record["kind"] == "validation" and record["step"] < 8:
            os.kill(os.getpid(), signal.SIGINT)

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupted_run_resumes_exactly(way, tmp_path, monkeypatch) -> None:
    quick_baselines(monkeypatch)
    settings = ["training.steps=16", "training.validation.every=0.5"]
    folders = []
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
        folders.append(RunFolder(tmp_path / name))
        write_plan(fit(way).plan.with_settings(settings), folders[-1].plan)
    whole = resume(folders[0].path)
    stopped = resume(folders[1].path, Watch(logger=Impatient()))
    assert stopped.evaluation["training"]["is_interrupted"]
    assert_same_weights(resume(folders[1].path), whole)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_killed_run_resumes_exactly(way, tmp_path) -> None:
    assert verify_resume(fit(way).path, num_kills=1, folder=tmp_path).is_equal


def test_a_folder_that_changed_is_refused(tmp_path) -> None:
    folder = bert_folder(tmp_path / "bert")
    plan_only(
        make_request(
            source(), target="mood", overrule=True, pretrained=str(folder), out=tmp_path / "p.yaml"
        )
    )
    bert_folder(folder, seed=1)
    with pytest.raises(ConfigError, match="are not those that the plan was made with"):
        fit_tiny(tmp_path / "p.yaml", out=tmp_path / "run", overrule=True)


def test_the_folder_may_move_while_its_files_stay(tmp_path) -> None:
    shutil.copytree(published(), tmp_path / "moved")
    plan = fit("frozen").plan
    names = ("transfer.pretrained", "data.fitting.tokeniser")
    moved = plan.with_settings([f"{name}={tmp_path / 'moved'}" for name in names])
    material = gather(plan, folder=tmp_path, watch=Watch())
    assert identity_of(moved, material) == identity_of(plan, material)
    other = plan.with_settings(["transfer.pretrained_sha256=abc"])
    assert identity_of(other, material) != identity_of(plan, material)


def test_texts_beside_other_inputs(tmp_path) -> None:
    run = fit_tiny(
        mixed(),
        target="side",
        out=tmp_path / "run",
        overrule=True,
        pretrained=str(published()),
        settings=WAYS["frozen"],
    )
    encoders = run.plan.to_document()["network"]["encoders"]
    assert encoders["text"]["name"] == "bert"
    assert set(encoders) == {"text", "image", "number", "category"}


def test_another_run_starts_from_one() -> None:
    first = fit("frozen")
    second = fit(
        "again",
        WAYS["frozen"],
        out=workshop() / "pretrained-again",
        from_run=first.path,
        pretrained=str(published()),
    )
    assert "encoders.0.embeddings.words.words.weight" in weights(second)
    assert second.status == "done"


def test_wrong_input_is_explained(tmp_path) -> None:
    for name, why in (("nowhere", "no folder 'nowhere'"), (str(tmp_path), r"config\.json")):
        with pytest.raises(ConfigError, match=why):
            fit("bad", out=tmp_path / "run", pretrained=name)
    folder = bert_folder(tmp_path / "bert")
    tensors = load_file(folder / "model.safetensors")
    del tensors["bert.embeddings.LayerNorm.bias"]
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(BundleError, match=r"lack the tensor 'embeddings\.LayerNorm\.bias'"):
        fit("bad", WAYS["frozen"], out=tmp_path / "run", pretrained=str(folder))
    with pytest.raises(ConfigError, match='"all" or from 0 to 3'):
        fit("bad", {"transfer.frozen_layers": 9}, out=tmp_path / "run2")
    convnext = convnext_folder(tmp_path / "convnext")
    with pytest.raises(ConfigError, match="of the kind 'image', and the data have text"):
        fit("bad", {"transfer.frozen_layers": 1}, out=tmp_path / "run3", pretrained=str(convnext))


@pytest.mark.parametrize("way", WAYS)
def test_the_way_is_read_off_the_settings(way) -> None:
    assert wanted_way(make_request("x", pretrained="y", settings=WAYS[way])) == way
    assert wanted_way(make_request("x", pretrained="y")) is None


def exported(run: Run, path: Path) -> dict:
    pytest.importorskip("onnxruntime")
    return run.export(path).certificate


def test_pictures_are_seen_at_the_models_size_and_scale(tmp_path) -> None:
    run = fit_tiny(
        picture_folder(tmp_path / "pictures"),
        out=tmp_path / "run",
        overrule=True,
        pretrained=str(convnext_folder(tmp_path / "convnext")),
        settings=WAYS["frozen"],
    )
    spec = load_predictor(run.folder.model).schema.input_specs()[0]
    assert (spec.shape, spec.mean) == ((3, 16, 16), (0.5, 0.4, 0.3))
    assert exported(run, tmp_path / "m.onnx")["flipped_decisions"] == 0


def test_the_exported_model_cuts_texts_as_the_published_one(tmp_path) -> None:
    assert exported(fit("whole"), tmp_path / "bert.onnx")["largest_deviation"] < 1e-4
    folder = gpt2_folder(tmp_path / "gpt2")
    run = fit("gpt2", WAYS["lora"], out=tmp_path / "run", pretrained=str(folder))
    assert run.plan.to_document()["network"]["encoders"]["text"]["name"] == "gpt2"
    assert exported(run, tmp_path / "gpt2.onnx")["largest_deviation"] < 1e-4


def test_rates_fall_from_layer_to_layer() -> None:
    run = fit("whole")
    predictor = load_predictor(run.folder.model)
    rates = tune(run.plan, predictor.model, predictor.schema, Watch())
    start = run.plan.transfer
    last = rates["encoders.0.stack.1.attention.output.weight"]
    assert last == pytest.approx(start.rate_factor)
    below = rates["encoders.0.stack.0.attention.output.weight"]
    assert below == pytest.approx(start.rate_factor * start.rate_factor_per_layer)
    assert not any(isinstance(module, LoraLinear) for module in predictor.model.modules())


def test_resume_of_a_finished_run_gives_it_back() -> None:
    run = fit("lora")
    assert_same_weights(resume(run.path), run)


def test_a_tagger_reads_the_pieces_of_a_published_model(tmp_path) -> None:
    run = fit_tiny(
        sentences(),
        target="slots",
        pretrained=str(published()),
        out=tmp_path / "run",
        overrule=True,
        settings={"transfer.frozen_layers": "all", "network.context.width": 8},
    )
    encoder = pretrained_encoder(published())
    network = run.plan.recipe.network
    assert network.encoder.blocks == replace(encoder.blocks, dropout=0.0)
    assert network.stretch == encoder.max_length
    fitted = run.predictor.schema.inputs[0].fitted
    assert fitted.pieces.words == tuple(WORDS)
    # Sentences are read in stretches, so that they may be longer than the model reads at a time.
    words = ["the", "film", "was", "fine"] * 20
    (tags,) = run.predict(pl.DataFrame({"words": [words]}))["slots"].to_list()
    assert len(tags) == len(words) > encoder.max_length
    wanted = encoder.build(fitted.pieces.input_spec("words"))
    load_pretrained(wanted, published(), unknown=fitted.pieces.subwords.unknown)
    for name, value in wanted.state_dict().items():
        assert torch.equal(weights(run)[f"encoders.0.{name}"], value), name


def test_a_tagger_starts_from_no_model_that_sees_one_side(tmp_path) -> None:
    with pytest.raises(ConfigError, match="sees both sides of a piece, got GPT2"):
        fit_tiny(
            sentences(),
            target="slots",
            pretrained=str(gpt2_folder(tmp_path / "gpt2")),
            out=tmp_path / "run",
            overrule=True,
        )
