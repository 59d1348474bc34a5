"""Filling in with a run: the hidden places of a text, and examples of it for the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lamina.core.errors import ConfigError
from lamina.data.modalities.text import Text
from lamina.data.parts import Part
from lamina.networks.masked_language_model import HIDDEN, MaskedLanguageModel
from lamina.runs.predictor import Predictor

PLACE = "[MASK]"
"""How a user writes a hidden place: one token, with the blank before it."""

NUM_EXAMPLES, MOST_SHOWN = 6, 64
"""Texts in the report, and tokens of each that are shown."""

EVERY = 6
"""Of the tokens of an example each sixth is hidden."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One text with its hidden places filled in."""

    text: str
    """The whole text."""
    candidates: tuple[tuple[tuple[str, float], ...], ...]
    """Of each place, in order, the likeliest pieces with their probabilities."""


def fills(predictor: Predictor) -> bool:
    """Return whether a model fills in hidden places.

    Args:
        predictor: Any model.
    """
    return isinstance(predictor.model, MaskedLanguageModel)


@torch.no_grad()
def fill(predictor: Predictor, text: str, *, num_candidates: int = 5) -> Filled:
    """Return a text with each `[MASK]` filled in with the likeliest piece.

    Args:
        predictor: A masked language model.
        text: The text, with `[MASK]` where something is missing.
        num_candidates: Pieces that are told for each place.

    Raises:
        ConfigError: The model fills in nothing, the text has no such place or is too long.
    """
    model, own = _model_of(predictor), predictor.schema.inputs[0].fitted
    assert isinstance(own, Text), "a masked language model reads one text"
    parts = text.split(PLACE)
    if len(parts) < 2:
        raise ConfigError(f"nothing is missing in {text!r}. Write {PLACE} where a word is hidden.")
    mark, ids = own.read("")[:1], list[int]()
    for place, part in enumerate(parts):
        # A piece holds the blank before it, so one before a hidden place is hidden, too.
        last = place == len(parts) - 1
        ids += own.read(part if last else part.removesuffix(" "))[len(mark) :]
        ids += [] if last else [HIDDEN]
    ids = mark + ids
    if len(ids) > model.context:
        raise ConfigError(
            f"the text has {len(ids):,} tokens, and at most {model.context:,} are read at a time. "
            "Shorten it."
        )
    places = [place for place, token in enumerate(ids) if token == HIDDEN]
    tokens = torch.tensor([ids], device=next(model.parameters()).device)
    shares = model.eval().fill(tokens)[0, places].softmax(dim=1).cpu()
    best = shares.topk(min(num_candidates, shares.shape[1]), dim=1)
    candidates = tuple(
        tuple((own.write([token]), share) for token, share in zip(row, values))
        for row, values in zip(best.indices.tolist(), best.values.tolist())
    )
    for place, row in zip(places, best.indices.tolist()):
        ids[place] = row[0]
    return Filled(own.write(ids), candidates)


@torch.no_grad()
def filled_examples(predictor: Predictor, part: Part) -> list[list[dict[str, Any]]] | None:
    """Return some texts with every sixth token filled in; None for a model that fills in nothing.

    Args:
        predictor: The model.
        part: Samples of the test part.

    Returns:
        Of each text its pieces, those beside each other joined: "text", and for what was hidden
        "filled" with what the model found.
    """
    if not fills(predictor) or not len(part):
        return None
    model, own = _model_of(predictor).eval(), predictor.schema.inputs[0].fitted
    assert isinstance(own, Text), "a masked language model reads one text"
    chosen = torch.linspace(0, len(part) - 1, min(NUM_EXAMPLES, len(part))).long()
    (tokens,) = part.samples.batch(part.index[chosen.to(part.index.device)]).inputs.values()
    tokens = tokens[:, :MOST_SHOWN].to(next(model.parameters()).device)
    places = torch.arange(tokens.shape[1], device=tokens.device)
    hidden = (places % EVERY == EVERY - 1) & (model.token_bytes[tokens] > 0)
    found = model.fill(torch.where(hidden, HIDDEN, tokens)).argmax(dim=2)
    return [_pieces(own, *rows) for rows in zip(tokens.cpu(), hidden.cpu(), found.cpu())]


def _pieces(own: Text, tokens: Tensor, hidden: Tensor, found: Tensor) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    waiting: list[int] = []
    for token, is_hidden, answer in zip(tokens.tolist(), hidden.tolist(), found.tolist()):
        if not is_hidden:
            waiting.append(token)
            continue
        pieces += _plain(own, waiting)
        pieces.append({"text": own.write([token]), "filled": own.write([answer])})
        waiting = []
    return pieces + _plain(own, waiting)


def _plain(own: Text, tokens: Sequence[int]) -> list[dict[str, Any]]:
    text = own.write([token for token in tokens if token > HIDDEN])
    return [{"text": text}] if text else []


def _model_of(predictor: Predictor) -> MaskedLanguageModel:
    if not isinstance(predictor.model, MaskedLanguageModel):
        raise ConfigError(
            "this model fills in nothing. Train one that does with: "
            "lamina fit corpus.txt --objective masked"
        )
    return predictor.model
