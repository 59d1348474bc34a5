"""The table of networks that write."""

from lamina.networks.decoder_base import AbstractDecoder
from lamina.networks.decoders import DECODERS


def test_rows_build_what_they_promise() -> None:
    for entry in DECODERS.values():
        assert entry.summary
        assert entry.source
        decoder = entry.value().build(9)
        assert isinstance(decoder, AbstractDecoder)
        assert decoder.width > 0
