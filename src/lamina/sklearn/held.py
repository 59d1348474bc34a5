"""A trained model inside an estimator: copied and pickled as the plain bytes of its bundle.

So a pickled estimator holds no network, no code and no class of PyTorch's: what is unpickled is
read and checked as any model file is.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, final

import numpy as np
import polars as pl
import torch

from lamina.core.bundle import pack_bundle, unpack_bundle
from lamina.core.errors import DataError
from lamina.data.dataset import Dataset, encode_frame
from lamina.data.sources.frames import FrameSource
from lamina.evaluation.predictions import Predictions
from lamina.runs.predictor import Predictor, build_predictor


@final
class HeldModel:
    """A trained model, built when it is first asked.

    It answers in float64, so that an answer does not depend on the rows that are asked with it.

    Args:
        predictor: The model.
    """

    def __init__(self, predictor: Predictor) -> None:
        self._files = pack_bundle(predictor.to_bundle())
        self._predictor: Predictor | None = None

    @property
    def files(self) -> Mapping[str, bytes]:
        """The bundle's files by name."""
        return self._files

    @property
    def predictor(self) -> Predictor:
        """The model, in float64."""
        if self._predictor is None:
            bundle = unpack_bundle(self._files, where="the estimator's model")
            built = build_predictor(bundle, where="the estimator's model")
            execution = replace(built.execution, dtype="float32")
            self._predictor = replace(built, model=built.model.double(), execution=execution)
        return self._predictor

    def predictions(self, frame: pl.DataFrame) -> Predictions:
        """Return one answer per row.

        Args:
            frame: Raw rows with the columns of the training.

        Raises:
            DataError: A cell cannot be read.
        """
        dataset, rows = self._encoded(frame)
        return self.predictor.predictions(self.predictor.outputs(dataset, rows))

    def features(self, frame: pl.DataFrame) -> np.ndarray:
        """Return what the last layer sees of each row, float32 [rows, features].

        Args:
            frame: Raw rows with the columns of the training.

        Raises:
            DataError: A cell cannot be read.
        """
        dataset, rows = self._encoded(frame)
        return self.predictor.features(dataset, rows).numpy()

    def __getstate__(self) -> dict[str, Any]:
        return {"files": self._files}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._files = dict(state["files"])
        self._predictor = None

    def _encoded(self, frame: pl.DataFrame) -> tuple[Dataset, torch.Tensor]:
        schema = self.predictor.schema
        dataset = encode_frame(schema, FrameSource(frame).read(), with_targets=False)
        if bool(dataset.failed.any()):
            first = dataset.problems[0]
            raise DataError(
                f"{int(dataset.failed.sum()):,} of {frame.height:,} rows cannot be read, such as "
                f"{first.where}: {first.what}. Leave them out."
            )
        return dataset, torch.arange(frame.height, device=dataset.failed.device)
