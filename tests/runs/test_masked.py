"""Starting from a run that learnt to fill in."""

from pathlib import Path

import polars as pl
import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.runs.masked import masked_network
from lamina.runs.run import Run
from tests.runs.tiny import EXAMPLES, finished, fit_tiny, passages, sentences, texts, weights


def _fit_tagger(out: Path, start: Path, settings: dict[str, object]) -> Run:
    return fit_tiny(
        sentences(),
        out=out / "run",
        target="slots",
        from_run=start,
        overrule=True,
        settings=settings,
    )


def _check_taken(run: Run) -> None:
    """Check that the encoder is still that of the run that learnt to fill in."""
    theirs, own = weights(finished("masked")), weights(run)
    taken = [name for name in own if name.startswith("encoders.0.")]
    assert len(taken) > 5
    for name in taken:
        assert torch.equal(own[name], theirs[name]), name


@pytest.fixture(scope="module")
def started(tmp_path_factory) -> Run:
    return fit_tiny(
        texts(),
        out=tmp_path_factory.mktemp("masked") / "run",
        target="mood",
        from_run=finished("masked").path,
        overrule=True,
        settings={"transfer.frozen_layers": "all"},
    )


def test_a_classifier_takes_encoder_and_pieces(started) -> None:
    _check_taken(started)
    plan = started.plan
    assert plan.data.fitting.vocabulary_of == str(finished("masked").path.resolve())
    assert plan.recipe.network.encoders["text"] == masked_network(plan.transfer.run).encoder
    fitted = started.predictor.schema.inputs[0].fitted
    assert fitted.words == finished("masked").predictor.schema.inputs[0].fitted.words
    assert fitted.max_length == masked_network(plan.transfer.run).context


def test_the_run_that_was_started_answers_without_the_other(started) -> None:
    assert started.predict(texts()).height == texts().height


@pytest.fixture(scope="module")
def tagger(tmp_path_factory) -> Run:
    return _fit_tagger(
        tmp_path_factory.mktemp("tagger"),
        finished("masked").path,
        {"transfer.frozen_layers": "all", "network.context.width": 8},
    )


def test_a_tagger_takes_encoder_and_pieces(tagger) -> None:
    _check_taken(tagger)
    plan, network = tagger.plan, masked_network(tagger.plan.transfer.run)
    assert plan.recipe.network.encoder.blocks.width == network.encoder.blocks.width
    assert plan.recipe.network.stretch == network.context
    assert "to start from" in plan.reasons["network"]
    fitted = tagger.predictor.schema.inputs[0].fitted
    assert fitted.pieces.words == finished("masked").predictor.schema.inputs[0].fitted.words
    # Sentences are read in stretches, so that they may be longer than one.
    assert fitted.max_length > network.context


def test_a_tagger_goes_on_from_one_of_pieces(tagger, tmp_path) -> None:
    again = _fit_tagger(
        tmp_path,
        tagger.path,
        {
            "training.steps": 1,
            "network.context.width": 8,
            "network.stretch": 16,
            **{
                f"network.encoder.blocks.{name}": value
                for name, value in (("depth", 1), ("width", 32), ("num_heads", 2))
            },
        },
    )
    found, before = (run.predictor.schema.inputs[0].fitted for run in (again, tagger))
    assert (found.words, found.pieces.words) == (before.words, before.pieces.words)
    assert weights(again).keys() == weights(tagger).keys()


def test_sentences_longer_than_a_stretch_are_tagged(tagger) -> None:
    words = ["go", "to", "New", "York"] * 40 + ["x" * 10_000, "🙂", ""]
    (tags,) = tagger.predict(pl.DataFrame({"words": [words]}))["slots"].to_list()
    assert len(tags) == len(words)


def test_a_tagger_of_other_pieces_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match="reads other words or pieces"):
        _fit_tagger(
            tmp_path,
            finished("masked").path,
            {"data.fitting.tokens": "byte_pairs", "data.fitting.max_pieces": 280},
        )


def test_a_tagger_without_pieces_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match="weights of the other run fits"):
        _fit_tagger(tmp_path, finished("masked").path, {"network": "tagger"})


@pytest.mark.parametrize("name", ["language", "masked"])
def test_a_model_of_texts_goes_on_with_its_own_pieces(name, tmp_path) -> None:
    # Other texts would teach other pieces, and the vectors would stand for them.
    run = fit_tiny(
        passages(40, seed=11),
        out=tmp_path / "run",
        from_run=finished(name).path,
        overrule=True,
        settings=finished_settings(name),
    )
    theirs = finished(name).predictor.schema.inputs[0].fitted
    assert run.predictor.schema.inputs[0].fitted.words == theirs.words


def test_other_pieces_are_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match="reads other words or pieces"):
        fit_tiny(
            passages(40, seed=11),
            out=tmp_path / "run",
            from_run=finished("language").path,
            overrule=True,
            settings={**finished_settings("language"), "data.fitting.tokens": "plain_words"},
        )


def finished_settings(name):
    return EXAMPLES[name].settings
