"""Writing with a run: from a prompt to texts, piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from lamina.data.modalities.text import FIRST_WORD, Text
from lamina.networks.generation import SamplingConfig, write_on
from lamina.networks.language_model import decoder_of
from lamina.runs.predictor import Predictor
from lamina.runtime.writing import Writing, WritingConfig


@dataclass(frozen=True, slots=True)
class Written:
    """One text."""

    prompt: str
    """What it began with."""
    text: str
    """What was written."""
    tokens: int
    """Pieces that were written."""
    end: str
    """Why it ended: "end" (by itself), "stop" or "length"."""


def generate(
    predictor: Predictor,
    prompt: str = "",
    *,
    num_texts: int = 1,
    num_tokens: int = 256,
    sampling: SamplingConfig | None = None,
    seed: int = 0,
    stop: Sequence[str] = (),
) -> tuple[Written, ...]:
    """Return texts that go on from a prompt.

    Args:
        predictor: A language model.
        prompt: What they begin with; may be empty.
        num_texts: Texts wanted, written side by side.
        num_tokens: Most tokens of each.
        sampling: How tokens are drawn.
        seed: Decides what is drawn.
        stop: A text ends where one of these appears, and is given without it.

    Raises:
        ConfigError: The model writes no texts.
        DataError: A number is out of range.
    """
    config = WritingConfig(
        prompt=prompt, num_texts=num_texts, num_tokens=num_tokens, seed=seed, stop=tuple(stop)
    )
    made = writing(predictor, config, sampling)
    texts = ["".join(pieces) for pieces in zip(*made)]
    ends = (end or "length" for end in made.ends)
    return tuple(
        Written(prompt, text, count, end)
        for text, count, end in zip(texts, made.counts, ends, strict=True)
    )


def stream(
    predictor: Predictor,
    prompt: str = "",
    *,
    num_tokens: int = 256,
    sampling: SamplingConfig | None = None,
    seed: int = 0,
    stop: Sequence[str] = (),
) -> Iterator[str]:
    """Yield one text piece by piece, as soon as each can be shown.

    Args:
        predictor: A language model.
        prompt: What it begins with; may be empty.
        num_tokens: Most tokens to write.
        sampling: How tokens are drawn.
        seed: Decides what is drawn.
        stop: The text ends where one of these appears, and is given without it.

    Raises:
        ConfigError: The model writes no texts.
        DataError: A number is out of range.
    """
    config = WritingConfig(prompt=prompt, num_tokens=num_tokens, seed=seed, stop=tuple(stop))
    for (piece,) in writing(predictor, config, sampling):
        if piece:
            yield piece


def text_of(predictor: Predictor) -> Text:
    """Return the fitted text column of a language model.

    Args:
        predictor: The model.

    Raises:
        ConfigError: It writes no texts.
    """
    decoder_of(predictor.model)
    fitted = predictor.schema.inputs[0].fitted
    assert isinstance(fitted, Text), "a language model reads one text"
    return fitted


def writing(
    predictor: Predictor, config: WritingConfig, sampling: SamplingConfig | None = None
) -> Writing:
    """Return texts that go on from a prompt, to be taken step by step.

    Args:
        predictor: A language model.
        config: Prompt, number, length, seed, and where texts end.
        sampling: How tokens are drawn.

    Raises:
        ConfigError: The model writes no texts.
    """
    own, decoder = text_of(predictor), decoder_of(predictor.model)
    ids = own.read(config.prompt)
    context = getattr(predictor.model, "context", len(ids))
    start = torch.tensor([ids[-context:]] * config.num_texts)
    device = next(predictor.model.parameters()).device
    written = write_on(
        decoder.eval(),
        start.to(device),
        num_tokens=config.num_tokens,
        config=sampling,
        seed=config.seed,
        # In a running text a mark is no end: it stands between passages.
        banned=[m for m in own.marks() if predictor.is_running or m < FIRST_WORD],
        context=context,
    )
    tokens = (some.tolist() for some in written)
    return Writing(tokens, config, bytes_of=own.bytes_of, ends=own.marks())
