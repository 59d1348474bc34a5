import numpy as np
import polars as pl
import pytest

from lamina.data.checks.label_noise import wrong_share
from tests.data.checks.conftest import clean_table, clean_texts, picture_frame, picture_values


def flipped(frame, share, *, seed=0):
    random = np.random.default_rng(seed)
    rows = random.permutation(frame.height)[: round(share * frame.height)]
    classes = frame["y"].unique().sort().to_list()
    cells = np.array(frame["y"].to_list(), dtype=object)
    cells[rows] = [classes[1] if cell == classes[0] else classes[0] for cell in cells[rows]]
    return frame.with_columns(y=pl.Series(cells.tolist())), set(rows.tolist())


@pytest.mark.parametrize("share", [0.06, 0.1])
def test_flipped_classes_are_found_and_listed(findings, share):
    frame, rows = flipped(clean_table(3000), share)
    (found,) = findings(frame, "label noise")
    assert found.severity == "warning"
    listed = set(found.rows)
    assert len(listed & rows) / len(listed) > 0.75
    assert findings(clean_table(3000), "label noise") == ()


def test_texts_and_pictures(findings):
    texts = clean_texts(2000)
    assert findings(flipped(texts, 0.1)[0], "label noise")[0].check == "label noise"
    assert findings(texts, "label noise") == ()
    pictures = picture_frame(*picture_values(900))
    assert findings(flipped(pictures, 0.1)[0], "label noise")[0].check == "label noise"
    assert findings(pictures, "label noise") == ()


def test_a_hard_task_is_not_called_noisy(findings):
    random = np.random.default_rng(0)
    values = random.normal(size=3000)
    y = np.where(values + 1.5 * random.normal(size=3000) > 0, "a", "b")
    frame = pl.DataFrame({"x": values, "z": random.normal(size=3000), "y": y})
    assert findings(frame, "label noise") == ()


def test_estimate_by_hand():
    # 1,000 rows answered with equal certainty, 80 of them against the label: 8 %.
    answers = np.arange(1000) % 2
    decided = answers.copy()
    decided[np.random.default_rng(0).permutation(1000)[:80]] ^= 1
    chances = np.where(np.eye(2)[decided] > 0, 0.92, 0.08)
    share, low = wrong_share(chances, answers)
    assert share == pytest.approx(0.08, abs=0.04)
    assert 0 < low < share
    assert wrong_share(np.eye(2)[answers], answers) == (0.0, 0.0)
