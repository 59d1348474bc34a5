"""Bad input gives one clear message and exit code 2; no traceback, and nothing is left behind."""

import os
import struct
import zlib

import numpy as np
import polars as pl
import pytest

from lamina.runs.run import Run
from tests.runs.tiny import copy_of, finished, picture_folder, table

TINY = ("--set", "training.steps=3", "--set", "training.batch_size=16", "--set", "is_probed=false")


def refused(done, *parts):
    """Check a refusal: its code, its one message, and that no library speaks."""
    assert done.code == 2, (done.out, done.err)
    assert done.err.startswith("lamina: ")
    assert done.err.count("lamina: ") == 1
    assert "Traceback" not in done.err
    for part in parts:
        assert part in done.err, done.err


def nothing_left(folder):
    assert not (folder / "runs").exists() or list((folder / "runs").iterdir()) == []


def write(path, text):
    path.write_text(text)
    return path.name


def rows(num=60, **columns):
    chance = np.random.default_rng(0)
    base = {"x": chance.normal(size=num).round(3), "z": chance.normal(size=num).round(3)}
    return pl.DataFrame({**base, "y": chance.choice(["a", "b"], num), **columns})


def test_a_missing_file_is_answered_with_the_nearest(lamina, tmp_path):
    rows().write_csv(tmp_path / "people.csv")
    refused(lamina("fit", "peple.csv"), "'peple.csv'", "people.csv")
    refused(lamina("fit", "people.csv", "--test", "tst.csv", "--target", "y"), "tst.csv")
    refused(lamina("predict", finished("binary").path, "peple.csv"), "peple.csv", "people.csv")
    nothing_left(tmp_path)


@pytest.mark.parametrize("content", ["", "\n\n", "a,b,y\n"])
def test_an_empty_file(lamina, tmp_path, content):
    refused(lamina("fit", write(tmp_path / "e.csv", content), "--target", "y"))
    nothing_left(tmp_path)


def test_a_wrong_target(lamina, tmp_path):
    rows().rename({"y": "income"}).write_csv(tmp_path / "p.csv")
    refused(lamina("fit", "p.csv", "--target", "incme"), "'incme'", "Did you mean 'income'")
    refused(lamina("fit", "p.csv"), "--target", "x, z, income")
    nothing_left(tmp_path)


def test_a_target_with_one_class(lamina, tmp_path):
    rows(y=["a"] * 60).write_csv(tmp_path / "p.csv")
    refused(lamina("fit", "p.csv", "--target", "y"), "target 'y'", "'a'")
    nothing_left(tmp_path)


def test_a_target_that_is_missing_throughout(lamina, tmp_path):
    rows(y=pl.Series([None] * 60, dtype=pl.String)).write_csv(tmp_path / "p.csv")
    refused(lamina("fit", "p.csv", "--target", "y"), "target 'y'", "missing")
    nothing_left(tmp_path)


def test_a_column_that_is_missing_throughout_is_left_out(lamina, tmp_path):
    rows(w=pl.Series([None] * 60, dtype=pl.String)).write_csv(tmp_path / "p.csv")
    done = lamina("fit", "p.csv", "--target", "y", "--overrule", "--json", *TINY)
    assert done.code == 0
    assert Run(done.json["run"]).plan.data.ignore == ("w",)


def test_ten_thousand_classes_in_ten_thousand_rows(lamina, tmp_path):
    frame = rows(10_000, y=[f"name {i * 7919 % 10_007}" for i in range(10_000)])
    frame.write_csv(tmp_path / "p.csv")
    refused(lamina("fit", "p.csv", "--target", "y"), "different in each of the 10,000 rows")
    nothing_left(tmp_path)


def test_a_ragged_csv_goes_on_without_the_broken_lines(lamina, tmp_path):
    lines = rows(60).write_csv().splitlines()
    lines.insert(20, "1,2")
    lines.insert(40, "1,2,a,too,many")
    done = lamina("check", write(tmp_path / "r.csv", "\n".join(lines)), "--target", "y", "--json")
    assert done.code in (0, 2)
    assert "Traceback" not in done.err
    assert len(done.json["problems"]) == 2


