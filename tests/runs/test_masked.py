"""Starting from a run that learnt to fill in."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.runs.masked import masked_network
from lamina.runs.run import Run
from tests.runs.tiny import finished, fit_tiny, passages, texts, weights


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
    theirs, own = weights(finished("masked")), weights(started)
    taken = [name for name in own if name.startswith("encoders.0.")]
    assert len(taken) > 5
    for name in taken:
        assert torch.equal(own[name], theirs[name]), name
    plan = started.plan
    assert plan.data.fitting.vocabulary_of == str(finished("masked").path.resolve())
    assert plan.recipe.network.encoders["text"] == masked_network(plan.transfer.run).encoder
    fitted = started.predictor.schema.inputs[0].fitted
    assert fitted.words == finished("masked").predictor.schema.inputs[0].fitted.words
    assert fitted.max_length == masked_network(plan.transfer.run).context


def test_the_run_that_was_started_answers_without_the_other(started) -> None:
    assert started.predict(texts()).height == texts().height


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
    from tests.runs.tiny import EXAMPLES

    return EXAMPLES[name].settings
