"""Files of captions."""

import json

import pytest

from lamina.runtime.captions import FORMATS, captions
from lamina.runtime.errors import DataError
from lamina.runtime.transcript_segments import Segment

SEGMENTS = [Segment(0.04, 1.5, "one\n\ntwo"), Segment(3725.0004, 3727.9996, " <b> & ü")]


def test_lines_of_every_form():
    found = {form: "".join(captions(SEGMENTS, form)) for form in FORMATS}
    assert found["text"] == "    0.04     1.50  one two\n 3725.00  3728.00  <b> & ü\n"
    assert found["srt"] == (
        "1\n00:00:00,040 --> 00:00:01,500\none two\n\n2\n01:02:05,000 --> 01:02:08,000\n<b> & ü\n\n"
    )
    assert found["vtt"] == (
        "WEBVTT\n\n00:00:00.040 --> 00:00:01.500\none two\n\n"
        "01:02:05.000 --> 01:02:08.000\n&lt;b&gt; &amp; ü\n\n"
    )
    told = [json.loads(line) for line in found["json"].splitlines()]
    assert told[1] == {"start_s": 3725.0004, "end_s": 3727.9996, "text": " <b> & ü"}


def test_a_line_comes_with_its_piece():
    given = []

    def segments():
        for one in SEGMENTS:
            given.append(one)
            yield one

    lines = captions(segments(), "srt")
    next(lines)
    assert len(given) == 1


def test_an_unknown_form_is_refused():
    with pytest.raises(DataError, match="unknown format 'sub'"):
        captions(SEGMENTS, "sub")
