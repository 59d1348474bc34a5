"""The report says what the files of the run say, and nothing of the data becomes markup."""

import numpy as np
import polars as pl
import pytest

from lamina.data.schema import Column
from lamina.runs import content
from lamina.runs.prepare import Material
from tests.runs.tiny import finished, fit_tiny


def _rendered(name: str) -> str:
    return finished(name).folder.report.read_text()


@pytest.mark.parametrize("name", ["binary", "number", "quantiles", "tags", "text", "picture"])
def test_a_report_names_the_figures(name):
    text, told = _rendered(name), finished(name).evaluation
    assert told["verdict"]["sentence"][:40] in text
    first = told["metric"]
    plain = text.replace("\xa0", " ").replace("\u202f", " ")
    assert content.shown(first, told["metrics"][first]["value"]) in plain
    assert finished(name).plan.data.source.rsplit("/", 1)[-1] in text


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_nothing_of_the_data_becomes_markup(tmp_path):
    chance = np.random.default_rng(0)
    count = 90
    label = chance.integers(0, 2, count)
    cells = chance.choice([HOSTILE, "</td></table>", "{{ 7*7 }}"], count)
    frame = pl.DataFrame(
        {
            f"a{HOSTILE}": cells,
            "told": [f"some words here {c} and {HOSTILE} of {i}" for i, c in enumerate(cells)],
            f"y{HOSTILE}": np.where(label == 1, HOSTILE, "<b>no</b>"),
        }
    )
    path = tmp_path / "<b>data.csv"
    frame.write_csv(path)
    run = fit_tiny(path, out=tmp_path / "run <i>", target=frame.columns[-1], overrule=True)
    text = run.folder.report.read_text()
    for bad in ("<script>alert", "<img src=x", '</td></table>"', "<b>no", "<b>data", "run <i>"):
        assert bad not in text, bad
    assert "49" not in text or "{{ 7*7 }}" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "http://" not in text.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("accuracy", 0.51234, "51.23 %"),
        ("rmse", 1234.5678, "1,235"),
        ("rmse", None, "–"),
        ("rmse", float("nan"), "–"),
    ],
)
def test_how_a_value_is_shown(metric, value, text):
    assert content.shown(metric, value) == text


def test_how_a_cell_is_shown():
    column = Column("a", "input", "image", "")
    assert content.show_cell(column, None) == "missing"
    assert content.show_cell(column, b"bytes") == "image"
    assert content.show_cell(Column("a", "ignored", "", ""), "x" * 300) == "x" * 200
    assert content.picture_of(None) == ""
    assert content.picture_of(b"no picture") == ""


def test_a_mistake_states_the_probability_of_its_answer():
    for name in ("binary", "classes", "boolean"):
        run = finished(name)
        mistakes = run.evaluation["mistakes"]
        assert mistakes, name
        answers = content_answers(run)
        for mistake in mistakes:
            row = answers[mistake["place"]]
            assert mistake["confidence"] == pytest.approx(row[int(mistake["answered"][0])])
            assert mistake["confidence"] == pytest.approx(row.max())
            wrong_by = mistake["confidence"] - row[int(mistake["true"][0])]
            assert mistake["error"] == pytest.approx(wrong_by)
    assert all(m["confidence"] is None for m in finished("number").evaluation["mistakes"])


def content_answers(run):
    from lamina.runs.compare import load_answers

    return load_answers(run).predictions.values


def test_labels_are_named_in_mistakes():
    said = content._said([0.0, 2.0], None, ["hot", "wet", "far"])
    assert said == "hot, far"
    assert content._said([], None, ["hot"]) == "none"
    assert content._said([1.0], ["no", "yes"], None) == "yes"
    assert content._said([1.5, 1234.5], None, None) == "1.5, 1,234"
    assert finished("tags").evaluation["label_names"] == list(
        finished("tags").predictor.schema.targets[0].fitted.levels
    )


def test_settings_that_were_not_measured_are_told():
    def trial(**values):
        way = {"threads": 1, "dtype": "float32", "channels_last": False}
        return {**way, "loss": 0.5, "is_same": True, "is_chosen": False, **values}

    row = {
        "candidates": [
            trial(seconds_per_step=0.5, is_chosen=True),
            trial(seconds_per_step=None, loss=None, dtype="bfloat16"),
            trial(seconds_per_step=0.1, loss=0.6, is_same=False, channels_last=True, threads=2),
        ]
    }
    kept, slow, other = content._probe(row, 10)
    assert (kept.setting, kept.samples_per_second, kept.is_kept) == ("float32, 1 thread", 20, True)
    assert (slow.samples_per_second, slow.difference) == (None, None)
    assert slow.note == "not measured: too slow for the probe"
    assert other.setting == "float32, channels last, 2 threads"
    assert other.note == "computes other numbers"
    assert other.difference == pytest.approx(0.2)


def test_a_column_called_count_has_its_bars():
    found = content._histogram(
        Column("count", "input", "category", ""), pl.Series("count", ["a", "b", "a", None])
    )
    assert (found.labels, found.counts) == (("a", "b"), (2, 1))


def test_every_point_of_a_curve_is_drawn_once():
    run = finished("binary")
    panels = content._training(run.folder, run.plan, run.evaluation).panels
    assert any(panel.title.startswith("Validation") for panel in panels)
    for panel in panels:
        for curve in panel.curves:
            assert len(set(curve.steps)) == len(curve.steps), (panel.title, curve.name)


@pytest.mark.parametrize(("touched", "words"), [(1, "tested once on"), (2, "tested twice on")])
def test_how_often_it_was_tested_is_said(touched, words):
    run = finished("binary")
    empty = {**dict.fromkeys(Material.__slots__), "findings": ()}
    told = {**run.evaluation, "test_touched": touched}
    assert words in content._summary(run.plan, Material(**empty), told).text
