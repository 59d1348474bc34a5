"""What a person is shown of an explained forecast: its past, and what was known at all steps."""

from collections.abc import Mapping
from typing import Any

from lamina.data.schema import Schema
from lamina.data.windows import in_unit
from lamina.explanation.base import Attributions
from lamina.explanation.histories import ColumnWindows, CyclePlace, SteadyColumns
from lamina.explanation.question import Question
from lamina.explanation.records import FeatureAttribution, InputAttribution
from lamina.runtime.modalities.series import lines_of


def shown_past(
    schema: Schema, cells: Mapping[str, Any], question: Question, found: Attributions
) -> tuple[tuple[InputAttribution, ...], tuple[FeatureAttribution, ...]]:
    """Return attributions of a history: windows of each column, and what is known at all steps.

    Args:
        schema: The fitted schema.
        cells: Raw cells of the last known step.
        question: What was asked.
        found: What the method found.
    """
    steady, past = [], []
    for name, values in found.values.items():
        own, numbers = question.features[name], values.tolist()
        if isinstance(own, ColumnWindows):
            count, steps = own.num_windows(question.inputs[name]), question.inputs[name].shape[1]
            labels = [_steps_back(own.size * n, own.size, steps) for n in range(count)]
            for place, column in enumerate(own.names):
                rest = numbers[place * count : (place + 1) * count]
                shown = tuple(FeatureAttribution(a, a, one) for a, one in zip(labels, rest))
                past.append(InputAttribution(column, own.kind, shown, grid=(steps, own.size)))
        elif isinstance(own, (SteadyColumns, CyclePlace)):
            for label, number in zip(own.names, numbers):
                steady.append(FeatureAttribution(label, _told(schema, cells, label), number))
    return tuple(past), tuple(steady)


def _steps_back(begin: int, size: int, steps: int) -> str:
    """Return a window by how far before the forecast it lies."""
    far, near = steps - begin, max(1, steps - begin - size + 1)
    return f"{far:,} to {near:,} steps back" if far > near else f"{far:,} steps back"


def _told(schema: Schema, cells: Mapping[str, Any], name: str) -> str:
    """Return what a column that is known at all steps says at the last known one."""
    columns = [column for column in schema.inputs if column.name == name]
    column = columns[0] if columns else schema.with_role("time")
    if column is None:
        return ""
    cell = cells[column.name]
    return str(cell) if column.fitted is None else column.fitted.show(cell)


def past_lines(schema: Schema, question: Question) -> dict[str, tuple[tuple[float, ...], ...]]:
    """Return the past of each column as it is drawn: targets in their unit, others as encoded.

    Args:
        schema: The fitted schema.
        question: What was asked.
    """
    found = {}
    targets = {target.name: target for target in schema.targets}
    for name, own in question.features.items():
        if not isinstance(own, ColumnWindows):
            continue
        values = question.inputs[name][0].cpu().double().numpy()
        for column in own.names:
            places = [place for place, each in enumerate(own.columns) if each == column]
            steps = values[:, places]
            if column in targets:
                steps = in_unit(steps, targets[column])
            lines = lines_of(steps)
            if lines:
                found[column] = lines
    return found
