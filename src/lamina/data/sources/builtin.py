"""Four small data sets that come with scikit-learn, by name, for trying things out offline."""

from collections.abc import Iterator, Mapping
from typing import final

import numpy as np
import polars as pl

from lamina.core.table import Entry, look_up, table
from lamina.data.sources.base import AbstractSource

BUILTIN: Mapping[str, Entry[str]] = table(
    Entry(
        "digits",
        "label",
        "1,797 handwritten digits of 8 × 8 pixels; which digit is it?",
        "Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI",
    ),
    Entry(
        "wine",
        "cultivar",
        "178 chemical analyses of wine; which of three cultivars is it from?",
        "Aeberhard and Forina (1992), Wine, UCI",
    ),
    Entry(
        "breast_cancer",
        "diagnosis",
        "569 measured cell nuclei; is the tumour malignant or benign?",
        "Wolberg et al. (1995), Breast Cancer Wisconsin (Diagnostic), UCI",
    ),
    Entry(
        "diabetes",
        "progression",
        "442 patients; how far has the disease progressed a year later (a number)?",
        "Efron et al. (2004), Least Angle Regression, Annals of Statistics 32(2)",
    ),
)
"""Name → name of the target column."""

_DIABETES = {
    "s1": "total_cholesterol",
    "s2": "low_density_lipoproteins",
    "s3": "high_density_lipoproteins",
    "s4": "cholesterol_ratio",
    "s5": "log_triglycerides",
    "s6": "blood_sugar",
    "bp": "blood_pressure",
    "bmi": "body_mass_index",
}


@final
class BuiltinSource(AbstractSource):
    """A data set that comes with scikit-learn."""

    def __init__(self, name: str) -> None:
        super().__init__("builtin", name)
        self._target = look_up(BUILTIN, name, what="built-in data set")
        self._frame: pl.DataFrame | None = None

    @property
    def target(self) -> str:
        """Name of the column that is usually predicted."""
        return self._target

    def _pieces(self) -> Iterator[pl.DataFrame]:
        if self._frame is None:
            self._frame = _load(self.location, self._target)
        yield self._frame


def _load(name: str, target: str) -> pl.DataFrame:
    from sklearn import datasets

    if name == "digits":
        digits = datasets.load_digits()
        images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
        return pl.DataFrame([pl.Series("image", images), pl.Series(target, digits.target)])
    if name == "diabetes":
        data = datasets.load_diabetes(scaled=False)
        names = [_DIABETES.get(feature, feature) for feature in data.feature_names]
        cells = pl.Series(target, data.target)
    else:
        data = datasets.load_wine() if name == "wine" else datasets.load_breast_cancer()
        names = [_readable(feature) for feature in data.feature_names]
        cells = pl.Series(target, [str(data.target_names[index]) for index in data.target])
    columns = [pl.Series(feature, data.data[:, i]) for i, feature in enumerate(names)]
    return pl.DataFrame([*columns, cells])


def _readable(feature: str) -> str:
    return feature.replace("/", "_").replace(" ", "_")
