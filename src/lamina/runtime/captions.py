"""Segments of a transcript as lines of a file: plain text, JSON, SubRip and WebVTT captions.

Source: SubRip (.srt) as players read it; W3C, "WebVTT: The Web Video Text Tracks Format".
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from lamina.runtime.errors import DataError, unknown_name
from lamina.runtime.transcript_segments import Segment


def captions(segments: Iterable[Segment], form: str) -> Iterator[str]:
    """Yield the lines of segments as they come; joined, they are the file.

    Args:
        segments: Of one transcript.
        form: "text" (seconds and words), "json" (an object per line), "srt" or "vtt".

    Raises:
        DataError: There is no such form.
    """
    if form not in FORMATS:
        raise DataError(unknown_name("format", form, FORMATS))
    return FORMATS[form](segments)


def _text(segments: Iterable[Segment]) -> Iterator[str]:
    for one in segments:
        yield f"{one.start_s:8.2f} {one.end_s:8.2f}  {_line(one)}\n"


def _json(segments: Iterable[Segment]) -> Iterator[str]:
    for one in segments:
        told = {"start_s": one.start_s, "end_s": one.end_s, "text": one.text}
        yield json.dumps(told, ensure_ascii=False) + "\n"


def _srt(segments: Iterable[Segment]) -> Iterator[str]:
    for number, one in enumerate(segments, 1):
        yield f"{number}\n{_clock(one.start_s, ',')} --> {_clock(one.end_s, ',')}\n{_line(one)}\n\n"


def _vtt(segments: Iterable[Segment]) -> Iterator[str]:
    yield "WEBVTT\n\n"
    for one in segments:
        text = _line(one).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        yield f"{_clock(one.start_s, '.')} --> {_clock(one.end_s, '.')}\n{text}\n\n"


def _line(segment: Segment) -> str:
    """Return the words on one line: an empty line would end a caption."""
    return " ".join(segment.text.split())


def _clock(seconds: float, point: str) -> str:
    whole = round(1000 * seconds)
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"


FORMATS: Mapping[str, Callable[[Iterable[Segment]], Iterator[str]]] = MappingProxyType(
    {"text": _text, "json": _json, "srt": _srt, "vtt": _vtt}
)
"""What writes each form, by name."""
