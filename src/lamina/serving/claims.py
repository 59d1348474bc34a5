"""What is explained of an answer: one number that can be followed from version to version."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lamina.runtime.signature import Answer, Signature
from lamina.serving.refusal import Refusal

Evidence = Callable[[Mapping[str, Any]], float]
"""From an answer to the number that is explained; NaN where it has none."""

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is explained in the answer to a row, and how it is read off other answers."""

    claim: str
    """Such as "buys is yes"."""
    unit: str
    """Unit of the number that is explained."""
    evidence: Evidence
    """The number."""
    probability: float | None = None
    """Of a class or a label."""


LOG_PROBABILITY = "log-probability"
"""Unit of what is explained of an answer of free length, and its key in what is told of rows."""

_TRACED = ("text", "tag_sequence")
_MOST_SHOWN = 200  # characters of such an answer where it is named


def traced_in(signature: Signature) -> Answer | None:
    """Return the answer of free length, or None: what it rests on is measured otherwise.

    Args:
        signature: What the model takes and gives.
    """
    return next((one for one in signature.answers if one.kind in _TRACED), None)


def traced_claim(answer: Answer, text: str) -> Chosen:
    """Return that an answer of free length is explained: its log-probability, given other rows.

    Args:
        answer: The answer that it is.
        text: The same, as people read it.
    """
    shown = text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
    claim = f"{answer.name} is “{shown}”"
    return Chosen(claim, LOG_PROBABILITY, lambda told: float(told[LOG_PROBABILITY]))


def chosen(signature: Signature, own: Mapping[str, Any]) -> Chosen:
    """Return what is explained: the most probable class or label, a number, the middle quantile.

    Args:
        signature: What the model takes and gives.
        own: The answer to the row.

    Raises:
        Refusal: The model gives nothing that could be followed; 422.
    """
    alike = next((one for one in signature.answers if one.kind == "similarity"), None)
    if alike is not None:
        return _of_the_identity(signature, alike, own)
    shares = [
        a for a in signature.answers if a.kind == "probability" and own.get(a.name) is not None
    ]
    labelled = [share for share in shares if share.label]
    if labelled:
        best = max(labelled, key=lambda share: float(own[share.name]))

        def log_odds(answer: Mapping[str, Any]) -> float:
            return _log_odds(answer.get(best.name))

        unit = "log-odds of the surest box" if _has_boxes(signature) else "log-odds"
        return Chosen(_claim(signature, best), unit, log_odds, float(own[best.name]))
    if shares:
        return _of_the_decision(signature, shares[0], own)
    pixels = [one for one in signature.answers if one.kind == "share"]
    if pixels:
        return _of_the_pixels(pixels, own)
    if signature.history is not None:
        return _of_the_steps(signature.history.targets[0])
    quantiles = [one for one in signature.answers if one.level is not None]
    numbers = quantiles or [one for one in signature.answers if one.kind == "number"]
    if not numbers:
        raise Refusal(422, "the model gives neither numbers nor probabilities to explain.")
    middle = min(numbers, key=lambda one: abs((one.level or 0.5) - 0.5))
    claim = middle.target if middle.level is None else f"{middle.target}, quantile {middle.level:g}"
    return Chosen(claim, middle.target, lambda answer: _number(answer.get(middle.name)))


def _of_the_identity(signature: Signature, alike: Answer, own: Mapping[str, Any]) -> Chosen:
    """Return the cosine with the nearest known identity.

    Where another one is nearer, its cosine is the most that ours can have; this bound is taken, so
    that the loss is never overstated.
    """
    nearest = next(one.name for one in signature.answers if one.kind == "class")
    claim = f"{alike.target} is like {own.get(nearest)}"
    return Chosen(claim, "cosine", lambda answer: _number(answer.get(alike.name)))


def _of_the_pixels(shares: Sequence[Answer], own: Mapping[str, Any]) -> Chosen:
    """Return the share of the class that most pixels of a picture have."""
    best = max(shares, key=lambda share: float(own.get(share.name) or 0.0))

    def evidence(answer: Mapping[str, Any]) -> float:
        return _log_odds(answer.get(best.name))

    return Chosen(f"{best.target} shows {best.label}", "log-odds of its share", evidence)


def _has_boxes(signature: Signature) -> bool:
    return any(answer.kind == "boxes" for answer in signature.answers)


def _of_the_steps(target: str) -> Chosen:
    """Return the mean of the medians of all steps ahead."""

    def evidence(answer: Mapping[str, Any]) -> float:
        steps = [math.nan if one is None else float(one) for one in answer.get(target) or ()]
        return sum(steps) / len(steps) if steps else math.nan

    return Chosen(f"{target} over the horizon", target, evidence)


def _claim(signature: Signature, share: Answer) -> str:
    """Return what a probability is of, as the tasks say it."""
    kinds = {answer.kind for answer in signature.answers if answer.target == share.target}
    if "class" in kinds:
        return f"{share.target} is {share.label}"
    if "boxes" in kinds:
        return f"{share.label} is there"
    return f"{share.target} has {share.label}" if "tags" in kinds else f"{share.label} is true"


def _of_the_decision(signature: Signature, share: Answer, own: Mapping[str, Any]) -> Chosen:
    """Return the same where classes are too many to have a probability each in an answer.

    Where another class is answered, that of ours is at most what the other one leaves, and at most
    as large as the other one's; this bound is taken, so that the loss is never overstated.
    """
    decided = next(a.name for a in signature.answers if a.kind == "class")

    def evidence(answer: Mapping[str, Any]) -> float:
        value = answer.get(share.name)
        if value is not None and answer.get(decided) != own.get(decided):
            value = min(value, 1 - value)
        return _log_odds(value)

    claim = f"{share.target} is {own.get(decided)}"
    return Chosen(claim, "log-odds", evidence, float(own[share.name]))


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _log_odds(value: Any) -> float:
    if value is None:
        return math.nan
    share = min(max(float(value), _SMALLEST), 1 - _SMALLEST)
    return math.log(share / (1 - share))
