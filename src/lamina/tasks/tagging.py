"""One tag for each word of a sentence: names, slots, parts of speech."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import OutputSpec
from lamina.core.spelling import pieces_beyond
from lamina.data.answered import Answered
from lamina.data.dataset import Dataset
from lamina.data.modalities.tag_sequence import TagSequence
from lamina.data.modalities.words import as_lists
from lamina.data.parts import Part, Purpose
from lamina.data.ragged import Ragged
from lamina.data.schema import Schema, input_name
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.tag_baselines import TAGGERS, TaggedWords
from lamina.runtime.answers.tag_sequences import answer_names, spelt_spans
from lamina.tasks.base import modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.free_length import AbstractFreeLength
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.tagging import tagging_recipe


@final
class Tagging(AbstractFreeLength):
    """One tag for each word."""

    name: ClassVar[str] = "tagging"
    objectives: ClassVar[tuple[str, ...]] = ("all_tags", "next_token")
    metrics: ClassVar[tuple[str, ...]] = (
        "span_f1",
        "span_precision",
        "span_recall",
        "tag_accuracy",
    )
    watched: ClassVar[tuple[str, ...]] = ("span_f1", "tag_accuracy")
    joins_encoders: ClassVar[bool] = True
    wants: ClassVar[str] = "It needs one column of words and one of a tag for each. "

    def suits(self, schema: Schema) -> str:
        """Return why a schema asks this question: tags of words are to be predicted.

        Args:
            schema: The schema.
        """
        if [target.modality for target in schema.targets] != ["tag_sequence"]:
            return ""
        return f"the target {schema.targets[0].name!r} holds a tag for each word"

    def part(
        self, dataset: Dataset, rows: Tensor, recipe: Recipe, *, purpose: Purpose = "answer"
    ) -> Part:
        """Return rows; those to learn from bring their tags.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers.
            recipe: The plan's parts.
            purpose: What they are for.
        """
        del recipe
        rows = rows.to(dataset.device)
        if purpose != "learn":
            return Part(dataset, rows)
        return Part(Answered(dataset), rows[_are_known(dataset, rows)])

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: ids of tags, and which may stand behind which.

        Args:
            schema: The fitted schema.
        """
        tags = _tags(schema)
        return (OutputSpec(schema.targets[0].name, tags.output_size, tags.follows()),)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return tagging_recipe(facts)

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return what simple taggers answer that see the same words.

        Args:
            known: Training samples.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        seen, asked = _tagged_words(known, is_answered=True), _tagged_words(part)
        assert isinstance(part.samples, Dataset)
        names = _tags(part.samples.schema).names
        ends = np.cumsum(np.bincount(asked.sentences, minlength=len(part)))[:-1]
        results = []
        for name, entry in TAGGERS.items():
            began = time.perf_counter()
            found = entry.value(seen, asked, 0)
            texts = tuple(" ".join(names[tag] for tag in row) for row in np.split(found, ends))
            answers = Predictions("tag_sequences", np.zeros_like(like.values), texts=texts)
            seconds = time.perf_counter() - began
            note = f"{entry.summary[:-1]}; fitted on {len(known):,} training rows"
            results.append(BaselineResult(name, answers, len(known), note, seconds))
        return tuple(results)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return the tags of each sentence, with blanks between.

        Args:
            outputs: Outputs of the network.
            schema: The fitted schema.
        """
        found = outputs[schema.targets[0].name]
        texts = _texts(_tags(schema), found[:, 2:].long())
        return Predictions("tag_sequences", found[:, :2].double().numpy(), texts=texts)

    def given(self, outputs: Mapping[str, Tensor], schema: Schema) -> Mapping[str, Tensor]:
        """Return the tags that were found, as ones to be measured.

        Args:
            outputs: Combined outputs for one row.
            schema: The fitted schema.
        """
        target = schema.targets[0].name
        return {target: outputs[target][:, 2:].long()}

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return that the answers are tags; which may stand side by side, the network says.

        Args:
            schema: The fitted schema.
        """
        tags = _tags(schema)
        return {
            "name": "tag_sequences",
            "target": schema.targets[0].name,
            "words": schema.inputs[0].name,
            "tags": list(tags.tags),
            "marks_spans": tags.marks_spans,
        }

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the right tags with blanks between, object [samples].

        Args:
            targets: Encoded targets of samples.
            schema: The fitted schema.
            num_samples: How many samples there are.
        """
        del num_samples
        texts = _texts(_tags(schema), targets[schema.targets[0].name])
        return np.array(texts, dtype=object)

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the tags of each sentence, and the probability that all of them are right.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        name, sure, _ = answer_names(schema.targets[0].name)
        tags = pl.Series(predictions.texts, dtype=pl.String).str.split(" ")
        return pl.DataFrame({name: tags, sure: np.exp(-predictions.values[:, 0].clip(min=0.0))})

    def replies(
        self, predictions: Predictions, part: Part, frame: pl.DataFrame, schema: Schema
    ) -> pl.DataFrame:
        """Return tags and spans of every row, null where it cannot be read.

        Args:
            predictions: The answers.
            part: The samples they answer.
            frame: The raw rows that asked for them.
            schema: The fitted schema.
        """
        found = super().replies(predictions, part, frame, schema)
        if not _tags(schema).marks_spans:
            return found
        name, _, column = answer_names(schema.targets[0].name)
        words = as_lists(frame[schema.inputs[0].name]).to_list()
        spans = [
            None if tags is None else spelt_spans(own, tags)
            for own, tags in zip(words, found[name].to_list())
        ]
        return found.with_columns(pl.Series(column, spans, dtype=pl.List(pl.String)))


def _tags(schema: Schema) -> TagSequence:
    found = modality_of(schema, schema.targets[0].name)
    if not isinstance(found, TagSequence):
        raise DataError(
            f"target {schema.targets[0].name!r} holds no tags of words. Say that it does with "
            f"--as {schema.targets[0].name}=tag_sequence."
        )
    return found


def _texts(tags: TagSequence, ids: Tensor) -> tuple[str, ...]:
    return tuple(map(" ".join, tags.decode(ids).to_list()))


def _are_known(dataset: Dataset, rows: Tensor) -> Tensor:
    """Return which rows have tags that can be learnt, bool: not those that fitting never saw."""
    name = dataset.schema.targets[0].name
    found, size = dataset.targets[name], _tags(dataset.schema).output_size
    if not isinstance(found, Ragged):
        assert not isinstance(found, Tensor), "tags differ in number"
        parts = [found.select(some) < size for some in rows.split(4096)]
        return torch.cat([part.all(dim=1) for part in parts])
    sums = torch.cat([found.offsets.new_zeros(1), (found.values >= size).cumsum(0)])
    return sums[found.offsets[rows + 1]] == sums[found.offsets[rows]]


def _tagged_words(part: Part, *, is_answered: bool = False) -> TaggedWords:
    """Return the words of samples one after the other, as simple taggers see them."""
    dataset = part.samples
    assert isinstance(dataset, Dataset)
    schema = dataset.schema
    spec = dataset.input_specs()[0]
    words, tags = input_name(schema.inputs[0].name), schema.targets[0].name
    rows, answers, sentences = [], [], []
    for start, some in zip(range(0, len(part), 1024), part.index.split(1024)):
        batch = dataset.batch(some)
        own = batch.inputs[words].cpu()
        is_real = own[..., 0] > 0
        rows.append(own[is_real])
        places = torch.arange(start, start + len(some))[:, None].expand_as(is_real)
        sentences.append(places[is_real])
        if is_answered:
            answers.append(batch.targets[tags].cpu()[is_real])
    flat = torch.cat(rows)
    ids, size = flat[:, 0], spec.vocabulary_size
    known = torch.as_tensor(spec.spellings)[torch.where(ids < size, ids, 0)]
    beyond = torch.stack(pieces_beyond(ids, vocabulary_size=size), dim=1)
    ends = torch.where((ids < size)[:, None], known, beyond)
    looks = torch.cat([ends, flat[:, 1:2]], dim=1)
    own_tags = torch.cat(answers) if is_answered else torch.ones_like(ids)
    return TaggedWords(ids.numpy(), looks.numpy(), torch.cat(sentences).numpy(), own_tags.numpy())
