import subprocess
import sys
from pathlib import Path

import pytest

from lamina.core.errors import RunError
from lamina.runs.folder import RunFolder, lock_folder, new_run_folder, open_run_folder


def test_runs_are_numbered(tmp_path):
    names = [new_run_folder(None, stem="adult", root=tmp_path / "runs").path.name for _ in "abc"]
    assert names == ["adult-1", "adult-2", "adult-3"]


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("my data (2)", "my-data-2-1"),
        ("../../etc", "etc-1"),
        ("", "run-1"),
        ("ä b", "ä-b-1"),
        ("x" * 200, "x" * 60 + "-1"),
    ],
)
def test_any_name_of_data_makes_a_safe_folder(tmp_path, stem, name):
    folder = new_run_folder(None, stem=stem, root=tmp_path)
    assert folder.path.parent == tmp_path
    assert folder.path.name == name


def test_a_folder_that_holds_something_is_not_taken(tmp_path):
    (tmp_path / "mine").mkdir()
    assert new_run_folder(tmp_path / "mine", stem="x").path == tmp_path / "mine"
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match=r"is not empty. Choose another --out"):
        new_run_folder(tmp_path / "mine", stem="x")


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="cannot write to"):
        new_run_folder(tmp_path / "file" / "run", stem="x")


def test_a_read_only_place_is_told(tmp_path, monkeypatch):
    def refuse(self, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RunError, match="Permission denied"):
        new_run_folder(tmp_path / "a" / "b", stem="x")


def test_the_status_follows_the_files(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.status() == "planned"
    folder.checkpoint.mkdir()
    assert folder.status() == "planned"
    (folder.checkpoint / "a.safetensors").write_bytes(b"")
    assert folder.status() == "unfinished"
    folder.model.mkdir()
    (folder.model / "bundle.json").write_text("{}")
    assert folder.status() == "trained"
    folder.write_json(folder.evaluation, {"training": {"is_interrupted": False}})
    assert folder.status() == "trained"
    folder.report.write_text("")
    assert folder.status() == "done"


def test_the_nearest_run_is_named(tmp_path):
    (tmp_path / "adult-1").mkdir()
    (tmp_path / "adult-1" / "plan.yaml").write_text("")
    assert open_run_folder(tmp_path / "adult-1").path == tmp_path / "adult-1"
    with pytest.raises(RunError, match=r"is no run folder.*Did you mean .*adult-1\?"):
        open_run_folder(tmp_path / "adlt-1")
    with pytest.raises(RunError, match="See all with: lamina runs"):
        open_run_folder(tmp_path / "elsewhere" / "x")


def test_two_processes_do_not_write_to_one_run(tmp_path):
    folder = RunFolder(tmp_path)
    child = (
        "import sys; from pathlib import Path\n"
        "from lamina.runs.folder import RunFolder, lock_folder\n"
        "with lock_folder(RunFolder(Path(sys.argv[1]))): pass"
    )

    def other() -> subprocess.CompletedProcess:
        words = [sys.executable, "-c", child, str(tmp_path)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    with lock_folder(folder):
        blocked = other()
    assert blocked.returncode == 1
    assert "is in use by another process" in blocked.stderr
    assert other().returncode == 0


def test_json_files_say_what_is_wrong(tmp_path):
    folder = RunFolder(tmp_path)
    with pytest.raises(RunError, match=r"has no evaluation.json: the run is planned"):
        folder.read_json(folder.evaluation)
    for damaged in ("{", "[1]", "\udcff"):
        folder.evaluation.write_bytes(damaged.encode("utf-8", "surrogateescape"))
        with pytest.raises(RunError, match=r"evaluation.json"):
            folder.read_json(folder.evaluation)


def test_json_files_keep_numbers_of_numpy(tmp_path):
    import numpy as np

    folder = RunFolder(tmp_path)
    folder.write_json(folder.receipt, {"a": np.float32(0.5), "b": np.arange(2), "ü": Path("x")})
    assert folder.read_json(folder.receipt) == {"a": 0.5, "b": [0, 1], "ü": "x"}


def test_files_are_read_as_they_were_written_whatever_the_locale(tmp_path, monkeypatch):
    folder, encodings, real = RunFolder(tmp_path), [], Path.read_text
    folder.write_json(folder.evaluation, {"name": "Größe", "training": {"is_interrupted": True}})
    folder.report.touch()

    def read_text(path, encoding=None, errors=None):
        encodings.append(encoding)
        return real(path, encoding, errors)

    monkeypatch.setattr(Path, "read_text", read_text)
    assert folder.read_json(folder.evaluation)["name"] == "Größe"
    assert folder.status() == "unfinished"
    assert encodings == ["utf-8", "utf-8"]
