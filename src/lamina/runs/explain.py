"""Why a trained model answers a row as it does: the methods of `explanation` bound to a run.

Here it is said which features the inputs of each kind have, what stands in for them when they are
taken away (all of it out of the fitted schema, so a bundle is enough), where integers become
vectors, and what a person is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from lamina.core.errors import ConfigError, DataError, unknown_name
from lamina.core.random import permutation
from lamina.core.records import InputSpec
from lamina.data.dataset import encode_frame
from lamina.data.modalities.tag_sequence import TagSequence
from lamina.data.modalities.text import Text
from lamina.data.parts import Part, Samples
from lamina.data.schema import Column, Schema, input_name
from lamina.data.windows import Windows as SeriesWindows
from lamina.evaluation.predictions import Predictions
from lamina.explanation.base import Attributions
from lamina.explanation.check import CheckConfig, Checker, Sampled, summarise
from lamina.explanation.features import AbstractFeatures, Patches, PlacedWords, Windows, Words
from lamina.explanation.histories import AbstractPast, ColumnWindows
from lamina.explanation.question import Function, Place, Question
from lamina.explanation.records import (
    FeatureAttribution,
    InputAttribution,
    NeighbourRecord,
    RowExplanation,
    WrittenAttribution,
)
from lamina.explanation.table import default_method, method_for
from lamina.networks.answers import AbstractMeasurer
from lamina.networks.architecture import AbstractModel
from lamina.reports.pictures import thumbnail_uri
from lamina.runs.explained_inputs import features_of
from lamina.runs.explained_past import past_lines, shown_past
from lamina.runs.memory import RowMemory
from lamina.runs.memory import features_of as representations_of
from lamina.runs.plan import Plan
from lamina.runs.predictor import Predictor
from lamina.runs.prepare import read_rows
from lamina.runs.rests import features_of_text, parts_of_text, what_it_rests_on
from lamina.runtime.word_groups import parts_of_tags, runs_of
from lamina.tasks.base import modality_of

NUM_REFERENCES = 8
"""Values that stand in for a column, where a row has columns only."""

FEW_REFERENCES = 4
"""The same beside pictures and texts, which cost more to answer."""

COLUMNS = "columns"
"""Name under which all columns of a table are shown together."""


@final
class Explainer:
    """Explains the answers of one model.

    Args:
        predictor: The model.
        check: How much is measured about each explanation.
    """

    def __init__(self, predictor: Predictor, *, check: CheckConfig | None = None) -> None:
        self.predictor = predictor
        self.specs = predictor.task.asked_inputs(predictor.schema)
        self.model = predictor.model
        self.checker = Checker(self.model, check or CheckConfig())
        self._references = references_of(predictor.schema, self.specs)
        self._made = predictor.task.features(predictor.schema)
        self._places = places_of(self.model)

    def explain(
        self,
        frame: pl.DataFrame,
        row: int | None,
        *,
        method: str | None = None,
        answer: str | None = None,
        is_checked: bool = True,
        memory: RowMemory | None = None,
    ) -> RowExplanation:
        """Return why the model answers a row as it does.

        Args:
            frame: Raw rows with the input columns.
            row: Which row of them; None for the first that is answered.
            method: Name in the table of methods; None takes the one that was measured best.
            answer: Class, label, target or level to explain; None takes what the model answers.
            is_checked: Whether the explanation is checked.
            memory: Training rows to name similar ones of; None names none.

        Raises:
            DataError: There is no such row, or it cannot be read.
            ConfigError: There is no such method or answer, or the method does not suit the model.
        """
        row, part = self._sample(frame, row)
        raw = one_row(frame, row)
        outputs = self.predictor.outputs(part.samples, part.index, is_final=False)
        predictions = self.predictor.predictions(outputs)
        choice, probability = self._choice(predictions, answer)
        question = self.question(part.samples, int(part.index[0]), choice, outputs=outputs)
        name = method or default_method(question)
        found, asked = self.attribute(question, name)
        check = None
        if is_checked:
            sampled = self.measure(name, asked, found)
            check = replace(summarise([sampled]), num_features=sum(asked.counts().values()))
        claim, unit = self.predictor.task.claim(self.predictor.schema, choice)
        gone = torch.ones(1, sum(asked.counts().values()), dtype=torch.bool)
        past = isinstance(part.samples, SeriesWindows)
        return RowExplanation(
            row=row,
            answer=self.predictor.task.stated(claim, predictions),
            value=question.value(),
            unit=unit,
            reference=float(asked.answers_without(gone)[0]),
            method=name,
            inputs=shown_inputs(self.predictor.schema, raw, question, found),
            check=check,
            probability=probability,
            left_out=_left_out(question, found, self.specs),
            texts=_texts(self.predictor.schema, raw),
            pictures=_pictures(question),
            lines=past_lines(self.predictor.schema, question)
            if past
            else _lines(self.predictor.schema, raw),
            neighbours=() if memory is None else self._neighbours(part, memory),
            written=self._written(question, raw),
        )

    def _sample(self, frame: pl.DataFrame, row: int | None) -> tuple[int, Part]:
        """Return the row that is explained, and the sample that it stands for."""
        task, recipe, schema = (
            self.predictor.task,
            self.predictor.plan.recipe,
            self.predictor.schema,
        )
        if task.reads_targets:
            # What such a row is answered from are the rows around it.
            dataset = encode_frame(schema, frame, with_targets=True)
            if row is None:
                row = int(task.asked(dataset, recipe).rows()[0])
            one_row(frame, row)
            return row, task.explained(dataset, torch.tensor([row]), recipe)
        row = row or 0
        dataset = encode_frame(schema, one_row(frame, row), with_targets=False)
        if not len(dataset.usable(with_targets=False)):
            told = "; ".join(f"{p.where}: {p.what}" for p in dataset.problems)
            raise DataError(f"row {row} cannot be read ({told or 'an input is missing'}).")
        return row, task.explained(dataset, torch.tensor([0]), recipe)

    def question(
        self,
        samples: Samples,
        sample: int,
        choice: int,
        *,
        outputs: Mapping[str, Tensor] | None = None,
    ) -> Question:
        """Return the question why the model gives a choice its evidence.

        Args:
            samples: Where samples are fetched from, such as encoded rows.
            sample: Number of the sample.
            choice: Number of the choice (see `AbstractTask.choices`).
            outputs: The outputs for this sample; None computes them where they are needed.
        """
        task, schema = self.predictor.task, self.predictor.schema
        given: Mapping[str, Tensor] = {}
        if task.explains_given:
            own = torch.tensor([sample])
            found = outputs or self.predictor.outputs(samples, own, is_final=False)
            given = task.given(found, schema)
        device = next(self.model.parameters()).device
        inputs = dict(samples.batch(torch.tensor([sample])).to(device).inputs)
        inputs |= {name: value.to(device) for name, value in given.items()}
        features: dict[str, AbstractFeatures] = {}
        for spec in self.specs:
            if not spec.is_made:
                features[spec.name] = features_of(spec, inputs[spec.name], self._references)
            elif spec.name in self._made:
                features[spec.name] = self._made[spec.name]
        return Question(
            self._bind(choice), inputs, features, self.model, self._places, self.model.mixed()
        )

    def attribute(self, question: Question, method: str) -> tuple[Attributions, Question]:
        """Return what a method finds, and the question for the inputs that it can attribute.

        Args:
            question: What is asked.
            method: Name in the table of methods.
        """
        own, suited = method_for(method, question)
        asked = question.only(suited)
        return own.attribute(asked), asked

    def measure(self, method: str, asked: Question, found: Attributions) -> Sampled:
        """Return what one explanation shows when it is checked.

        Args:
            method: Name in the table of methods.
            asked: The question for the inputs that were attributed.
            found: What the method found.
        """
        return self.checker.measure(method_for(method, asked)[0], asked, found)

    def _neighbours(self, part: Part, memory: RowMemory) -> tuple[NeighbourRecord, ...]:
        return memory.neighbours(representations_of(self.model, part.samples, part.index)[0])

    def _written(self, question: Question, raw: pl.DataFrame) -> WrittenAttribution | None:
        """Return what each part of an answer of free length rests on, where there is one."""
        schema = self.predictor.schema
        answered = modality_of(schema, schema.targets[0].name) if schema.targets else None
        if not isinstance(self.model, AbstractMeasurer) or answered is None:
            return None
        column = schema.inputs[0]
        name = input_name(column.name)
        own = question.features[name]
        if isinstance(own, PlacedWords) and isinstance(answered, TagSequence):
            words = modality_of(schema, column.name).parts(raw[column.name][0])
            (tags,) = answered.decode(question.inputs[schema.targets[0].name]).to_list()
            parts, places = parts_of_tags(words, tags), runs_of(words, own.stride)
        elif isinstance(own, Words) and isinstance(answered, Text):
            (tokens,) = question.inputs[name].tolist()
            places = features_of_text(column.fitted, tokens, own.stride)
            parts = parts_of_text(answered, question.inputs[schema.targets[0].name])
        else:
            return None  # a sound has no words
        return what_it_rests_on(self.model, question, parts, places)

    def _choice(self, predictions: Predictions, answer: str | None) -> tuple[int, float | None]:
        """Return the choice to explain, and its probability where it has one."""
        task, schema = self.predictor.task, self.predictor.schema
        if answer is None:
            choice = int(task.chosen(predictions)[0])
        else:
            names = task.choices(schema)
            if answer not in names:
                raise ConfigError(unknown_name("answer to explain", answer, names[:50]))
            choice = names.index(answer)
        has_probability = predictions.kind in ("classes", "labels")
        return choice, float(predictions.values[0, choice]) if has_probability else None

    def _bind(self, choice: int) -> Callable[[nn.Module | None], Function]:
        task, schema = self.predictor.task, self.predictor.schema
        temperature = self.predictor.temperature

        def bind(network: nn.Module | None) -> Function:
            assert network is not None, "the model itself, or a copy of it"

            def evidence(inputs: Mapping[str, Tensor]) -> Tensor:
                combined = {
                    name: task.combine(_members(value).float()) / temperature
                    for name, value in network(inputs).items()
                }
                return task.evidence(combined, schema)[:, choice]

            return evidence

        network = self.model
        return lambda changed: bind(network if changed is None else changed)


def one_row(frame: pl.DataFrame, row: int) -> pl.DataFrame:
    """Return one row of a frame.

    Args:
        frame: The rows.
        row: Its number, from 0.

    Raises:
        DataError: There is no such row.
    """
    if not 0 <= row < frame.height:
        raise DataError(f"there is no row {row}: the data have rows 0 to {frame.height - 1}.")
    return frame[row : row + 1]


def own_rows(plan: Plan) -> pl.DataFrame:
    """Return the raw rows that a run was made from, under the row numbers of its report.

    Args:
        plan: The plan of the run.

    Raises:
        DataError: They cannot be read any more.
    """
    return read_rows(plan.data).frame


def references_of(schema: Schema, specs: Sequence[InputSpec]) -> dict[str, Tensor]:
    """Return what stands in for numbers, categories and words, [replacements, numbers] by input.

    Each column takes values spread evenly over its training values, in an order of its own, so that
    columns that are taken away together are not taken from one end of them all.

    Args:
        schema: The fitted schema.
        specs: Its inputs.

    Source:
        McKay, Beckman and Conover 1979, "A comparison of three methods" (Latin hypercubes).
    """
    is_table = all(spec.is_joined for spec in specs)
    count = NUM_REFERENCES if is_table else FEW_REFERENCES
    found = {}
    for spec in specs:
        if spec.kind == "words":
            found[spec.name] = modality_of(schema, spec.columns[0]).references(1)
        if not spec.is_joined:
            continue
        parts = []
        for place, column in enumerate(dict.fromkeys(spec.columns)):
            order = permutation(place, f"references of {spec.kind}", 0, count)
            parts.append(modality_of(schema, column).references(count)[order])
        found[spec.name] = torch.cat(parts, dim=1)
    return found


def places_of(model: AbstractModel) -> dict[str, Place]:
    """Return where the integers of each input become vectors.

    Args:
        model: The network.
    """
    names = {id(module): name for name, module in model.named_modules()}
    return {
        name: Place(names[id(vectors.module)], vectors.owners)
        for name, vectors in model.vectors().items()
    }


def shown_inputs(
    schema: Schema, raw: pl.DataFrame, question: Question, found: Attributions
) -> tuple[InputAttribution, ...]:
    """Return attributions as a person reads them: all columns of a table together, in their order.

    Args:
        schema: The fitted schema.
        raw: The row.
        question: What was asked.
        found: What the method found.
    """
    inputs, cells = [], raw.row(0, named=True)
    if any(isinstance(own, ColumnWindows) for own in question.features.values()):
        past, steady = shown_past(schema, cells, question, found)
        together = [InputAttribution(COLUMNS, "columns", steady)] if steady else []
        return (*past, *together)
    by_column: dict[str, float] = {}
    for spec in schema.input_specs():
        if spec.name in found.values and spec.is_joined:
            by_column |= dict(zip(dict.fromkeys(spec.columns), found.values[spec.name].tolist()))
    columns = [column for column in schema.inputs if column.name in by_column]
    if columns:
        shown = tuple(
            FeatureAttribution(c.name, _shown(c, cells[c.name]), by_column[c.name]) for c in columns
        )
        inputs.append(InputAttribution(COLUMNS, "columns", shown))
    for column in schema.inputs:
        name = input_name(column.name)
        if name in found.values and column.name not in by_column:
            numbers = found.values[name].tolist()
            inputs.append(_alone(column, cells[column.name], name, question, numbers))
    return tuple(inputs)


def _alone(
    column: Column, cell: Any, name: str, question: Question, numbers: list[float]
) -> InputAttribution:
    """Return the attribution of an input that is one column: a picture, a text or a series."""
    own = question.features[name]
    if isinstance(own, Patches):
        grid = own.grid(question.inputs[name])
        return InputAttribution(column.name, own.kind, grid=grid, heat=tuple(numbers))
    if isinstance(own, Windows):
        assert column.fitted is not None, "a model has a fitted schema"
        steps = question.inputs[name].shape[1]
        ends = [(own.size * n, min(own.size * (n + 1), steps)) for n in range(len(numbers))]
        names = [column.fitted.span(*pair) for pair in ends]
        shown = tuple(FeatureAttribution(one, one, number) for one, number in zip(names, numbers))
        return InputAttribution(column.name, own.kind, shown, grid=(steps, own.size))
    assert isinstance(own, (Words, PlacedWords)), "else a picture, a text or a series"
    assert column.fitted is not None, "a model has a fitted schema"
    texts = runs_of(column.fitted.parts(cell), own.stride, glue=column.fitted.glue)
    shown = tuple(FeatureAttribution(text, text, number) for text, number in zip(texts, numbers))
    return InputAttribution(column.name, own.kind, shown)


def _lines(schema: Schema, raw: pl.DataFrame) -> dict[str, tuple[tuple[float, ...], ...]]:
    cells = raw.row(0, named=True)
    found = {c.name: c.fitted.lines(cells[c.name]) for c in schema.inputs if c.fitted is not None}
    return {name: lines for name, lines in found.items() if lines}


def _shown(column: Column, cell: Any) -> str:
    return str(cell) if column.fitted is None else column.fitted.show(cell)


def _texts(schema: Schema, raw: pl.DataFrame) -> dict[str, str]:
    cells = raw.row(0, named=True)
    return {c.name: str(cells[c.name] or "") for c in schema.inputs if c.modality == "text"}


def _pictures(question: Question) -> dict[str, str]:
    """Return each picture as the network sees it, so that the heat lies where it belongs."""
    found = {}
    for name, own in question.features.items():
        if isinstance(own, Patches):
            pixels = question.inputs[name][0].cpu().numpy().astype(np.uint8)
            found[name] = thumbnail_uri(pixels.transpose(1, 2, 0), side=160)
    return found


def _left_out(
    question: Question, found: Attributions, specs: Sequence[InputSpec]
) -> tuple[str, ...]:
    """Return what the method could not attribute, as people name it."""
    columns = {spec.name: spec.columns for spec in specs}
    left = [
        name
        for key, own in question.features.items()
        if key not in found.values
        for name in (own.names if isinstance(own, AbstractPast) else columns[key])
    ]
    return tuple(dict.fromkeys(left))


def _members(values: Tensor) -> Tensor:
    return values[:, None] if values.dim() == 2 else values
