"""`lamina check`, `predict`, `similar` and `score`."""

import polars as pl
import pytest

from tests.runs.tiny import finished, table


def test_check_finds_faults_and_exits_with_2_on_severe_ones(lamina, tmp_path):
    frame = table().drop("size", "price", "weight", "is_warm", "is_wet")
    frame.write_csv(tmp_path / "clean.csv")
    clean = lamina("check", "clean.csv", "--target", "answer", "--json")
    assert clean.code == 0
    assert {c["name"]: c["modality"] for c in clean.json["columns"]}["colour"] == "category"
    assert clean.json["problems"] == []
    frame.with_columns(copy=frame["answer"]).write_csv(tmp_path / "leak.csv")
    leak = lamina("check", "leak.csv", "--target", "answer")
    assert leak.code == 2
    assert "severe: " in leak.out
    told = lamina("check", "leak.csv", "--target", "answer", "--json")
    assert told.code == 2
    assert any(f["severity"] == "severe" and "copy" in f["columns"] for f in told.json["findings"])
    mended = lamina("check", "leak.csv", "--target", "answer", "--ignore", "copy", "--json")
    assert mended.code == 0
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_answers_are_written(lamina, tmp_path, ending):
    run = finished("binary")
    frame = table(25, seed=5)
    frame.write_csv(tmp_path / "new.csv")
    out = f"answers.{ending}"
    done = lamina("predict", run.path, "new.csv", "--out", out, "--json")
    assert (done.code, done.json) == (0, {"rows": 25, "out": out})
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}[ending]
    found, wanted = read(tmp_path / out), run.predict(frame)
    assert found.columns == wanted.columns
    assert found["answer"].equals(wanted["answer"])
    assert (found["probability"] - wanted["probability"]).abs().max() < 1e-9


def test_answers_are_shown(lamina, tmp_path):
    table(25, seed=5).write_csv(tmp_path / "new.csv")
    run = finished("binary")
    done = lamina("predict", run.path, "new.csv")
    assert done.code == 0
    assert "probability_yes" in done.out
    assert "and 5 more" in done.out
    told = lamina("predict", run.path, "new.csv", "--json").json
    assert told["rows"] == len(told["answers"]) == 25


def test_similar_rows_are_shown_or_written(lamina, tmp_path):
    table(25, seed=5).write_csv(tmp_path / "all.csv")
    table(3, seed=6).write_csv(tmp_path / "new.csv")
    run = finished("binary")
    told = lamina("similar", run.path, "all.csv", "new.csv", "--top", "2", "--json").json
    assert told["rows"] == 6
    assert set(told["answers"][0]) >= {"query", "row", "similarity", "colour"}
    done = lamina("similar", run.path, "all.csv", "--out", "alike.csv")
    assert done.code == 0
    assert pl.read_csv(tmp_path / "alike.csv").height == 25 * 5
    wrong = lamina("similar", run.path, "all.csv", "--top", "0")
    assert wrong.code == 2
    assert "at least 1" in wrong.err


@pytest.mark.parametrize("out", ["answers.docx", "answers", "no/such/folder/a.csv"])
def test_a_file_that_cannot_be_written_is_told_first(lamina, out):
    done = lamina("predict", finished("binary").path, "never-read.csv", "--out", out)
    assert done.code in (1, 2)
    assert "Traceback" not in done.err
    assert out.split("/")[0] in done.err
    assert "never-read" not in done.err


def test_score(lamina, tmp_path):
    run = finished("binary")
    table().write_csv(tmp_path / "known.csv", separator="|")
    done = lamina("score", run.path, "known.csv", "--delimiter", "|", "--json")
    assert done.code == 0
    assert list(done.json) == [*run.metrics, "rows"]
    assert done.json["rows"] == {"scored": 160, "left_out": {}}
    shown = lamina("score", run.path, "known.csv")
    assert shown.code == 0
    assert "accuracy" in shown.out
    assert "95 % interval" in shown.out
