"""A run in the hand: predict, score, and how it shows itself."""

import re
import shutil

import numpy as np
import polars as pl
import pytest

import lamina
from lamina.core.errors import ConfigError, DataError, RunError
from lamina.data.schema import Column, Schema
from lamina.runs.run import Run, group_codes
from tests.runs.tiny import (
    EXAMPLES,
    copy_of,
    finished,
    mixed,
    picture_folder,
    pictures,
    table,
    tags,
    texts,
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_score_on_the_same_data(name):
    run = finished(name)
    found = run.score(EXAMPLES[name].make())
    assert list(found) == list(run.metrics)
    for interval in found.values():
        assert np.isnan(interval.value) or interval.low <= interval.value <= interval.high


@pytest.mark.parametrize("name", EXAMPLES)
def test_predict_needs_no_targets(name):
    run = finished(name)
    source = EXAMPLES[name].make()
    targets = [name for name in EXAMPLES[name].target.split(",") if name]
    whole = run.predict(source)
    if run.predictor.task.reads_targets:
        with pytest.raises(DataError, match=f"column '{targets[0]}' that the model needs"):
            run.predict(source.drop(targets))
        assert set(targets) < set(whole.columns)
        return
    if isinstance(source, pl.DataFrame):
        assert run.predict(source.drop(targets)).equals(whole)
    assert whole.columns[: len(targets)] == targets
    assert whole.null_count().sum_horizontal().item() == 0


def test_files_and_frames_give_the_same_answers(tmp_path):
    run, frame = finished("binary"), table(50, seed=9)
    frame.write_csv(tmp_path / "new.csv")
    frame.write_parquet(tmp_path / "new.parquet")
    frame.write_ndjson(tmp_path / "new.jsonl")
    answers = run.predict(frame)
    assert answers.columns == ["answer", "probability", "probability_no", "probability_yes"]
    for name in ("new.csv", "new.parquet", "new.jsonl"):
        assert run.predict(tmp_path / name).equals(answers), name
    assert run.predict(frame.to_dict(as_series=False)).equals(answers)
    (tmp_path / "odd.csv").write_text(frame.write_csv(separator="|"))
    assert run.predict(tmp_path / "odd.csv", delimiter="|").equals(answers)
    total = answers["probability_no"] + answers["probability_yes"]
    assert np.allclose(total.to_numpy(), 1.0)


def test_answers_do_not_depend_on_the_other_rows():
    run, frame = finished("binary"), table(30, seed=9)
    whole = run.predict(frame)
    some = run.predict(frame[7:9])
    assert some["answer"].equals(whole["answer"][7:9])
    assert np.allclose(some["probability"].to_numpy(), whole["probability"][7:9].to_numpy())


def test_columns_may_come_in_any_order_and_number():
    run, frame = finished("binary"), table(20, seed=9)
    mixed_up = frame.select("z", pl.lit("?").alias("new"), "colour", "x")
    assert run.predict(mixed_up).equals(run.predict(frame))


def test_unknown_categories_and_missing_cells_are_answered():
    run = finished("binary")
    frame = pl.DataFrame({"x": [None, 1.0], "z": [0.5, None], "colour": ["purple", None]})
    assert run.predict(frame)["answer"].null_count() == 0


def test_a_missing_column_is_named():
    run = finished("binary")
    with pytest.raises(DataError, match=r"the column 'colour' that the model needs is missing"):
        run.predict(table(5).drop("colour"))
    with pytest.raises(DataError, match=r"is missing.*Did you mean 'color'"):
        run.predict(table(5).rename({"colour": "color"}))


def test_score_needs_targets():
    run = finished("binary")
    with pytest.raises(DataError, match="'answer' that the model needs is missing"):
        run.score(table(5).drop("answer"))
    with pytest.raises(DataError, match="no row has a known target"):
        run.score(table(5).with_columns(answer=pl.lit(None, dtype=pl.String)))


def test_pictures_that_cannot_be_read_are_answered_with_null(tmp_path):
    run = finished("picture")
    folder = picture_folder(tmp_path / "new", 6)
    (folder / "left" / "zz.png").write_bytes(b"no picture")
    paths = sorted(str(path) for path in folder.rglob("*.png"))
    answers = run.predict({"image": paths})
    is_null = answers["label"].is_null().to_list()
    assert is_null == [path.endswith("zz.png") for path in paths]
    whole = run.predict({"image": pictures(6)[0]})
    assert whole["label"].null_count() == 0


def test_every_row_unreadable_gives_nulls_only(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    answers = finished("picture").predict({"image": [str(tmp_path / "a.png")] * 2})
    assert answers.height == 2
    assert answers["label"].null_count() == 2


def test_tags_are_answered_as_they_were_written():
    answers = finished("tags").predict(tags(20))
    known = {"hot", "wet", "far", "none"}
    said = {tag for cell in answers["tags"] for tag in cell.split(";") if tag}
    assert said <= known
    assert {c for c in answers.columns if c.startswith("probability_")} == {
        f"probability_{name}" for name in known
    }


def test_quantiles_rise():
    answers = finished("quantiles").predict(table(30))
    names = ["price_q5", "price_q25", "price_q50", "price_q75", "price_q95"]
    values = answers.select(names).to_numpy()
    assert (np.diff(values, axis=1) >= 0).all()
    assert (answers["price"] == answers["price_q50"]).all()


def test_booleans_are_answered_as_booleans():
    answers = finished("booleans").predict(table(10))
    assert answers["is_warm"].dtype == pl.Boolean
    assert finished("boolean").predict(table(10))["is_wet"].dtype == pl.Boolean


def test_mixed_rows_and_texts():
    rows = mixed(5)
    del rows["side"]
    assert finished("mixed").predict(rows).height == 5
    assert finished("text").predict(texts(3).drop("mood")).height == 3


def test_how_it_shows_itself(tmp_path):
    run = finished("binary")
    assert repr(run) == f"Run({str(run.path)!r}, done)"
    assert "<table>" in run._repr_html_()
    unfinished = copy_of(run, tmp_path / "a<b")
    shutil.rmtree(unfinished.folder.model)
    unfinished.folder.report.unlink()
    assert "a&lt;b" in unfinished._repr_html_()
    assert unfinished.status == "unfinished"
    unfinished.folder.evaluation.unlink()
    with pytest.raises(RunError, match="Finish it with: lamina resume"):
        unfinished.predict(table(3))


def test_unknown_reading_options_are_told():
    with pytest.raises(ConfigError, match=r"unknown setting of reading 'delimeter'.*'delimiter'"):
        finished("binary").predict("x.csv", delimeter=";")


def test_a_folder_without_a_plan_is_no_run(tmp_path):
    with pytest.raises(RunError, match="is no run folder"):
        Run(tmp_path)


def test_rows_that_cannot_be_scored_are_counted():
    frame = table(160).with_columns(
        answer=pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("never seen")).otherwise("answer")
    )
    found = finished("binary").score(frame)
    assert found.num_rows == 157
    assert found.left_out == {"with a target that is missing or unknown to the model": 3}
    assert found.rows == (
        "157 rows scored, 3 left out with a target that is missing or unknown to the model."
    )
    whole = finished("binary").score(table(160))
    assert (whole.rows, whole.left_out) == ("160 rows scored.", {})


def test_what_is_not_defined_is_shown_as_a_dash(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    told = run.evaluation
    told["metrics"]["roc_auc"] = {"value": None, "low": None, "high": None}
    run.folder.write_json(run.folder.evaluation, told)
    assert np.isnan(run.metrics["roc_auc"].value)
    shown = re.sub("<[^>]+>", " ", run._repr_html_()).split()
    place = shown.index("roc")
    assert shown[place : place + 6] == ["roc", "auc", "–", "–", "–", "–"]


def test_entities_are_numbered_and_unknown_ones_stand_alone():
    schema = Schema((Column("who", "group", "category", ""),))
    codes = group_codes(schema, pl.DataFrame({"who": ["b", None, "a", "b", None]}))
    assert codes[0] == codes[3]
    assert len(set(codes.tolist())) == 4
    assert group_codes(schema, pl.DataFrame({"x": [1]})) is None
    assert group_codes(Schema(()), pl.DataFrame({"who": ["a"]})) is None


def test_a_running_text_is_scored_as_it_was_when_the_run_was_made(tmp_path) -> None:
    lines = [f"the {sea} is {colour}\n" for sea in ("sea", "sky") for colour in ("blue", "grey")]
    for name, times in (("train", 60), ("test", 12)):
        (tmp_path / f"{name}.txt").write_text("".join(lines * times))
    run = lamina.fit(
        tmp_path / "train.txt",
        test=tmp_path / "test.txt",
        settings={
            "network.decoder.width": 16,
            "network.decoder.depth": 1,
            "network.decoder.num_heads": 2,
            "network.context": 32,
            "training.steps": 3,
            "training.batch_size": 4,
        },
        out=tmp_path / "run",
        overrule=True,
    )
    told = run.evaluation["metrics"]["bits_per_byte"]["value"]
    scored = run.score(tmp_path / "test.txt")["bits_per_byte"]
    assert scored.value == pytest.approx(told, rel=1e-6)
    # Line by line no line break is foreseen, and each line begins anew.
    alone = run.score({"text": [line.strip() for line in lines * 12]})["bits_per_byte"]
    assert alone.value != pytest.approx(told, rel=1e-6)
