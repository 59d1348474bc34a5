"""Words that became certain together."""

import pytest

from lamina.runtime.transcript_search import Heard
from lamina.runtime.transcript_segments import Segment, Segments


def segments_of(*parts, seconds=0.5):
    """Segments of parts of texts; each byte is heard a step later than the last, "_" is no text."""
    segments, step, found = Segments(lambda token: bytes([token]), seconds), 0, []
    for part in parts:
        heard = []
        for byte in part if isinstance(part, bytes) else part.encode():
            if byte != ord("_"):
                heard.append(Heard(byte, step))
            step += 1
        found += [segments.add(heard)]
    return [*found, segments.end()]


def test_a_word_waits_until_it_is_whole():
    assert segments_of("one tw", "o thr", "ee", seconds=0.1) == [
        [Segment(0.0, 0.3, "one")],
        [Segment(0.4, 0.7, " two")],
        [],
        [Segment(0.8, 1.3, " three")],
    ]


def test_joined_pieces_are_the_text_but_for_a_space_at_its_end():
    for text in ("one two ", "  one", "é日本 \n x", "", " "):
        found = [one.text for part in segments_of(*text) for one in part]
        assert "".join(found) == text.rstrip()


def test_pieces_end_at_pauses_and_where_they_become_long():
    assert [one.text for one in segments_of("a b__ c d e f g ", seconds=0.5)[0]] == [
        "a b",
        " c d e f g",
    ]
    # Words of one letter and a space: six seconds are twelve steps, that is six words.
    told = segments_of("a b c d e f g h ", seconds=0.5)[0]
    assert [one.text for one in told] == ["a b c d e f", " g h"]
    assert [(one.start_s, one.end_s) for one in told] == [(0.0, 5.5), (6.0, 7.5)]


def test_what_has_no_spaces_is_not_waited_for_for_ever():
    found = segments_of("x" * 200, seconds=0.01)
    assert [len(one.text) for one in found[0]] == [80, 80]
    assert found[1][0].text == "x" * 40


@pytest.mark.parametrize("broken", [b"\xc3", b"a\xff\xfe b", b"\xe6\x97"])
def test_bytes_that_are_no_text_are_marked(broken):
    found = [one.text for part in segments_of(broken) for one in part]
    assert "".join(found) == broken.decode("utf-8", "replace")
