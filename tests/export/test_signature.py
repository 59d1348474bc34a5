"""What is known of the inputs, worked out by hand."""

import datetime

import numpy as np
import polars as pl
import pytest

from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.table import MODALITIES
from lamina.data.schema import Column
from lamina.export.signature import NUM_QUANTILES, columns_of, field_of, signature_of
from lamina.runtime.function import Function
from lamina.runtime.signature import Signature
from tests.export.test_whole import made
from tests.runs.tiny import EXAMPLES, wave_bytes
from tests.tasks.examples import encoded


def field(name: str, cells: pl.Series):
    state = MODALITIES[name].value.fit(cells, role="input", options=ModalityOptions())
    return field_of(Column(cells.name, "input", name, "", fitted=state), cells)


def test_numbers() -> None:
    found = field("number", pl.Series("x", [*range(101), None, None, None]))
    assert found.quantiles == pytest.approx([5.0 * i for i in range(NUM_QUANTILES)])
    assert (found.low, found.high, found.is_whole, found.typical) == (0.0, 100.0, True, 50)
    assert found.missing == pytest.approx(3 / 104)
    assert found.num_rows == 104


def test_categories_and_truth_values() -> None:
    found = field("category", pl.Series("x", ["a", "b", "b", None, "b", "?"]))
    assert found.levels == ("b", "a")
    assert found.shares == pytest.approx((0.5, 1 / 6))
    assert found.missing == pytest.approx(2 / 6)
    found = field("boolean", pl.Series("x", ["Yes", "no", "Yes", "Yes"]))
    assert found.levels == ("Yes", "no")
    assert found.shares == (0.75, 0.25)
    assert found.typical == "Yes"


def test_tags_times_texts_and_pictures() -> None:
    found = field("tags", pl.Series("x", ["a;b", "b", "b;c", "b"]))
    assert (found.levels[0], found.shares[0]) == ("b", 1.0)
    days = [datetime.datetime(2020, 1, day) for day in (1, 2, 3)]
    found = field("datetime", pl.Series("x", days))
    assert found.typical == "2020-01-02T00:00:00"
    assert found.high == datetime.datetime(2020, 1, 3, tzinfo=datetime.UTC).timestamp()
    found = field("text", pl.Series("x", ["one two", "three", None]))
    assert (found.quantiles[0], found.quantiles[-1], found.typical) == (5.0, 7.0, "")
    assert found.missing == pytest.approx(1 / 3)
    found = field("image", pl.Series("x", np.zeros((3, 6, 5), dtype=np.uint8)))
    assert (found.height, found.width, found.channels) == (6, 5, 1)
    assert found.num_rows == 3


def test_figures_of_pictures() -> None:
    # Even greys of 0, 10, ..., 200: their quantiles are themselves.
    greys = np.repeat(np.arange(0, 201, 10, dtype=np.uint8), 16).reshape(21, 4, 4)
    found = field("image", pl.Series("x", greys))
    assert found.figures["brightness"] == pytest.approx([10.0 * i for i in range(21)])
    assert found.figures["height"] == (4.0,) * NUM_QUANTILES
    assert set(found.figures) == {"brightness", "contrast", "height", "width"}


def test_pictures_in_files_and_a_sample_of_many(tmp_path, monkeypatch) -> None:
    from PIL import Image

    monkeypatch.setattr("lamina.export.signature.MEASURED", 4)
    for place in range(10):
        Image.new("RGB", (8, 6), (20 * place, 0, 0)).save(tmp_path / f"{place}.png")
    paths = [str(tmp_path / f"{place}.png") for place in range(10)]
    found = field("image", pl.Series("x", [*paths, None, str(tmp_path / "none.png")]))
    assert found.num_rows == 4
    # Every third of twelve: pictures 0, 3, 6 and 9.
    assert (found.figures["red"][0], found.figures["red"][-1]) == (0.0, 180.0)
    assert found.figures["width"] == (8.0,) * NUM_QUANTILES
    assert found.missing == pytest.approx(1 / 12)


def test_figures_of_sounds_and_series() -> None:
    # Tones at full height: a mean square of 1/2 is 3.01 decibels below the loudest; each is longer.
    tones = [np.sin(np.arange(400 * n) * 1.5) for n in range(1, 22)]
    found = field("sound", pl.Series("x", [None, *(wave_bytes(tone) for tone in tones)]))
    assert found.figures["loudness"] == pytest.approx((-3.01,) * NUM_QUANTILES, abs=0.1)
    assert found.figures["seconds"] == pytest.approx([0.1 * n for n in range(1, 22)])
    assert found.figures["rate"] == (4000.0,) * NUM_QUANTILES
    assert found.num_rows == 22
    levels = [[n - 1.0, n + 1.0] for n in range(21)]
    found = field("series", pl.Series("x", levels))
    assert found.figures["level"] == pytest.approx([float(n) for n in range(21)])
    assert found.figures["steps"] == (2.0,) * NUM_QUANTILES
    assert found.quantiles == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_has_a_signature(name) -> None:
    from lamina.data.sources.open import open_source
    from lamina.export.write import document_of

    what = made(name)
    frame = open_source(EXAMPLES[name].make()).read()
    signature = signature_of(what, frame)
    assert Signature.from_document(signature.to_document()) == signature
    names = {c.name for c in what.schema.inputs}
    if signature.history is None:
        assert [f.name for f in signature.fields] == [c.name for c in what.schema.inputs]
    else:
        assert {f.name for f in signature.fields} == names | {"day", "shop", "sold"}
    document = document_of(what, frame)
    columns = len(encoded(name)[0].form(what.schema).get("labels", ())) or 1
    assert Function(document, lambda inputs: np.zeros((1, columns)), identity="").signature


def test_the_past_of_numbers_is_measured() -> None:
    found = signature_of(made("forecast"), EXAMPLES["forecast"].make())
    fields = {field.name: field for field in found.fields}
    assert set(fields["sold"].figures) == {"level", "spread", "roughness", "missing steps"}
    assert len(fields["sold"].typical) == len(fields["day"].typical) == found.history.look_back
    # One shop sells about 40 a day, the other 600: half of the levels lie on each side.
    levels = fields["sold"].figures["level"]
    assert levels[0] < 50 < 500 < levels[-1]
    assert fields["rain"].figures
    assert fields["open"].typical == "yes"
    assert not fields["open"].figures


def test_states_carry_nothing_that_only_training_needs() -> None:
    for column in columns_of(made("mixed").schema):
        assert not {"quantiles", "counts"} & set(column["state"])
