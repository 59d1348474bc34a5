"""The runtime reads every modality that there is, in the same way."""

from lamina.data.modalities.table import MODALITIES
from lamina.runtime.modalities.table import READERS
from lamina.runtime.signature import MODALITIES as SIGNED


def test_every_modality_has_a_reader_of_its_kind() -> None:
    assert set(READERS) == set(MODALITIES)
    assert set(SIGNED) == set(MODALITIES)
    for name in READERS:
        assert READERS[name].kind == MODALITIES[name].value.kind
