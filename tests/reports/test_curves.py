"""From the rows of log.jsonl to curves."""

import math

from hypothesis import given
from hypothesis import strategies as st

from lamina.reports.curves import panels_from_log, thin


def test_rows_become_panels() -> None:
    rows = [
        {"step": 0, "loss": 0.7, "rate": 0.0, "time": 0.1},
        {"step": 5, "loss": 0.5, "rate": 0.01, "validation": {"loss": 0.6, "ROC_AUC": 0.8}},
        {"step": 9, "metrics": {"loss": 0.4}, "validation.ROC_AUC": 0.9, "phase": "end"},
    ]
    panels = panels_from_log(rows, mark=5)
    assert [panel.title for panel in panels] == ["Loss", "Validation ROC AUC", "Learning rate"]
    loss = panels[0]
    assert [(c.name, c.steps, c.values) for c in loss.curves] == [
        ("training", (0, 5), (0.7, 0.5)),
        ("validation", (5, 9), (0.6, 0.4)),
    ]
    assert loss.mark == 5
    assert panels[1].curves[0].values == (0.8, 0.9)


def test_rows_without_steps_are_counted() -> None:
    (panel,) = panels_from_log([{"train_loss": 3.0}, {"train_loss": 2.0}])
    assert panel.curves[0].steps == (0, 1)
    assert panels_from_log([]) == ()
    assert panels_from_log([{"step": True, "loss": 1.0}, {"step": 1, "loss": "x"}]) == ()


def test_thinning_keeps_the_extremes() -> None:
    values = [1.0] * 10_000
    values[1_234], values[7_000] = 99.0, -99.0
    steps, kept = thin(range(10_000), values, 300)
    assert len(kept) <= 302
    assert (max(kept), min(kept)) == (99.0, -99.0)
    assert (steps[0], steps[-1]) == (0, 9_999)
    assert steps == sorted(steps)


@given(st.lists(st.floats(), max_size=80), st.integers(4, 20))
def test_thinning_survives_anything(values: list[float], most: int) -> None:
    steps, kept = thin(range(len(values)), values, most)
    assert len(steps) == len(kept) <= most + 4
    finite = [v for v in values if math.isfinite(v)]
    if finite:
        assert max(v for v in kept if math.isfinite(v)) == max(finite)
