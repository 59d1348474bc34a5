"""All ways of writing that an exported model can have."""

from collections.abc import Mapping
from types import MappingProxyType

from lamina.runtime.writers.base import AbstractWriter
from lamina.runtime.writers.beam_search import BeamSearch
from lamina.runtime.writers.next_token import NextToken

WRITERS: Mapping[str, type[AbstractWriter]] = MappingProxyType(
    {writer.name: writer for writer in (BeamSearch, NextToken)}
)
"""By name."""
