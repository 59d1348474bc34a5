"""What a request says about two texts."""

import polars as pl
import pytest

from lamina.core.errors import ConfigError
from lamina.runs.draft import settle_early
from lamina.runs.fit import plan_only
from lamina.runs.paired import named_network
from lamina.runs.request import make_request
from lamina.runtime.function import load
from tests.runs.published import bert_folder
from tests.runs.tiny import finished, fit_tiny, pairs, weights


def planned(frame: pl.DataFrame, *settings: str, target: str = "animal"):
    kept = frame.drop("shared")
    return plan_only(make_request(kept, target=target, settings=settings, overrule=True))


def test_two_texts_of_a_kind_are_compared_and_the_plan_says_why():
    plan = planned(pairs())
    document = plan.to_document()
    assert document["network"]["name"] == "pair"
    assert document["data"]["fitting"]["is_joint"]
    assert "'sentence1' and 'sentence2'" in plan.reasons["network"]
    assert set(document["network"]["encoders"]) == {"number", "category"}


@pytest.mark.parametrize(
    "setting", ["network=joined", "data.fitting.is_joint=false", "is_joint=false"]
)
def test_it_can_be_refused(setting):
    plan = planned(pairs(), setting)
    document = plan.to_document()
    assert {"text", "number"} <= set(document["network"]["encoders"])
    assert not document["data"]["fitting"]["is_joint"]


def test_it_can_be_asked_for_and_keeps_what_is_planned():
    other = pairs().rename({"sentence1": "question", "sentence2": "reply"})
    other = other.with_columns(pl.col("reply").str.replace_all(r"\w+", "x$0"))
    assert "name" not in planned(other).to_document()["network"]
    plan = planned(other, "network=pair", "network.comparison=aligned")
    network = plan.to_document()["network"]
    assert (network["name"], network["comparison"]["name"]) == ("pair", "aligned")
    assert set(network["encoders"]) == {"number", "category"}
    assert plan.to_document()["data"]["fitting"]["is_joint"]


def test_other_settings_of_a_network_name_none(tmp_path):
    request = settle_early(make_request("x.csv", settings=("network.trunk=mlp", "network=x")))
    assert named_network(request) is None
    alone = pairs().select("sentence1", "animal")
    with pytest.raises(ConfigError, match="compares two texts, and the rows have 1"):
        fit_tiny(alone, settings={"network": "pair"}, out=tmp_path / "run", target="animal")


def test_any_text_is_answered_alike_by_the_run_and_its_file(tmp_path):
    run = finished("pair")
    texts = ["", None, "🙂🙂 ?!", "القطة نائمة", "魚 sees\ta\ndog", "\x00", "dog " * 250_000]
    rows = [
        {"sentence1": one, "sentence2": other, "hour": 0.5, "place": "barn"}
        for one, other in zip(texts, texts[::-1])
    ]
    expected = run.predict(pl.DataFrame(rows))
    run.export(tmp_path / "pair.onnx")
    found = pl.DataFrame(load(tmp_path / "pair.onnx").predict(rows))
    assert found["animal"].to_list() == expected["animal"].to_list()
    gap = found["probability"] - expected["probability"]
    assert gap.abs().max() < 1e-4


def test_words_of_both_texts_are_explained():
    run = finished("pair")
    told = run.explain(pairs().drop("animal", "shared")[3:4])
    shown = {own.name: own for own in told.inputs}
    assert {"sentence1", "sentence2"} <= set(shown)
    assert [f.value for f in shown["sentence1"].features] == pairs()["sentence1"][3].lower().split()


@pytest.mark.parametrize("way", [{}, {"transfer.lora.rank": 2}, {"transfer.frozen_layers": "all"}])
def test_one_published_encoder_reads_both(way, tmp_path):
    source = pairs().drop("shared", "hour", "place")
    folder = bert_folder(tmp_path / "bert")
    run = fit_tiny(
        source, out=tmp_path / "run", target="animal", pretrained=str(folder), settings=way
    )
    document = run.predictor.plan.to_document()["network"]
    assert (document["name"], document["reader"]["name"]) == ("pair", "bert")
    assert sum("words.weight" in name for name in weights(run)) == 1


def test_a_network_that_fills_in_teaches_the_reader(tmp_path):
    source = pairs().drop("shared", "hour", "place")
    start = finished("masked")
    run = fit_tiny(source, out=tmp_path / "run", target="animal", from_run=start.path)
    document = run.predictor.plan.to_document()["network"]
    assert (document["name"], document["reader"]["name"]) == ("pair", "transformer")
    assert run.predictor.plan.data.fitting.vocabulary_of == str(start.path.resolve())
