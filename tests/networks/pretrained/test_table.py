"""The table of families."""

import pytest

from lamina.networks.pretrained.table import FAMILIES


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_says_its_kind_and_source(name) -> None:
    assert FAMILIES[name].value.kind in ("text", "image")
    assert FAMILIES[name].source
