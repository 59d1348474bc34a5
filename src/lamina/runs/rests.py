"""What each part of an answer of free length rests on: places of the input taken away, and looks.

The answer stays as it is; of each of its words is told by how much less likely it becomes when a
place of the input is taken away, given the words before it, and of each tag of a word, whatever the
other tags are. Beside that stands where the
network looked. The two need not agree: looks are a part of the computation, not what decides.

Source: Zeiler and Fergus 2014, arXiv:1311.2901 (occlusion); Bahdanau et al. 2015, arXiv:1409.0473
(looks as alignment); Jain and Wallace 2019, arXiv:1902.10186 (why looks are no explanation alone).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lamina.data.modalities.text import Text
from lamina.explanation.question import Question
from lamina.explanation.records import WrittenAttribution
from lamina.networks.answers import MARK, AbstractMeasurer, AbstractWriter
from lamina.runtime.word_groups import MOST_PARTS, Parts, grouped

MOST_PLACES = 128
"""Most places of the input of which this is told."""


def what_it_rests_on(
    model: AbstractMeasurer, question: Question, parts: Parts, places: Sequence[str]
) -> WrittenAttribution | None:
    """Return what each part of an answer rests on; None where this cannot be told apart.

    Args:
        model: The network.
        question: What was asked, with the answer among the inputs that stay as they are.
        parts: Of the answer.
        places: Features of the one input, as people read them.
    """
    (name,) = model.input_names
    groups = [list(group) for _, group in parts]
    with torch.no_grad():
        is_told = model.token_nats(question.inputs) is not None
    if not is_told or not 0 < len(groups) <= MOST_PARTS or not 0 < len(places) <= MOST_PLACES:
        return None

    def costs(inputs: Mapping[str, Tensor]) -> Tensor:
        found = model.token_nats(inputs)
        assert found is not None, "asked above"
        return torch.stack([found[:, group].sum(dim=1) for group in groups], dim=1)

    count = sum(question.counts().values())
    removed = torch.cat([torch.zeros(1, count), torch.eye(count)]).bool()
    found = question.several_without(costs, removed)
    falls = (found[1:] - found[:1]).T
    return WrittenAttribution(
        name=name,
        parts=tuple(shown for shown, _ in parts),
        places=tuple(places),
        falls=_rounded(falls),
        looks=_looks(model, question, groups) if isinstance(model, AbstractWriter) else (),
    )


def parts_of_text(written: Text, answer: Tensor) -> Parts:
    """Return the words of a written text; the mark behind it is no part of it.

    Args:
        written: Its modality.
        answer: Its ids with the mark before it, int64 [1, 1 + length].
    """
    tokens = [token for token in answer[0].tolist()[1:] if token > 0]
    groups = grouped([written.spell(token) for token in tokens])
    return [(written.write([tokens[place] for place in own]).strip(), own) for own in groups]


def _looks(
    model: AbstractWriter, question: Question, groups: Sequence[Sequence[int]]
) -> tuple[tuple[float, ...], ...]:
    """Return where the network looked, by word and feature; () where places are no tokens."""
    (name,) = model.input_names
    values, own = question.inputs[name], question.features[name]
    with torch.no_grad():
        shares = model.looks(question.inputs).float().cpu()
    if shares.shape[1] != values.shape[1]:
        return ()
    owners = own.owners(values).cpu()
    pooled = torch.zeros(len(shares), own.count(values)).index_add(1, owners, shares)
    return _rounded(torch.stack([pooled[list(group)].mean(dim=0) for group in groups]))


def _rounded(values: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(value, 4) for value in row) for row in values.tolist())


def features_of_text(fitted: Any, tokens: Sequence[int], stride: int) -> list[str]:
    """Return the features of a text that was cut into pieces, as people read them.

    Args:
        fitted: Its modality.
        tokens: Its ids.
        stride: Pieces of a feature.
    """
    spelt = ["(start)" if token == MARK else fitted.spell(token) for token in tokens]
    return ["".join(spelt[at : at + stride]).strip() for at in range(0, len(spelt), stride)]
