"""A model whose rows are histories, without a network: it repeats the last value."""

from lamina.runtime.answers.forecasts import Forecasts
from lamina.runtime.frequency import parse_frequency
from lamina.runtime.histories import as_list, moments_after
from lamina.runtime.signature import Field, History, Signature

HISTORY = History(
    time="day",
    series="shop",
    targets=("sold",),
    known=("open",),
    past=("rain",),
    period=7,
    look_back=14,
    horizon=3,
    step="1 day",
)


def signature() -> Signature:
    days = tuple(f"2024-01-{day:02}T00:00:00" for day in range(1, 15))
    spread = tuple(float(value) for value in range(21))
    form = Forecasts(("sold",), (0.05, 0.5, 0.95), horizon=3, time="day", series="shop")
    figures = {"level": spread, "spread": spread}
    return Signature(
        name="shops",
        task="forecasting",
        fields=(
            Field(name="day", modality="datetime", typical=days),
            Field(name="shop", modality="category"),
            Field(
                name="sold",
                modality="number",
                channels=1,
                figures=figures,
                num_rows=200,
                typical=tuple(float(10 + day % 7) for day in range(14)),
            ),
            Field(
                name="open",
                modality="boolean",
                levels=("yes", "no"),
                shares=(0.8, 0.2),
                typical="yes",
            ),
            Field(name="rain", modality="number", channels=1, quantiles=spread, typical=0.0),
        ),
        answers=form.answers,
        history=HISTORY,
    )


class LastValue:
    """Forecasts the last value, and more where the shop is open at the last step."""

    def __init__(self) -> None:
        self.signature = signature()
        self.identity = "1" * 64

    def predict(self, rows):
        return [self._answer(row) for row in rows]

    def _answer(self, row):
        from datetime import datetime

        day = as_list(row["day"])[-1]
        moment = datetime.fromisoformat(day) if isinstance(day, str) else day
        origin = (moment - datetime(1970, 1, 1)).total_seconds()
        known = [one for one in as_list(row["sold"]) if one is not None]
        opened = as_list(row["open"])
        more = 5.0 if (opened[-1] if opened else row["open"]) in ("yes", True) else 0.0
        answer = {one.name: [known[-1] + more] * 3 for one in self.signature.answers if one.level}
        answer |= {"shop": row.get("shop"), "sold": [known[-1] + more] * 3}
        return {**answer, "day": moments_after(parse_frequency("1 day"), origin, 3)}
