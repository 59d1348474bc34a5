"""From explanation.json to the report."""

import json

import pytest

from lamina.core.errors import RunError
from lamina.runs.explanation_content import (
    explanation_section,
    method_check,
    model_explanation,
    write_page,
)
from tests.runs.test_explain import rows_of
from tests.runs.tiny import EXAMPLES, copy_of, finished


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_report_has_the_section(name):
    run = finished(name)
    section = explanation_section(run.folder)
    told = json.loads(run.folder.explanation.read_text())
    assert section.check.sentence == told["check"]["sentence"]
    assert len(section.rows) == len(told["rows"])
    assert section.rows[0].explanation.answer == told["rows"][0]["answer"]
    html = run.folder.report.read_text()
    assert 'id="explanations"' in html
    assert "Does the answer follow the explanation?" in html


def test_a_run_without_explanation_still_reports(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    run.folder.explanation.unlink()
    assert explanation_section(run.folder) is None
    assert run.status == "done"


def test_a_damaged_file_is_told(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    run.folder.explanation.write_text('{"method": 3}')
    with pytest.raises(RunError, match="Delete it"):
        explanation_section(run.folder)


def test_a_page_of_one_row_shows_the_check_of_its_method_only(tmp_path):
    run, frame = finished("mixed"), rows_of("mixed")
    told = run.explain(frame, row=3)
    write_page(tmp_path / "a.html", run.folder, told)
    html = (tmp_path / "a.html").read_text()
    assert "Row 3" in html
    assert "<image" in html
    assert method_check(run.folder, told.method) is not None
    assert method_check(run.folder, "random") is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_whole_model_is_explained_as_its_report_does(name, tmp_path):
    run = finished(name)
    found = run.explain_model()
    assert found.to_document() == json.loads(run.folder.explanation.read_text())
    assert found.section == explanation_section(run.folder)
    write_page(tmp_path / "a.html", run.folder, found)
    html = (tmp_path / "a.html").read_text()
    assert "Does the answer follow the explanation?" in html
    assert html.count("<article") == len(found.section.rows)
    assert "<iframe" in found._repr_html_()
    assert repr(found).startswith("ModelExplanation('")


def test_a_model_of_which_nothing_was_measured_is_told(tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    run.folder.explanation.unlink()
    with pytest.raises(RunError, match="--row N"):
        model_explanation(run.folder)
