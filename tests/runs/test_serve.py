"""From what a user names to the files that a server loads."""

import json

import numpy as np
import pytest
import torch

from lamina.core.errors import ConfigError, RunError
from lamina.data.sources.open import open_source
from lamina.export.rows import rows_of
from lamina.export.whole import WholeFunction
from lamina.export.write import document_of
from lamina.runs.export import exportable_of
from lamina.runs.serve import Places
from lamina.runtime.function import Function, load
from lamina.serving.function import typical_row
from lamina.serving.occlusion import occlusions
from lamina.serving.written_occlusion import traced
from tests.runs.tiny import EXAMPLES, GIVEN, finished


def _run(folder, name, content=b"{}"):
    run = folder / name
    (run / "model").mkdir(parents=True)
    (run / "plan.yaml").write_text("")
    (run / "model" / "bundle.json").write_bytes(content)
    return run


class Exports:
    """Writes what it was asked for, and remembers."""

    def __init__(self) -> None:
        self.runs = []
        self.error = None

    def __call__(self, run, file) -> None:
        self.runs.append(run.name)
        file.write_text("half")
        if self.error is not None:
            raise self.error
        file.write_text("whole")


def test_a_file_is_taken_as_it_is_under_the_name_given(tmp_path) -> None:
    file = tmp_path / "adult v2.onnx"
    file.write_bytes(b"")
    assert Places([str(file)]).find() == {"adult-v2": file}
    assert Places([f"income={file}"]).find() == {"income": file}


def test_a_run_is_exported_once_into_its_folder_and_anew_when_trained_anew(tmp_path) -> None:
    run, export = _run(tmp_path, "adult-1"), Exports()
    places = Places([str(run)], export=export)
    first = places.find()["adult-1"]
    assert first.parent == run
    assert first.read_text() == "whole"
    assert places.find() == {"adult-1": first}
    assert Places([str(run)], export=export).find() == {"adult-1": first}
    assert export.runs == ["adult-1"]
    (run / "model" / "bundle.json").write_bytes(b"{ }")
    second = places.find()["adult-1"]
    assert second != first
    assert not first.exists()
    assert export.runs == ["adult-1"] * 2


def test_a_failed_export_leaves_nothing_and_is_told(tmp_path) -> None:
    run, export = _run(tmp_path, "a"), Exports()
    export.error = RunError("the export disagrees.")
    found = Places([str(run)], export=export).find()["a"]
    assert found is export.error
    assert sorted(path.name for path in run.iterdir()) == ["model", "plan.yaml"]


def test_a_folder_of_runs_gives_all_that_have_a_model(tmp_path) -> None:
    _run(tmp_path, "a")
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "plan.yaml").write_text("")
    places = Places([str(tmp_path)], export=Exports())
    assert set(places.find()) == {"a"}
    _run(tmp_path, "b")
    assert set(places.find()) == {"a", "b"}


def test_wrong_names_are_explained(tmp_path) -> None:
    (tmp_path / "m.csv").write_text("")
    with pytest.raises(ConfigError, match=r"no exported model: wanted a file ending in \.onnx"):
        Places([str(tmp_path / "m.csv")])
    with pytest.raises(RunError, match=r"there is no file .*none\.onnx"):
        Places([str(tmp_path / "none.onnx")])
    with pytest.raises(RunError):
        Places([str(tmp_path / "none")])
    with pytest.raises(ConfigError, match="a model's name must be"):
        Places([f"a b={tmp_path}"])
    one, other = _run(tmp_path / "x", "a"), _run(tmp_path / "y", "a")
    with pytest.raises(ConfigError, match="two models would be called 'a'"):
        Places([str(one), str(other)])
    (one / "model" / "bundle.json").unlink()
    with pytest.raises(RunError, match="has no model yet"):
        Places([str(one)])


