"""The table of networks that answer a text by a text."""

from lamina.networks.translator_base import AbstractTranslator
from lamina.networks.translators import TRANSLATORS


def test_rows_build_what_they_promise() -> None:
    for entry in TRANSLATORS.values():
        assert entry.summary
        assert entry.source
        translator = entry.value().build(9, 9, is_shared=True)
        assert isinstance(translator, AbstractTranslator)
        assert translator.width > 0