def test_broken_utf8_is_read_or_told(lamina, tmp_path):
    text = rows(60).write_csv().replace("a\n", "ä\n")
    (tmp_path / "latin.csv").write_bytes(text.encode("cp1252"))
    done = lamina("check", "latin.csv", "--target", "y", "--json")
    assert done.code == 0
    strict = lamina("check", "latin.csv", "--target", "z", "--encoding", "utf-8", "--json")
    assert strict.json["problems"]
    assert all("latin.csv" in problem["where"] for problem in strict.json["problems"])
    refused(lamina("fit", "latin.csv", "--target", "y", "--encoding", "utf-9"), "utf-9")
    nothing_left(tmp_path)


def test_a_truncated_picture_is_put_aside_and_the_run_goes_on(lamina, tmp_path):
    folder = picture_folder(tmp_path / "photos", 40)
    victim = sorted((folder / "left").iterdir())[0]
    victim.write_bytes(victim.read_bytes()[:40])
    done = lamina("fit", "photos", "--overrule", "--json", *TINY)
    assert done.code == 0
    told = done.json
    assert sum(told["rows"].values()) == 39
    report = (tmp_path / told["report"]).read_text()
    assert victim.name in report


def _huge_png(side):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_picture_that_claims_to_be_huge_is_put_aside(lamina, tmp_path):
    folder = picture_folder(tmp_path / "photos", 40)
    (folder / "left" / "huge.png").write_bytes(_huge_png(20_000))
    done = lamina("fit", "photos", "--overrule", "--json", *TINY)
    assert done.code == 0
    assert sum(done.json["rows"].values()) == 40
    assert "huge.png" in (tmp_path / done.json["report"]).read_text()


def test_no_picture_can_be_read(lamina, tmp_path):
    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(12):
            (tmp_path / "photos" / name / f"{number}.png").write_bytes(b"nothing")
    refused(lamina("fit", "photos", *TINY))
    nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("--time", "soon"), ("time must be a number with a unit, got 'soon'", "Try 90s")),
        (("--time", "-3"), ("'-3'",)),
        (("--energy", "much"), ("energy", "'much'")),
        (("--as", "x"), ("--as takes COLUMN=MODALITY",)),
        (("--as", "x=colour"), ("unknown modality of column 'x' 'colour'",)),
        (("--as", "q=number"), ("unknown column 'q'",)),
        (("--as", "y=image"), ("'y'",)),
        (("--ignore", "q"), ("unknown column 'q'",)),
        (("--ignore", "y"), ("'y'", "Name it once only")),
        (("--ignore", "x,z"), ("no column is left",)),
        (("--group", "q"), ("unknown column 'q'",)),
        (("--time-column", "q"), ("unknown column 'q'",)),
        (("--set", "depth"), ("--set takes NAME=VALUE",)),
        (("--set", "netwrk.trunk.depth=3"), ("Did you mean 'network.",)),
        (("--set", "training.batch_size=zero"), ("training.batch_size must be int",)),
        (("--set", "network.trunk=perceptrn"), ("Did you mean 'perceptron'",)),
        (("--set", "task=guess"), ("unknown task 'guess'",)),
        (("--set", "task=regression"), ("the task regression does not fit",)),
        (("--set", "data.split.test=1.5"), ("test",)),
        (("--set", "data.split.by=magic"), ("magic",)),
        (("--seed", "-1"), ("seed must be between 0",)),
        (("--delimiter", "::"), ("delimiter must be one ASCII character",)),
        (("--query", "select 1"), ("query",)),
        (("--from", "nowhere"), ("nowhere is no run folder",)),
        (("--test", "other.csv"), ("'z'", "missing")),
    ],
)
def test_wrong_options(lamina, tmp_path, words, parts):
    rows().write_csv(tmp_path / "p.csv")
    rows().drop("z").write_csv(tmp_path / "other.csv")
    refused(lamina("fit", "p.csv", "--target", "y", *words), *parts)
    nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("schema: 99\n", "plan has schema 99"),
        ("a: [1", "is no valid YAML"),
        ("", "holds no plan"),
        ("task: x\n", "its schema is None"),
    ],
)
def test_a_plan_that_is_none(lamina, tmp_path, content, part):
    refused(lamina("fit", write(tmp_path / "plan.yaml", content)), part)
    nothing_left(tmp_path)


