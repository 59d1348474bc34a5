"""What every way of writing offers."""

import pytest

from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError
from lamina.runtime.writers.base import AbstractWriter
from lamina.runtime.writers.table import WRITERS


@pytest.mark.parametrize("name", WRITERS)
def test_a_damaged_document_is_refused(name) -> None:
    graphs = dict.fromkeys(WRITERS[name].graphs, lambda _: {})
    with pytest.raises(BundleError):
        WRITERS[name].from_document(Fields({"name": name}, "test"), graphs)


def test_it_is_abstract() -> None:
    with pytest.raises(TypeError):
        AbstractWriter()
