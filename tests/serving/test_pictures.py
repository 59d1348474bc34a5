import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.serving.pictures import FORMATS, count_pixels, decode_base64
from lamina.serving.refusal import Refusal
from tests.serving.fakes import png

AT = ("row", "photo")


def huge_png(width: int, height: int) -> bytes:
    """A file of some bytes that unfolds to a picture of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@given(st.binary())
def test_base64_is_read(content):
    text = base64.b64encode(content).decode()
    assert decode_base64(text, AT) == content
    assert decode_base64(f"data:image/jpeg;base64,{text}", AT) == content


@pytest.mark.parametrize("text", ["a", "ab=c", "not base64!", "aGk=\n", "data:text/html,x", "äöü="])
def test_other_texts_are_refused(text):
    with pytest.raises(Refusal, match="not base64") as refused:
        decode_base64(text, AT)
    assert (refused.value.status, refused.value.where) == (422, AT)


@pytest.mark.parametrize("kind", FORMATS)
def test_pixels_of_every_kind_are_counted(kind):
    assert count_pixels(png(side=24, kind=kind), AT) == 576


def test_a_bomb_is_measured_without_being_unfolded():
    assert count_pixels(huge_png(9000, 9000), AT) == 81_000_000
    with pytest.raises(Refusal) as refused:
        count_pixels(huge_png(60_000, 60_000), AT)
    assert refused.value.status == 413


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"P6 10 10 255\n" + b"\0" * 300,
        b"\x89PNG\r\n\x1a\n\x00\x00",
    ],
)
def test_what_is_no_picture_that_is_taken_is_refused(content):
    with pytest.raises(Refusal, match="no picture; wanted PNG") as refused:
        count_pixels(content, AT)
    assert refused.value.status == 422


@given(st.binary(max_size=200), st.sampled_from(FORMATS))
def test_damaged_heads_are_read_or_refused(noise, kind):
    whole = png(kind=kind)
    for content in (noise, whole[: len(noise)], whole[:20] + noise):
        try:
            count_pixels(content, AT)
            status = 200
        except Refusal as refusal:
            status = refusal.status
        assert status in (200, 413, 422)
