"""From the body of a request to what is to be written, checked against the server's limits."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lamina.runtime.errors import DataError
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writing import MOST_STOPS, WritingConfig
from lamina.serving.config import LimitsConfig
from lamina.serving.refusal import Refusal, shown
from lamina.serving.strict_json import is_whole_unicode, read_json

LARGEST_SEED = (1 << 53) - 1
"""Numbers beyond it are not whole in every program that reads JSON."""

HOTTEST = 100.0
"""Largest temperature: all tokens are as likely as each other long before."""

TEMPERATURE = 0.8
"""Temperature where none is asked for, as for `lamina generate`."""


@dataclass(frozen=True, slots=True)
class AskedText:
    """What a request wants to be written."""

    config: WritingConfig
    """Prompt, number, length, seed, and where texts end."""
    sampling: SamplingConfig
    """How tokens are drawn."""
    is_streamed: bool
    """Whether characters are sent as they come."""


def read_asked(body: bytes, content_type: str, limits: LimitsConfig) -> AskedText:
    """Return what a request wants to be written.

    Args:
        body: The whole body.
        content_type: Header that names its form: JSON.
        limits: What is refused.

    Raises:
        Refusal: The body cannot be read, or asks for what is not allowed.
    """
    kind = content_type.split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, f"the content type is {shown(kind)}; wanted application/json.")
    document = read_json(body)
    if not isinstance(document, dict):
        raise Refusal(422, 'the body must be an object such as {"prompt": "Once"}.')
    for name in document:
        if name not in _SETTINGS:
            known = ", ".join(_SETTINGS)
            raise Refusal(422, f"there is no setting {shown(name)}; known: {known}.", where=(name,))
    given = {name: value for name, value in document.items() if value is not None}
    read = {name: _SETTINGS[name](value, name, limits) for name, value in given.items()}
    try:
        config = WritingConfig(
            prompt=read.get("prompt", ""),
            num_texts=read.get("num", 1),
            num_tokens=read.get("max_tokens", min(256, limits.written_tokens)),
            seed=read.get("seed", 0),
            stop=read.get("stop", ()),
        )
        sampling = SamplingConfig(
            temperature=read.get("temperature", TEMPERATURE),
            top_p=read.get("top_p", 1.0),
            top_k=read.get("top_k"),
        )
    except DataError as error:
        raise Refusal(422, str(error)) from error
    return AskedText(config, sampling, read.get("stream", False))


def _text(value: Any, name: str, limits: LimitsConfig) -> str:
    if not isinstance(value, str) or not is_whole_unicode(value):
        raise _wrong("a text", value, name)
    if len(value) > limits.text_characters:
        message = f"{len(value):,} characters came; {limits.text_characters:,} are allowed."
        raise Refusal(413, message, where=(name,))
    return value


def _stops(value: Any, name: str, limits: LimitsConfig) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or len(texts) > MOST_STOPS or not all(texts):
        raise _wrong(f"up to {MOST_STOPS} texts of one character or more", value, name)
    return tuple(_text(text, name, limits) for text in texts)


def _whole(low: int, most: Callable[[LimitsConfig], int]) -> Any:
    def read(value: Any, name: str, limits: LimitsConfig) -> int:
        # In JSON there is one kind of number: 5.0 is 5.
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        if type(number) is not int or not low <= number <= most(limits):
            raise _wrong(f"a whole number from {low} to {most(limits):,}", value, name)
        return number

    return read


def _number(low: float, most: float, *, includes_low: bool) -> Any:
    def read(value: Any, name: str, limits: LimitsConfig) -> float:
        del limits
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not low <= value <= most or (value == low and not includes_low):
            bound = f"from {low:g}" if includes_low else f"above {low:g}"
            raise _wrong(f"a number {bound} to {most:g}", value, name)
        return float(value)

    return read


def _truth(value: Any, name: str, limits: LimitsConfig) -> bool:
    del limits
    if not isinstance(value, bool):
        raise _wrong("true or false", value, name)
    return value


_SETTINGS: Mapping[str, Callable[[Any, str, LimitsConfig], Any]] = {
    "prompt": _text,
    "num": _whole(1, lambda limits: limits.texts),
    "max_tokens": _whole(1, lambda limits: limits.written_tokens),
    "temperature": _number(0.0, HOTTEST, includes_low=True),
    "top_p": _number(0.0, 1.0, includes_low=False),
    "top_k": _whole(1, lambda _: 1 << 30),
    "seed": _whole(0, lambda _: LARGEST_SEED),
    "stop": _stops,
    "stream": _truth,
}


def _wrong(wanted: str, value: Any, name: str) -> Refusal:
    got = shown(value) if not isinstance(value, float) or math.isfinite(value) else "no number"
    return Refusal(422, f"wanted {wanted}, got {got}.", where=(name,))
