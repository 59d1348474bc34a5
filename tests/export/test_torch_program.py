"""`.pt2` files: the same function, and nothing in a foreign one is executed."""

import io
import json
import re
import zipfile

import numpy as np
import pytest
import torch

from lamina.core.errors import BundleError
from lamina.export.torch_program import load_program, packed, program_graph, to_programs
from lamina.export.whole import WholeFunction
from lamina.export.write import document_of
from lamina.runtime.artefact import DOCUMENT
from tests.export.test_whole import made
from tests.runs.tiny import finished, table
from tests.tasks.examples import encoded


@pytest.mark.parametrize(
    "name",
    ["binary", *(pytest.param(n, marks=pytest.mark.slow) for n in ("text", "picture", "mixed"))],
)
def test_any_number_of_rows_is_answered(name) -> None:
    what, dataset = made(name), encoded(name)[2]
    graph = program_graph(packed(to_programs(what), {}), {})
    for rows in (1, 2, 9):
        inputs = dataset.batch(dataset.usable()[:rows]).inputs
        with torch.no_grad():
            expected = WholeFunction(what)(*inputs.values()).numpy()
        found = graph({key: value.numpy() for key, value in inputs.items()})
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def data() -> bytes:
    what = made("binary")
    return packed(to_programs(what), {DOCUMENT: document_of(what, table(30))})


def _changed(data: bytes, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = change(entry.filename, old.read(entry))
            if content is not None:
                new.writestr(entry.filename, content)
        extra = change("", b"")
        if extra:
            new.writestr(*extra)
    return out.getvalue()


def _in_model(old: str, new: str):
    def change(name, content):
        if not name.endswith("models/model.json"):
            return content
        text = content.decode()
        assert old in text
        return text.replace(old, new).encode()

    return change


def _guarded(name, content):
    if not name.endswith("models/model.json"):
        return content
    return json.dumps({**json.loads(content), "guards_code": ["print(1)"]}).encode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_in_model("torch.ops.aten.relu.default", "os.system"), "calls"),
        (_in_model('"expr_str": "', '"expr_str": "__import__(\'os\') + '), "expression"),
        (_guarded, "guards"),
        (lambda name, c: b"\x80\x04." if "sample_inputs" in name else c, "pickled samples"),
        (lambda name, c: c.replace(b'"use_pickle": false', b'"use_pickle": true'), "pickled"),
        (lambda name, c: c if name else ("archive/data/x.py", b"1"), "not ours"),
        (lambda name, c: None if "extra/lamina" in name else c, "not made by"),
    ],
)
def test_what_torch_would_execute_is_refused(data, tmp_path, change, message) -> None:
    path = tmp_path / "m.pt2"
    path.write_bytes(data)
    assert load_program(path).signature.task == "classification"
    path.write_bytes(_changed(data, change))
    with pytest.raises(BundleError, match=message):
        load_program(path)


@pytest.mark.slow
def test_each_program_of_a_network_that_writes_is_checked(tmp_path) -> None:
    path = tmp_path / "m.pt2"
    finished("text_to_text").export(path)
    whole = path.read_bytes()
    inner = next(
        name for name in zipfile.ZipFile(path).namelist() if re.search(r"/lamina/\w+\.pt2$", name)
    )
    nested = _changed(whole, lambda name, c: whole if name == inner else c)
    foreign = _in_model("torch.ops.aten.", "torch.ops.other.")
    for changed, message in (
        (lambda name, c: None if name == inner else c, "is missing"),
        (lambda name, c: nested if name == inner else c, "holds further programs"),
        (lambda name, c: _changed(c, foreign) if name == inner else c, "calls"),
    ):
        path.write_bytes(_changed(whole, changed))
        with pytest.raises(BundleError, match=message):
            load_program(path)


def test_damaged_files_are_refused(data, tmp_path) -> None:
    path = tmp_path / "m.pt2"
    for hurt in (b"", b"PK", data[:2000], data[:-100]):
        path.write_bytes(hurt)
        with pytest.raises(BundleError, match=r"m\.pt2"):
            load_program(path)
