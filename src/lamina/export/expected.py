"""What a model forecasts from many origins, as the answers that its file has to give.

An answer is made when it is asked for: a few thousand origins with quantiles of several series are
more lists of numbers than memory should hold at once.
"""

from typing import Any, final

import numpy as np
from typing_extensions import override

from lamina.core.made_rows import AbstractMadeRows
from lamina.data.histories import HistoryRows
from lamina.data.windows import Windows
from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.frequency import parse_frequency
from lamina.runtime.histories import moments_after


@final
class ExpectedForecasts(AbstractMadeRows):
    """The answers to rows that are histories.

    Args:
        form: How numbers become answers.
        values: float64 [origins, columns], as `Predictions.values`.
        histories: The rows.
    """

    def __init__(self, form: AbstractForm, values: np.ndarray, histories: HistoryRows) -> None:
        self._form, self._values, self._histories = form, values, histories
        windows = histories.part.samples
        assert isinstance(windows, Windows), "origins are samples of windows"
        assert windows.dataset.times is not None, "windows have times"
        self._origins = windows.dataset.times.cpu()[histories.part.rows()].tolist()
        self._frequency = parse_frequency(histories.history.step)

    def __len__(self) -> int:
        return len(self._values)

    @override
    def _made(self, number: int) -> dict[str, Any]:
        history = self._histories.history
        (answer,) = self._form.read(self._values[number : number + 1])
        answer[history.time] = moments_after(
            self._frequency, self._origins[number], history.horizon
        )
        if history.series:
            answer[history.series] = self._histories.series_of(number)
        return answer
