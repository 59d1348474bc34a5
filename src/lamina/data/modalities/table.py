"""All modalities, in the order in which a tie between them is decided."""

from collections.abc import Mapping

from lamina.core.table import Entry, table
from lamina.data.modalities.base import AbstractModality
from lamina.data.modalities.boolean import Boolean
from lamina.data.modalities.boxes import Boxes
from lamina.data.modalities.category import Category
from lamina.data.modalities.datetime import DateTime
from lamina.data.modalities.identity import Identity
from lamina.data.modalities.image import Image
from lamina.data.modalities.mask import Mask
from lamina.data.modalities.number import Number
from lamina.data.modalities.series import Series
from lamina.data.modalities.sound import Sound
from lamina.data.modalities.tag_sequence import TagSequence
from lamina.data.modalities.tags import Tags
from lamina.data.modalities.text import Text
from lamina.data.modalities.words import Words

MODALITIES: Mapping[str, Entry[type[AbstractModality]]] = table(
    Entry("sound", Sound, "A recording: path or encoded bytes."),
    Entry("image", Image, "A picture: path, encoded bytes or array."),
    Entry("mask", Mask, "The class of every pixel of a picture."),
    Entry("boxes", Boxes, "What lies where in a picture."),
    Entry("series", Series, "Measurements in equal steps, of one channel or several."),
    Entry("datetime", DateTime, "A moment or a day."),
    Entry("boolean", Boolean, "One of two values, such as yes and no."),
    Entry("number", Number, "A quantity."),
    Entry("tag_sequence", TagSequence, "One tag for each word of a sentence."),
    Entry("words", Words, "A sentence as the list of its words."),
    Entry("tags", Tags, "Any number of labels per row."),
    Entry("text", Text, "Sentences and longer, in any script."),
    Entry("category", Category, "One of a number of levels."),
    Entry("identity", Identity, "Who or what a row shows; others will come."),
)
"""By name in plans and overrides."""