def test_a_real_run_is_exported_by_a_process_of_its_own(tmp_path) -> None:
    run = finished("binary").path
    (place,) = Places([f"m={run}"]).find().values()
    try:
        function = load(place)
        (answer,) = function.predict([typical_row(function.signature)])
        assert set(answer) == {one.name for one in function.signature.answers}
    finally:
        place.unlink()


@pytest.mark.parametrize("name", [n for n in EXAMPLES if n not in ("identity", "windows")])
def test_a_served_run_explains_in_the_words_of_the_run(name) -> None:
    run, frame = finished(name), open_source(EXAMPLES[name].make()).read()
    what = exportable_of(run.predictor, name)
    whole = WholeFunction(what).eval()

    def graph(inputs):
        with torch.no_grad():
            return whole(*(torch.from_numpy(inputs[own]) for own in what.graph_names())).numpy()

    function = Function(document_of(what, frame), graph, identity="")
    histories = what.histories(frame)
    row = rows_of(frame.head(3), what.schema)[2] if histories is None else histories[0]
    number = 2 if histories is None else int(histories.part.rows()[0])
    planned = occlusions(function.signature, row)
    served = json.loads(json.dumps(planned.told(function.predict(planned.rows()))))
    told = run.explain(frame, row=number, is_checked=False)
    own = json.loads(json.dumps(told.to_document()))
    assert served.keys() == own.keys()
    assert served["answer"] == own["answer"]
    assert served["texts"] == own["texts"]
    if own["probability"] is not None:
        assert served["unit"] == own["unit"] == "log-odds"
        # A run explains one view of a picture; what is exported averages several.
        close = 0.05 if what.num_views > 1 else 1e-3
        assert served["probability"] == pytest.approx(own["probability"], abs=close)
    assert [one["name"] for one in served["inputs"]] == [one["name"] for one in own["inputs"]]
    for mine, other in zip(served["inputs"], own["inputs"]):
        assert mine.keys() == other.keys()
        assert mine["kind"] == other["kind"]
        for feature in (*mine["features"], *other["features"]):
            assert feature.keys() == {"label", "value", "attribution"}
        if mine["kind"] == "columns" and histories is not None:
            # From outside, calendar and cycle are seen as the times that they are told by.
            known = {"open", "floor"}
            shown = [{f["label"] for f in one["features"]} & known for one in (mine, other)]
            assert shown == [known, known]
        elif mine["kind"] == "columns":
            assert [(f["label"], f["value"]) for f in mine["features"]] == [
                (f["label"], f["value"]) for f in other["features"]
            ]


@pytest.mark.parametrize("name", GIVEN)
def test_a_served_run_explains_what_it_writes_in_the_words_of_the_run(name, tmp_path) -> None:
    run, frame = finished(name), open_source(GIVEN[name].make()).read()
    function = load(run.export(tmp_path / "m.onnx").path)
    row = rows_of(frame.head(3), run.predictor.schema)[2]
    answer, explained = traced(function, row)
    served = json.loads(json.dumps(explained))
    own = json.loads(json.dumps(run.explain(frame, row=2, is_checked=False).to_document()))
    assert answer == function.predict([row])[0]
    assert served.keys() == own.keys()
    for key in ("answer", "unit", "texts", "probability"):
        assert served[key] == own[key]
    assert served["value"] == pytest.approx(own["value"], rel=1e-3)
    (mine,), (other,) = served["inputs"], own["inputs"]
    assert (mine["name"], mine["kind"]) == (other["name"], other["kind"])
    if run.predictor.task.name != "tagging":
        # The one has learnt too little to write a word, the other hears sounds, which have none.
        assert served["written"] is own["written"] is None
        return
    for key in ("name", "parts", "places"):
        assert served["written"][key] == own["written"][key]
    np.testing.assert_allclose(served["written"]["falls"], own["written"]["falls"], atol=2e-3)
    lost = [[one["attribution"] for one in told["features"]] for told in (mine, other)]
    np.testing.assert_allclose(*lost, atol=2e-3)
