"""What each word of a written answer rests on."""

import numpy as np
import polars as pl
import pytest
import torch

from lamina.data.dataset import encode_frame
from lamina.data.schema import input_name
from lamina.networks.answers import LIKELIHOOD
from lamina.runs.explain import Explainer
from lamina.runs.rests import features_of_text
from tests.runs.tiny import finished, sentences

ROW = pl.DataFrame({"text": ["3 red Über sea"]})


def _question(explainer, answer=""):
    """The question to a row, with an answer of our own where one is given."""
    dataset = encode_frame(explainer.predictor.schema, ROW, with_targets=False)
    if not answer:
        return explainer.question(dataset, 0, 0)
    written = explainer.predictor.schema.column("answer").fitted
    ids = [float(token) for token in written.read(answer)[1:]]
    outputs = {"answer": torch.tensor([[1.0, len(ids), *ids]])}
    return explainer.question(dataset, 0, 0, outputs=outputs)


@pytest.fixture
def explainer():
    return Explainer(finished("text_to_text").predictor)


def test_words_fall_by_what_the_whole_answer_falls(explainer) -> None:
    question = _question(explainer, "SEA Über RED 3")
    told = explainer._written(question, ROW)
    assert told.parts == ("SEA", "Über", "RED", "3")
    count = len(told.places)
    assert told.places[0] == "(start)"
    falls = np.array(told.falls)
    assert falls.shape == (4, count)
    # The cost of the end is that of no word: measured apart, all of them make up the whole.
    model, name = explainer.model, input_name("text")
    with torch.no_grad():
        whole = model(dict(question.inputs))[LIKELIHOOD][0, 0]
        costs = model.token_nats(dict(question.inputs))[0]
        for place in range(count):
            removed = torch.zeros(1, count, dtype=torch.bool)
            removed[0, place] = True
            less = question.features[name].without(question.inputs[name], removed)[:, 0]
            inputs = {**question.inputs, name: less}
            end = model.token_nats(inputs)[0, -1] - costs[-1]
            fall = model(inputs)[LIKELIHOOD][0, 0] - whole - end
            assert falls[:, place].sum() == pytest.approx(float(fall), abs=2e-3)


def test_looks_are_shares_of_the_same_places(explainer) -> None:
    told = explainer._written(_question(explainer, "SEA RED"), ROW)
    shares = np.array(told.looks)
    assert shares.shape == (2, len(told.places))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=2e-3)


def test_a_row_is_explained_with_what_each_word_rests_on() -> None:
    run = finished("text_to_text")
    found = run.explain(ROW, row=0)
    assert found.answer.startswith("answer is “")
    assert found.unit == "log-probability"
    assert found.value < 0
    assert found.check.verdict in ("passed", "failed")
    assert "written" in found.to_document()
    for method in ("banzhaf", "random"):
        assert run.explain(ROW, row=0, method=method, is_checked=False).method == method


def test_features_of_a_text_are_named_as_people_read_them() -> None:
    fitted = finished("text_to_text").predictor.schema.column("text").fitted
    tokens = fitted.read("3 red")
    assert features_of_text(fitted, tokens, len(tokens)) == ["(start)3 red"]
    assert features_of_text(fitted, tokens, 1)[0] == "(start)"


def test_a_sound_has_no_words_to_tell() -> None:
    run = finished("transcription")
    from tests.runs.tiny import spoken

    found = run.explain(spoken().head(2), row=1, is_checked=False)
    assert found.written is None
    assert found.inputs[0].kind == "steps"


@pytest.mark.parametrize("name", ["tagging", "pieces"])
def test_each_tag_falls_by_what_it_loses_whatever_the_others_are(name) -> None:
    run = finished(name)
    frame = sentences().head(3)
    found = run.explain(frame, row=1, is_checked=False)
    told, schema = found.written, run.predictor.schema
    column = schema.inputs[0]
    words = column.fitted.parts(frame[column.name][1])
    (tags,) = run.predict(frame[1:2])["slots"].to_list()
    assert told.places == words
    assert told.parts == tuple(map("/".join, zip(words, tags)))
    assert told.looks == ()
    explainer = Explainer(run.predictor)
    question = explainer.question(encode_frame(schema, frame[1:2], with_targets=False), 0, 0)
    unknown = pl.DataFrame({column.name: [["", *words[1:]]]})
    changed = encode_frame(schema, unknown, with_targets=False).batch(torch.tensor([0]))
    less, model = {**question.inputs, **changed.inputs}, run.predictor.model
    with torch.no_grad():
        falls = model.token_nats(less) - model.token_nats(question.inputs)
        lost = float(question.value() - question.function(less)[0])
    np.testing.assert_allclose(np.array(told.falls)[:, 0], falls[0].numpy(), atol=1e-3)
    assert found.inputs[0].features[0].attribution == pytest.approx(lost, abs=1e-3)
