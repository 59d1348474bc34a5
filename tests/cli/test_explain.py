"""`lamina explain`."""

import pytest

from tests.runs.tiny import copy_of, finished, table, texts


def test_a_row_is_explained_for_people(lamina, tmp_path):
    table(25, seed=5).write_csv(tmp_path / "new.csv")
    done = lamina("explain", finished("binary").path, "new.csv", "--row", 3)
    assert done.code == 0
    assert "row 3: answer is" in done.out
    assert "colour" in done.out
    assert "log-odds" in done.out
    assert "chance" in done.out


def test_a_row_is_explained_for_machines(lamina, tmp_path):
    texts(5, seed=8).write_csv(tmp_path / "new.csv")
    run = finished("text").path
    told = lamina("explain", run, "new.csv", "--row", 1, "--answer", "sad", "--json").json
    assert told["answer"] == "mood is sad"
    assert told["method"] == "banzhaf"
    assert len(told["inputs"][0]["features"]) == 12
    assert {"verdict", "gain", "similarity", "sentence"} <= set(told["check"])


def test_without_data_rows_of_the_run_are_explained(lamina):
    told = lamina("explain", finished("mixed").path, "--row", 2, "--json").json
    assert {own["name"] for own in told["inputs"]} == {"columns", "photo", "told"}
    assert told["pictures"]["photo"].startswith("data:image/png;base64,")


def test_without_data_and_row_the_whole_model_is_explained(lamina, tmp_path):
    run = finished("mixed").path
    done = lamina("explain", run, "--out", "why.html")
    assert done.code == 0
    for words in ("what all answers rest on", "some test rows, and what counts most", "photo"):
        assert words in done.out
    assert "page: why.html" in done.out
    assert "the model explained" in (tmp_path / "why.html").read_text()
    told = lamina("explain", run, "--json").json
    assert {"method", "check", "importance", "layers", "rows"} <= set(told)


def test_data_or_a_method_alone_mean_the_first_row(lamina, tmp_path):
    table(25, seed=5).write_csv(tmp_path / "new.csv")
    run = finished("binary").path
    for words in (("new.csv",), ("--method", "occlusion"), ("--answer", "yes")):
        assert lamina("explain", run, *words, "--json").json["row"] == 0, words


def test_a_run_without_an_explanation_says_what_to_do(lamina, tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    run.folder.explanation.unlink()
    done = lamina("explain", run.path)
    assert done.code == 2
    assert "--row N" in done.err


def test_an_explanation_that_fails_is_marked(lamina, tmp_path):
    texts(5, seed=8).write_csv(tmp_path / "new.csv")
    done = lamina("explain", finished("text").path, "new.csv", "--method", "random")
    assert done.code == 0
    assert "FAILED ITS CHECK" in done.out


@pytest.mark.parametrize(
    "words",
    [
        ("--row", 400),
        ("--row", -1),
        ("--method", "shap"),
        ("--method", "grad_cam"),
        ("--answer", "maybe"),
        ("no-such-file.csv",),
    ],
)
def test_wrong_use_is_one_clear_line(lamina, words):
    done = lamina("explain", finished("binary").path, *words)
    assert done.code == 2
    assert done.err.startswith("lamina: ")
    assert "Traceback" not in done.err


def test_a_folder_that_is_no_run_is_told(lamina):
    assert lamina("explain", "nowhere").code == 2


def test_a_page_is_written(lamina, tmp_path):
    done = lamina("explain", finished("picture").path, "--row", 1, "--out", "why.html")
    assert done.code == 0
    assert "page: why.html" in done.out
    assert "<image" in (tmp_path / "why.html").read_text()


@pytest.mark.parametrize("out", ["why.pdf", "no/such/folder/why.html"])
def test_a_page_that_cannot_be_written_is_told_first(lamina, out):
    done = lamina("explain", finished("binary").path, "never-read.csv", "--out", out)
    assert done.code == 2
    assert "never-read" not in done.err
