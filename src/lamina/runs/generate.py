"""Writing with a run: from a prompt to texts, piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import torch

from lamina.core.errors import ConfigError
from lamina.data.modalities.text import FIRST_WORD, Text
from lamina.networks.generation import SamplingConfig, write_on
from lamina.networks.language_model import decoder_of
from lamina.runs.predictor import Predictor

LONGEST_PROMPT = 100_000
"""Most characters of a prompt."""

MOST_TOKENS = 100_000
"""Most tokens that are written at a time."""


@dataclass(frozen=True, slots=True)
class Written:
    """One text."""

    prompt: str
    """What it began with."""
    text: str
    """What was written."""
    tokens: int
    """Pieces that were written."""


def generate(
    predictor: Predictor,
    prompt: str = "",
    *,
    num_texts: int = 1,
    num_tokens: int = 256,
    sampling: SamplingConfig | None = None,
    seed: int = 0,
) -> tuple[Written, ...]:
    """Return texts that go on from a prompt.

    Args:
        predictor: A language model.
        prompt: What they begin with; may be empty.
        num_texts: Texts wanted, written side by side.
        num_tokens: Most tokens of each.
        sampling: How tokens are drawn.
        seed: Decides what is drawn.

    Raises:
        ConfigError: The model writes no texts, or a number is out of range.
    """
    own = text_of(predictor)
    texts = [Spelling() for _ in range(num_texts)]
    parts: list[list[str]] = [[] for _ in range(num_texts)]
    counts = [0] * num_texts
    for tokens in _tokens(
        predictor,
        prompt,
        num_texts=num_texts,
        num_tokens=num_tokens,
        sampling=sampling,
        seed=seed,
    ):
        for row, token in enumerate(tokens):
            if token is not None:
                counts[row] += 1
                parts[row].append(texts[row].add(own.bytes_of(token)))
    return tuple(
        Written(prompt, "".join(part) + text.end(), count)
        for part, text, count in zip(parts, texts, counts)
    )


def stream(
    predictor: Predictor,
    prompt: str = "",
    *,
    num_tokens: int = 256,
    sampling: SamplingConfig | None = None,
    seed: int = 0,
) -> Iterator[str]:
    """Yield one text piece by piece, as soon as each can be shown.

    Args:
        predictor: A language model.
        prompt: What it begins with; may be empty.
        num_tokens: Most tokens to write.
        sampling: How tokens are drawn.
        seed: Decides what is drawn.

    Raises:
        ConfigError: The model writes no texts, or a number is out of range.
    """
    own, spelling = text_of(predictor), Spelling()
    for tokens in _tokens(
        predictor, prompt, num_texts=1, num_tokens=num_tokens, sampling=sampling, seed=seed
    ):
        piece = "" if tokens[0] is None else spelling.add(own.bytes_of(tokens[0]))
        if piece:
            yield piece
    rest = spelling.end()
    if rest:
        yield rest


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


@final
class Spelling:
    """Bytes to characters, as soon as those of a character are complete."""

    def __init__(self) -> None:
        self._waiting = b""

    def add(self, data: bytes) -> str:
        """Return the characters that are complete now.

        Args:
            data: The bytes of the next token.
        """
        self._waiting += data
        for size in range(min(4, len(self._waiting) + 1)):
            whole = self._waiting[: len(self._waiting) - size]
            try:
                found = whole.decode("utf-8")
            except UnicodeDecodeError:
                continue
            self._waiting = self._waiting[len(whole) :]
            return found
        # No beginning of a character is longer than three bytes: these bytes are none.
        found, self._waiting = self._waiting.decode("utf-8", "replace"), b""
        return found

    def end(self) -> str:
        """Return what is left, as it is."""
        found, self._waiting = self._waiting.decode("utf-8", "replace"), b""
        return found


def _tokens(
    predictor: Predictor,
    prompt: str,
    *,
    num_texts: int,
    num_tokens: int,
    sampling: SamplingConfig | None,
    seed: int,
) -> Iterator[Sequence[int | None]]:
    """Yield one token per text, None for those that have ended, until all have or it is enough."""
    own, decoder = text_of(predictor), decoder_of(predictor.model)
    _check(prompt, num_texts, num_tokens)
    ids = own.read(prompt)
    context = getattr(predictor.model, "context", len(ids))
    start = torch.tensor([ids[-context:]] * num_texts)
    device = next(predictor.model.parameters()).device
    is_running = bool(predictor.plan.data.reading.get("prose"))
    written = write_on(
        decoder.eval(),
        start.to(device),
        num_tokens=num_tokens,
        config=sampling,
        seed=seed,
        # In a running text a mark is no end: it stands between passages.
        banned=[token for token in own.marks() if is_running or token < FIRST_WORD],
        context=context,
    )
    has_ended = [False] * num_texts
    for tokens in written:
        found = tokens.tolist()
        has_ended = [ended or token in own.marks() for ended, token in zip(has_ended, found)]
        if all(has_ended):
            return
        yield [None if ended else token for ended, token in zip(has_ended, found)]


def _check(prompt: str, num_texts: int, num_tokens: int) -> None:
    if len(prompt) > LONGEST_PROMPT:
        raise ConfigError(
            f"the prompt has {len(prompt):,} characters, at most {LONGEST_PROMPT:,} are read. "
            "Shorten it: only its end is of use."
        )
    if not 1 <= num_texts <= 256:
        raise ConfigError(f"num_texts must be from 1 to 256, got {num_texts!r}.")
    if not 1 <= num_tokens <= MOST_TOKENS:
        raise ConfigError(f"num_tokens must be from 1 to {MOST_TOKENS:,}, got {num_tokens!r}.")
