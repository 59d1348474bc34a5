import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.serving.multipart import Part, read_multipart
from lamina.serving.refusal import Refusal

TYPE = "multipart/form-data; boundary=cut"


def form(*parts: bytes, end: bytes = b"\r\n--cut--\r\n") -> bytes:
    return b"".join(b"\r\n--cut\r\n" + part for part in parts)[2:] + end


def part(name: str, content: bytes, extra: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + content


def test_fields_and_files():
    body = form(part("age", b"12"), part("photo", b"\x00\r\n\xff", '; filename="a.png"'))
    assert read_multipart(body, TYPE) == {
        "age": Part("age", b"12", is_file=False),
        "photo": Part("photo", b"\x00\r\n\xff", is_file=True),
    }


# Clients write control characters in ways of their own, and some a per cent sign.
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="%"), min_size=1
)


@given(st.dictionaries(NAMES, st.binary(), min_size=1))
def test_what_a_client_sends_is_read(values):
    fields = {name: ("file.bin", content) for name, content in values.items()}
    request = httpx.Request("POST", "http://x", files=fields)
    found = read_multipart(request.read(), request.headers["content-type"])
    assert {name: one.content for name, one in found.items()} == values


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (form(part("a", b"1")), "multipart/form-data", "no boundary"),
        (b"", TYPE, "cut off"),
        (form(part("a", b"1"), end=b""), TYPE, "cut off"),
        (form(part("a", b"1"), end=b"\r\n--cut"), TYPE, "cut off"),
        (form(part("a", b"1")) + b"more", TYPE, "cut off"),
        (b"preamble\r\n" + form(part("a", b"1")), TYPE, "before its first"),
        (form(part("a", b"1"), part("a", b"2")), TYPE, "twice"),
        (form(b"no head at all"), TYPE, "no head"),
        (form(b"X: 1\r\n\r\nbody"), TYPE, "no Content-Disposition"),
        (form(b"Content-Disposition: form-data\r\n\r\nx"), TYPE, "no name"),
        (form(b'Content-Disposition: form-data; name="\xff"\r\n\r\nx'), TYPE, "not UTF-8"),
        (form(part("a" * 5000, b"1")), TYPE, "no head"),
        (form(*(part(str(n), b"") for n in range(2001))), TYPE, "2001 parts"),
    ],
)
def test_forms_that_mean_nothing_are_refused(body, kind, message):
    with pytest.raises(Refusal, match=message):
        read_multipart(body, kind)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body):
    for whole in (body, b"--cut" + body + b"\r\n--cut--"):
        try:
            read_multipart(whole, TYPE)
            status = 200
        except Refusal as refusal:
            status = refusal.status
        assert status in (200, 400, 413)
