"""What a language model writes, for its report: some texts, and how much of each is copied.

A network that has learnt its text by heart writes it out again. So the longest run of characters
that stands in the training text, too, is told, beside what is usual: the longest run that each
stretch of the test text shares with it.

Source: Carlini et al. 2021, arXiv:2012.07805 (memorised text); McCoy et al. 2021, arXiv:2111.09509
(length of what is copied, against what real text shares).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import torch

from lamina.data.modalities.cells import as_text
from lamina.networks.generation import SamplingConfig
from lamina.networks.language_model import LanguageModel
from lamina.runs.generate import generate
from lamina.runs.predictor import Predictor
from lamina.runs.prepare import Material

NUM_TEXTS, NUM_TOKENS = 4, 256
"""Texts written, and most tokens of each."""

MOST_CHARACTERS = 4_000_000
"""Most characters of the training text that are searched."""


def written(predictor: Predictor, material: Material) -> dict[str, Any] | None:
    """Return some texts with what of them is copied; None for a model that writes nothing.

    Args:
        predictor: The model.
        material: Rows, schema, split.
    """
    if not isinstance(predictor.model, LanguageModel) or not material.rows.is_whole:
        return None
    known = _text(material, material.split.train)[:MOST_CHARACTERS]
    sampling = SamplingConfig(temperature=0.8)
    found = generate(
        predictor, num_texts=NUM_TEXTS, num_tokens=NUM_TOKENS, sampling=sampling, seed=0
    )
    texts = [{"text": one.text, "copied": longest_copied(one.text, known)} for one in found]
    usual = _text(material, material.split.test)[: NUM_TEXTS * NUM_TOKENS * 4]
    length = max(1, round(sum(len(one.text) for one in found) / len(found)))
    parts = [usual[start : start + length] for start in range(0, len(usual), length)][:NUM_TEXTS]
    return {
        "temperature": sampling.temperature,
        "texts": texts,
        "copied_by_test_text": [len(longest_copied(part, known)) for part in parts],
    }


def longest_copied(text: str, known: str) -> str:
    """Return the longest run of characters of a text that stands in another text, too.

    Args:
        text: The text.
        known: The other text.
    """
    best, start = "", 0
    while start + len(best) < len(text):
        size = len(best) + 1
        if text[start : start + size] not in known:
            start += 1
            continue
        while start + size < len(text) and text[start : start + size + 1] in known:
            size += 1
        best = text[start : start + size]
    return best


def written_in_words(told: Mapping[str, Any]) -> str:
    """Return what was found about copies as one sentence.

    Args:
        told: As `written` returns it.
    """
    own = max((len(one["copied"]) for one in told["texts"]), default=0)
    usual = max(told["copied_by_test_text"], default=0)
    sentence = (
        f"The longest run of characters copied from the training text has {own:,}; of as long a "
        f"piece of the test text it has {usual:,}"
    )
    if own > 2 * max(usual, 20):
        return f"{sentence}: the network has learnt parts by heart."
    return f"{sentence}: nothing speaks for learning by heart."


def _text(material: Material, rows: torch.Tensor) -> str:
    column = material.schema.inputs[0].name
    cells: pl.Series = material.rows.frame[column][rows.numpy()]
    texts = cells if cells.dtype == pl.String else as_text(cells)
    return "".join(texts.fill_null("").to_list())