def test_a_missing_plan(lamina, tmp_path):
    refused(lamina("fit", "plan.yaml"), "cannot read the plan plan.yaml")
    nothing_left(tmp_path)


def test_a_plan_whose_data_is_gone(lamina, tmp_path):
    rows().write_csv(tmp_path / "p.csv")
    assert lamina("plan", "p.csv", "--target", "y", "--out", "plan.yaml").code == 0
    (tmp_path / "p.csv").unlink()
    refused(lamina("fit", "plan.yaml"), "p.csv")
    nothing_left(tmp_path)


def test_a_damaged_bundle(lamina, tmp_path):
    run = copy_of(finished("binary"), tmp_path / "run")
    path = run.folder.model / "network.safetensors"
    path.write_bytes(path.read_bytes()[:-7])
    table(5).write_csv(tmp_path / "new.csv")
    refused(lamina("predict", "run", "new.csv"), "network.safetensors", "Copy the whole folder")
    refused(lamina("score", "run", "new.csv"), "network.safetensors")


def test_rows_without_a_column_the_model_needs(lamina, tmp_path):
    table(5).drop("colour").write_csv(tmp_path / "new.csv")
    refused(lamina("predict", finished("binary").path, "new.csv"), "'colour'", "missing")


def test_a_folder_that_holds_something_else(lamina, tmp_path):
    rows().write_csv(tmp_path / "p.csv")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    refused(lamina("fit", "p.csv", "--target", "y", "--out", "mine"), "mine is not empty")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_a_place_that_cannot_be_written(lamina, tmp_path, monkeypatch):
    rows().write_csv(tmp_path / "p.csv")
    real = type(tmp_path).mkdir

    def read_only(self, *args, **options):
        if self.name.startswith(("runs", "p-")):
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **options)

    monkeypatch.setattr(type(tmp_path), "mkdir", read_only)
    refused(
        lamina("fit", "p.csv", "--target", "y"), "cannot write to", "Permission denied", "--out"
    )


def test_a_full_disk_while_checkpointing_keeps_the_last_good_one(lamina, tmp_path, monkeypatch):
    rows().write_csv(tmp_path / "p.csv")
    real, calls = os.fsync, []

    def full(handle):
        target = os.readlink(f"/proc/self/fd/{handle}")
        if "/checkpoint/" in target:
            calls.append(target)
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    done = lamina("fit", "p.csv", "--target", "y", "--overrule", "--json", *TINY)
    assert done.code == 0
    assert calls
    run = Run(done.json["run"])
    assert run.status == "done"
    assert list(run.folder.checkpoint.iterdir()) == []
    assert "No space left on device" in run.folder.log.read_text()


def test_a_full_disk_while_writing_the_model_loses_nothing(lamina, tmp_path, monkeypatch):
    rows().write_csv(tmp_path / "p.csv")
    real = os.fsync

    def full(handle):
        if "/model/" in os.readlink(f"/proc/self/fd/{handle}"):
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        done = lamina("fit", "p.csv", "--target", "y", "--overrule", "--out", "run", *TINY)
    assert done.code == 2
    assert "cannot write to run: No space left on device" in done.err
    assert "Nothing is lost" in done.err
    assert Run("run").status == "unfinished"
    assert lamina("resume", "run").code == 0
    assert Run("run").status == "done"
    assert list((tmp_path / "run").glob("**/*.tmp")) == []
