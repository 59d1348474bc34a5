import numpy as np
import polars as pl

from tests.data.checks.conftest import (
    WORDS,
    clean_table,
    clean_texts,
    picture_frame,
    picture_values,
)


def test_table_rows_with_a_little_noise(findings):
    frame = clean_table(800)
    random = np.random.default_rng(1)
    near = frame.head(20).with_columns(
        [pl.col(f"n{i}") + random.normal(scale=1e-3, size=20) for i in range(5)]
    )
    (found,) = findings(pl.concat([frame, near]), "near duplicates")
    assert "20 of" in found.message
    assert found.severity == "severe"
    assert findings(frame, "near duplicates") == ()


def test_rows_of_whole_numbers_with_one_changed(findings):
    random = np.random.default_rng(0)
    numbers = {f"n{i}": random.integers(0, 40, 800) for i in range(6)}
    frame = pl.DataFrame({"big": random.integers(0, 5000, 800), **numbers})
    frame = frame.with_columns(y=pl.Series(random.choice(["a", "b"], 800)))
    near = frame.head(20).with_columns(pl.col("big") + 1)
    (found,) = findings(pl.concat([frame, near]), "near duplicates")
    assert "20 of" in found.message
    assert "one number only" in found.evidence
    assert findings(frame, "near duplicates") == ()


def test_equal_rows_are_left_to_the_other_check(findings):
    frame = clean_table(800)
    assert findings(pl.concat([frame, frame.head(20)]), "near duplicates") == ()


def test_texts_with_a_word_changed(findings):
    frame = clean_texts(600)
    random = np.random.default_rng(1)
    changed = []
    for text in frame["text"].head(15):
        words = text.split()
        words[10] = str(random.choice(WORDS)) + "x"
        changed.append(" ".join(words))
    near = frame.head(15).with_columns(text=pl.Series(changed))
    (found,) = findings(pl.concat([frame, near]), "near duplicates")
    assert "15 of" in found.message
    assert findings(frame, "near duplicates") == ()


def test_pictures_brightened(findings):
    values, target = picture_values(300)
    brighter = np.clip(values[:10].astype(int) * 0.9 + 20, 0, 255).astype(np.uint8)
    frame = picture_frame(np.concatenate([values, brighter]), np.concatenate([target, target[:10]]))
    (found,) = findings(frame, "near duplicates")
    assert "10 of" in found.message
    assert found.columns == ("image",)
    assert findings(picture_frame(values, target), "near duplicates") == ()
