"""All modalities that an exported model can read."""

from collections.abc import Mapping
from types import MappingProxyType

from lamina.runtime.modalities.base import AbstractReader
from lamina.runtime.modalities.boolean import BooleanReader
from lamina.runtime.modalities.category import CategoryReader
from lamina.runtime.modalities.datetime import DateTimeReader
from lamina.runtime.modalities.image import ImageReader
from lamina.runtime.modalities.number import NumberReader
from lamina.runtime.modalities.series import SeriesReader
from lamina.runtime.modalities.sound import SoundReader
from lamina.runtime.modalities.tags import TagsReader
from lamina.runtime.modalities.text import TextReader
from lamina.runtime.modalities.words import WordsReader

READERS: Mapping[str, type[AbstractReader]] = MappingProxyType(
    {
        reader.name: reader
        for reader in (
            NumberReader,
            CategoryReader,
            BooleanReader,
            DateTimeReader,
            TagsReader,
            TextReader,
            WordsReader,
            ImageReader,
            SeriesReader,
            SoundReader,
        )
    }
)
"""By name of the modality."""
