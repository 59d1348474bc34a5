"""Small data and quick estimators that the tests of this folder share."""

import numpy as np
import pandas as pd

from lamina.sklearn import LaminaClassifier, LaminaRegressor, LaminaTransformer

QUICK = {"steps": 30, "random_state": 0}

ESTIMATORS = {
    "classifier": LaminaClassifier(**QUICK),
    "regressor": LaminaRegressor(**QUICK),
    "transformer": LaminaTransformer(**QUICK),
}


def blobs(rows: int = 90):
    """Return numbers and one of three words for each row."""
    source = np.random.default_rng(0)
    classes = np.arange(rows) % 3
    return source.normal(size=(rows, 4)) + 4.0 * classes[:, None], np.array(["b", "c", "a"])[
        classes
    ]


def mixed(rows: int = 120) -> pd.DataFrame:
    """Return a frame of all kinds of column, some of them hard."""
    source = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "size": source.normal(size=rows),
            "id": np.arange(rows),
            "colour": pd.Categorical(source.choice(["red", "green"], rows)),
            "review": [" ".join(source.choice(["good", "bad", "fine"], 8)) for _ in range(rows)],
            "when": pd.date_range("2020-01-01", periods=rows),
            "is_new": source.random(rows) > 0.5,
            "constant": 1.0,
            "empty": np.nan,
            "split": source.choice(["train", "test"], rows),
        }
    )
    frame.loc[::7, "size"] = np.nan
    return frame
