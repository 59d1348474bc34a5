"""A disagreement is an error; what is measured is told."""

import pytest

from lamina.core.errors import BundleError
from lamina.export.certificate import (
    NUM_VECTORS,
    Proof,
    certificate,
    measure,
    refuse_disagreement,
    vectors,
)
from lamina.runtime.artefact import sealed
from lamina.runtime.function import load
from tests.runtime import made


@pytest.fixture
def function(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(sealed(made.graph(), document=made.document(), check={}))
    return load(path)


def _proof(function, change=lambda answer: answer, count=40) -> Proof:
    rows = [{"x": float(i), "c": "a"} for i in range(count)]
    expected = [change(answer) for answer in function.predict(rows)]
    return Proof(rows=rows, expected=expected, source={"run": "r"})


def test_an_artefact_that_agrees(function) -> None:
    proof = _proof(function)
    measured = measure(function, proof)
    refuse_disagreement(measured)
    told = certificate(proof, measured, precision="float32")
    assert (told["run"], told["rows"], told["flipped_decisions"]) == ("r", 40, 0)
    stored = vectors(proof, measured, precision="float32")
    assert len(stored["rows"]) == NUM_VECTORS
    assert (stored["tolerance"], stored["may_flip"]) == (told["tolerance"], False)


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: {**answer, "y": "yes"},
        lambda answer: {**answer, "probability_yes": answer["probability_yes"] + 0.001},
        lambda answer: dict.fromkeys(answer),
    ],
)
def test_an_artefact_that_disagrees_is_refused(function, change) -> None:
    with pytest.raises(BundleError, match="disagrees with the run: of 40 rows"):
        refuse_disagreement(measure(function, _proof(function, change)))


def test_less_precision_may_deviate_as_much_as_it_did(function) -> None:
    proof = _proof(function, lambda a: {**a, "probability": a["probability"] + 0.01})
    measured = measure(function, proof)
    stored = vectors(proof, measured, precision="int8")
    assert stored["tolerance"] == pytest.approx(0.02)
    assert stored["may_flip"]


def test_large_rows_are_few(function) -> None:
    proof = _proof(function)
    rows = [{**row, "c": "a" * (3 << 20)} for row in proof.rows]
    proof = Proof(rows=rows, expected=proof.expected)
    assert len(vectors(proof, measure(function, proof), precision="float32")["rows"]) == 1


def test_of_very_large_rows_the_smallest_goes_in(function) -> None:
    rows = [{"x": float(i), "c": "a" * ((5 << 20) + i % 3)} for i in (1, 2, 3, 4)]
    proof = Proof(rows=rows, expected=function.predict(rows))
    stored = vectors(proof, measure(function, proof), precision="float32")
    assert [len(row["c"]) for row in stored["rows"]] == [5 << 20]
