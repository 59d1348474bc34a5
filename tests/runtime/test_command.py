"""The command line of the runtime alone."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from lamina.runtime.artefact import sealed
from lamina.runtime.command import answer_file, main
from lamina.runtime.function import Function
from lamina.runtime.vectors import vectors_document
from tests.runtime import made


@pytest.fixture
def model(tmp_path):
    answer = {
        "y": "yes",
        "probability": 0.8407877,
        "probability_no": 0.1592123,
        "probability_yes": 0.8407877,
    }
    check = vectors_document(
        [{"x": 14, "c": "a"}], [answer], units={}, tolerance=1e-4, may_flip=False
    )
    path = tmp_path / "m.onnx"
    path.write_bytes(sealed(made.graph(), document=made.document(), check=check))
    return path


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_rows_of_a_table_are_answered(model, tmp_path, capsys, mark) -> None:
    rows = tmp_path / "new.csv"
    rows.write_text(f"\ufeffx{mark}c{mark}more\n14{mark}a{mark}1\n10.0{mark}b{mark}2\n")
    assert main([str(model), str(rows)]) == 0
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["y"] for row in found] == ["yes", "no"]
    assert float(found[0]["probability_yes"]) == pytest.approx(0.8407877, abs=1e-6)


def test_rows_of_json_lines_go_to_a_file(model, tmp_path) -> None:
    rows, out = tmp_path / "new.jsonl", tmp_path / "out.jsonl"
    rows.write_text('{"x": 14, "c": "a"}\n\n{"x": "10", "c": null}\n')
    assert main([str(model), str(rows), "--out", str(out), "--threads", "1"]) == 0
    assert [json.loads(line)["y"] for line in out.read_text().splitlines()] == ["yes", "no"]
    out = tmp_path / "out.csv"
    assert main([str(model), str(rows), "--out", str(out)]) == 0
    assert out.read_text().startswith("y,probability,")


def test_a_model_is_checked(model, capsys) -> None:
    assert main([str(model), "--check"]) == 0
    assert "answers as it should" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"z\n1\n", "column 'x'"),
        ("a.csv", b"\xff\xfe\x00", "cannot read"),
        ("a.jsonl", b"[1]\n", "no object"),
        ("a.jsonl", b"{\n", "no JSON"),
    ],
)
def test_bad_rows_are_told(model, tmp_path, capsys, name, content, message) -> None:
    (tmp_path / name).write_bytes(content)
    assert main([str(model), str(tmp_path / name)]) == 2
    assert message in capsys.readouterr().err


def test_wrong_use_is_told(model, tmp_path, capsys) -> None:
    assert main([str(model)]) == 2
    assert main([str(model), str(tmp_path / "none.csv")]) == 2
    assert main([str(tmp_path / "none.onnx"), "x.csv"]) == 2
    assert "lamina: " in capsys.readouterr().err


def test_pictures_are_read_from_beside_the_table(tmp_path) -> None:
    Image.fromarray(np.full((4, 4), 200, dtype=np.uint8)).save(tmp_path / "a.png")
    document = made.document()
    document["signature"]["fields"] = [
        {**document["signature"]["fields"][0], "name": "p", "modality": "image"}
    ]
    document["columns"] = [
        {"name": "p", "modality": "image", "state": {"channels": 1, "height": 4, "width": 4}}
    ]
    document["inputs"] = [{"name": "i", "kind": "image", "columns": ["p"]}]

    def graph(inputs):
        light = inputs["i"].mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - light, light], axis=1)

    rows = tmp_path / "new.csv"
    rows.write_text("p\na.png\nnone.png\n\n")
    found = answer_file(Function(document, graph, identity=""), rows)
    assert found[0]["y"] == "yes"
    assert found[1]["y"] is None
    assert "picture" in found[1]["error"]
