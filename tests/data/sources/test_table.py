"""The table of kinds of file."""

from dataclasses import fields

import pytest

from lamina.data.sources.base import SourceOptions
from lamina.data.sources.table import FILE_KINDS


def test_no_suffix_is_claimed_twice():
    suffixes = [suffix for entry in FILE_KINDS.values() for suffix in entry.value.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


@pytest.mark.parametrize("name", FILE_KINDS)
def test_rows_are_complete(name):
    entry = FILE_KINDS[name]
    assert entry.summary
    assert entry.source
    assert set(entry.value.options) <= {field.name for field in fields(SourceOptions)}
