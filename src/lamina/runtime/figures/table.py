"""All modalities whose cells are compared with training by figures."""

from collections.abc import Mapping
from types import MappingProxyType

from lamina.runtime.figures.base import AbstractFigures
from lamina.runtime.figures.image import ImageFigures
from lamina.runtime.figures.series import SeriesFigures
from lamina.runtime.figures.sound import SoundFigures

FIGURES: Mapping[str, type[AbstractFigures]] = MappingProxyType(
    {one.modality: one for one in (ImageFigures, SeriesFigures, SoundFigures)}
)
"""By name of the modality; cells of the others are compared themselves."""
