import numpy as np

from lamina.export.expected import ExpectedForecasts
from lamina.runtime.answers.table import FORMS
from tests.runs.tiny import EVERY
from tests.tasks.examples import encoded


def test_answers_are_made_one_by_one():
    task, schema, _ = encoded("forecast")
    rows = task.histories(EVERY["forecast"].make(), schema)
    document = task.form(schema)
    form = FORMS[document["name"]].from_document(document)
    values = np.arange(len(rows) * form.num_columns, dtype=float).reshape(len(rows), -1)
    found = ExpectedForecasts(form, values, rows)
    assert len(found) == len(rows)
    assert found[2:4] == [found[2], found[3]]
    assert list(found)[-1] == found[-1]
    assert found[0]["shop"] == rows[0]["shop"]
    known = [day for day, cell in zip(rows[0]["day"], rows[0]["sold"]) if cell is not None]
    assert found[0]["day"][0] > known[-1].isoformat()
    assert found[0]["sold_q5"][0] == 0.0
