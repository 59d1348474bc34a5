"""A run of every task becomes a file that answers as the run does."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from lamina.core.bundle import read_tensors
from lamina.core.errors import ConfigError, RunError
from lamina.data.sources.open import open_source
from lamina.export.formats import open_exported
from lamina.runs.export import export_run
from lamina.runs.plan import read_plan
from lamina.runs.run import Run
from lamina.runtime.function import load
from lamina.runtime.vectors import check_vectors
from lamina.training.execution import Execution
from tests.runs.tiny import EVERY, EXAMPLES, finished

_QUICK = ("binary", "tagging")


@pytest.mark.parametrize(
    "name",
    [n if n in _QUICK else pytest.param(n, marks=pytest.mark.slow) for n in EVERY],
)
def test_every_task_is_exported(name, tmp_path) -> None:
    run = finished(name)
    path = tmp_path / f"{name}.onnx"
    written = run.export(path)
    told = written.certificate
    assert told["flipped_decisions"] == 0
    assert told["largest_deviation"] < 1e-4
    # A row may be several samples, such as one for each stretch of a text.
    assert told["rows"] == len(read_tensors(run.folder.answers)[0]["rows"].unique())
    function = load(path)
    assert check_vectors(function).holds
    if function.signature.history is not None:
        return  # its rows are no rows of the table
    source = EVERY[name].make()
    # In float32, as the artefact: the machine may have chosen less for the run.
    plain = dataclasses.replace(run.predictor, execution=Execution())
    expected = plain.predict(open_source(source).read())
    assert [answer.name for answer in function.signature.answers] == expected.columns
    frame = source if isinstance(source, pl.DataFrame) else pl.DataFrame(source)
    from lamina.export.rows import rows_of

    found = pl.DataFrame(function.predict(rows_of(frame, run.predictor.schema)))
    for column in expected.columns:
        kind = expected[column].dtype
        if kind.is_float():
            assert (found[column] - expected[column]).abs().max() < 1e-3 * (
                1 + expected[column].abs().max()
            )
        elif isinstance(kind, (pl.List, pl.Array)) and kind.inner.is_float():
            own, other = (frame[column].explode() for frame in (found, expected))
            np.testing.assert_allclose(own.to_numpy(), other.to_numpy(), atol=1e-4)
        else:
            assert found[column].to_list() == expected[column].to_list()


@pytest.mark.parametrize(
    "name",
    [n if n in ("forecast", "masked") else pytest.param(n, marks=pytest.mark.slow) for n in EVERY],
)
def test_every_task_is_proven_on_rows_that_are_named(name, tmp_path) -> None:
    run = finished(name)
    source = read_plan(run.folder.plan).data.source
    told = run.export(tmp_path / f"{name}.onnx", data=source).certificate
    assert told["flipped_decisions"] == 0
    assert told["rows"] > len(read_tensors(run.folder.answers)[0]["rows"].unique())


def test_an_exported_forecast_is_that_of_the_run(tmp_path) -> None:
    run = finished("forecast")
    run.export(tmp_path / "m.onnx")
    function = load(tmp_path / "m.onnx")
    frame = EVERY["forecast"].make()
    plain = dataclasses.replace(run.predictor, execution=Execution())
    expected = plain.predict(frame)
    own = [frame.filter(pl.col("shop") == shop) for shop in ("north", "south")]
    rows = [{**part.to_dict(as_series=False), "shop": part["shop"][0]} for part in own]
    for start, answer in zip((0, 4), function.predict(rows)):
        part = expected[start : start + 4]
        assert list(answer) == part.columns
        assert part["shop"].unique().to_list() == [answer["shop"]]
        assert part["day"].dt.strftime("%Y-%m-%dT%H:%M:%S").to_list() == answer["day"]
        for name in part.columns[2:]:
            assert answer[name] == pytest.approx(part[name].to_list(), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_forecasts_of_less_precision_tell_their_price(precision, tmp_path) -> None:
    told = finished("forecast").export(tmp_path / "m.onnx", precision=precision).certificate
    assert told["quality"]["metric"] == "crps"
    assert check_vectors(load(tmp_path / "m.onnx")).holds


@pytest.mark.slow
@pytest.mark.parametrize("name", [*EXAMPLES, "forecast", "text_to_text"])
def test_every_task_becomes_a_program(name, tmp_path) -> None:
    path = tmp_path / "m.pt2"
    told = finished(name).export(path).certificate
    assert told["flipped_decisions"] == 0
    assert check_vectors(open_exported(path)).holds


def test_other_rows_may_prove_it(tmp_path) -> None:
    run = finished("binary")
    written = export_run(run, tmp_path / "m.onnx", data=EXAMPLES["binary"].make().head(5))
    assert written.certificate["rows"] == 5


def test_wrong_use_is_told(tmp_path) -> None:
    run = finished("binary")
    with pytest.raises(ConfigError, match=r"must end in \.onnx"):
        export_run(run, tmp_path / "m.bin")
    with pytest.raises(ConfigError, match="float32 only"):
        export_run(run, tmp_path / "m.pt2", precision="int8")
    with pytest.raises(ConfigError, match="does not exist"):
        export_run(run, tmp_path / "none" / "m.onnx")
    with pytest.raises(RunError):
        Run(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float16", "int8"])
@pytest.mark.parametrize("name", [name for name in EVERY if name != "windows"])
def test_less_precision_is_written_with_its_price(name, precision, tmp_path) -> None:
    run = finished(name)
    path = tmp_path / "m.onnx"
    told = run.export(path, precision=precision).certificate
    assert told["precision"] == precision
    # What whole numbers cost beside the weights is more than the smallest networks weigh.
    assert told["bytes"] < told["bytes_float32"] or told["bytes_float32"] < 200_000
    assert told["quality"]["metric"] == run.evaluation["metric"]
    assert told["quality"]["value_of_model"] == pytest.approx(
        run.metrics[run.evaluation["metric"]].value, rel=1e-2, abs=1e-3
    )
    assert told["speed"]["one_row_ms"] > 0
    assert check_vectors(load(path)).holds


def test_answers_of_free_length_are_compared_as_they_are_read(tmp_path) -> None:
    run = finished("tagging")
    told = run.export(tmp_path / "m.onnx", precision="int8").certificate
    quality = told["quality"]
    assert quality["metric"] == "span_f1"
    assert quality["value_of_model"] == pytest.approx(run.metrics["span_f1"].value, abs=1e-3)
    assert abs(quality["gain"]) < 0.2
    assert check_vectors(load(tmp_path / "m.onnx")).holds


def test_unknown_precisions_are_told(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"unknown precision 'int4'; known: float16, float32"):
        export_run(finished("binary"), tmp_path / "m.onnx", precision="int4")
