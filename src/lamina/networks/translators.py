"""All networks that answer a text by a text that a plan can name."""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.networks.recurrent_translator import RecurrentTranslatorConfig
from lamina.networks.translator import TranslatorConfig
from lamina.networks.translator_base import AbstractTranslatorConfig

TRANSLATORS: Mapping[str, Entry[type[AbstractTranslatorConfig]]] = table(
    Entry(
        "transformer",
        TranslatorConfig,
        "Attention within the texts and from one to the other.",
        "arXiv:1706.03762",
    ),
    Entry(
        "recurrent",
        RecurrentTranslatorConfig,
        "LSTM or GRU that looks back at what it read at each step.",
        "arXiv:1409.0473, arXiv:1508.04025",
    ),
)
"""All networks that answer a text by a text, by name."""
