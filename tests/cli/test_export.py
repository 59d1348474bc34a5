"""`lamina export` and its check."""

import pytest

from tests.runs.tiny import finished


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "m.onnx"
    finished("binary").export(path)
    return path


def test_export_writes_and_tells(lamina):
    done = lamina("export", finished("binary").path, "m.onnx")
    assert done.code == 0, done.err
    assert "0 decided otherwise" in done.out
    assert "lamina export --check m.onnx" in done.out


def test_check_verifies_a_file_from_itself_alone(lamina, file):
    done = lamina("export", "--check", file)
    assert done.code == 0
    assert "answers as it should" in done.out
    told = lamina("export", "--check", file, "--json").json
    assert told["holds"] is True
    assert told["certificate"]["flipped_decisions"] == 0
    assert len(told["identity"]) == 64


def test_a_damaged_file_is_refused(lamina, file, tmp_path):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    (tmp_path / "hurt.onnx").write_bytes(data)
    done = lamina("export", "--check", "hurt.onnx")
    assert done.code == 2
    assert "damaged" in done.err
    assert "Traceback" not in done.err


def test_wrong_use(lamina, file):
    run = finished("binary").path
    assert lamina("export", run).code == 2
    assert lamina("export", run, "m.txt").code == 2
    assert lamina("export", "--check", run, file).code == 2
    assert lamina("export", "--check", "none.onnx").code == 2
    assert lamina("export", "none", "m.onnx").code == 2
