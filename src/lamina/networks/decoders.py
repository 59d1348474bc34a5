"""All networks that write."""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.decoder import DecoderConfig
from lamina.networks.decoder_base import AbstractDecoderConfig
from lamina.networks.recurrent_decoder import RecurrentDecoderConfig

DECODERS: Mapping[str, Entry[type[AbstractDecoderConfig]]] = table(
    Entry("decoder", DecoderConfig, "GPT-like Transformer; layers of experts on wish.", "GPT-2"),
    Entry(
        "recurrent_decoder",
        RecurrentDecoderConfig,
        "Simple, LSTM or GRU cells.",
        "arXiv:1409.2329",
    ),
)
"""All networks that write, by name."""
