"""A file is written when it is proven, and not before."""

import pytest

from lamina.core.errors import BundleError
from lamina.export import write
from lamina.export.certificate import Proof
from lamina.export.rows import rows_of
from lamina.export.write import write_onnx
from lamina.runtime.function import load
from lamina.runtime.vectors import check_vectors
from tests.export.test_whole import made
from tests.runs.tiny import table


def _proof(what, frame, monkeypatch=None) -> Proof:
    from lamina.export.onnx import to_onnx
    from lamina.runtime.function import Function
    from lamina.runtime.session import Session

    graph = to_onnx(what)
    if monkeypatch is not None:
        monkeypatch.setattr(write, "to_graphs", lambda _: {"values": graph})
    function = Function(write.document_of(what, frame), Session(graph), identity="")
    rows = rows_of(frame, what.schema)
    return Proof(rows=rows, expected=function.predict(rows), source={"run": "made"})


def test_a_file_is_written_and_removed_where_it_disagrees(tmp_path, monkeypatch) -> None:
    what, frame = made("binary"), table(30)
    proof = _proof(what, frame, monkeypatch)
    path = tmp_path / "m.onnx"
    written = write_onnx(what, path, train=frame, proof=proof)
    assert written.num_bytes == path.stat().st_size
    function = load(path)
    assert written.identity == function.identity
    assert check_vectors(function).holds
    assert function.check["certificate"] == written.certificate
    wrong = [{**answer, "answer": "never"} for answer in proof.expected]
    other = tmp_path / "other.onnx"
    with pytest.raises(BundleError, match="No file is left"):
        write_onnx(what, other, train=frame, proof=Proof(rows=proof.rows, expected=wrong))
    assert not other.exists()
