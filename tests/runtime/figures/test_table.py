from lamina.runtime.figures.table import FIGURES
from lamina.runtime.modalities.table import READERS
from lamina.runtime.signature import FILES


def test_every_row_is_of_a_modality_and_files_have_figures() -> None:
    assert set(FIGURES) <= set(READERS)
    # The bytes of a file say nothing by themselves.
    assert set(FILES) <= set(FIGURES)
    assert {name for name, one in FIGURES.items() if one.is_slow} == set(FILES)
