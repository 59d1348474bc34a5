"""The runtime reads every modality that there is, in the same way."""

from lamina.data.modalities.table import MODALITIES
from lamina.runtime.modalities.table import READERS
from lamina.runtime.signature import MODALITIES as SIGNED


def test_every_modality_of_inputs_has_a_reader_of_its_kind() -> None:
    inputs = {name for name, row in MODALITIES.items() if row.value.is_input}
    assert set(READERS) == inputs
    assert set(SIGNED) == inputs
    for name in READERS:
        assert READERS[name].kind == MODALITIES[name].value.kind
