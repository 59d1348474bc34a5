"""Files of the UCR and UEA archives."""

import gzip

import pytest

from lamina.core.errors import DataError
from lamina.data.sources.open import open_source

HEAD = "# a comment\n@problemName Made\n@timeStamps false\n@classLabel true a b\n@data\n"
ROW = "7," + ",".join(str(i / 2) for i in range(10)) + "\n"


@pytest.fixture
def ts(tmp_path):
    def write(text, name="Made_TRAIN.ts"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_a_series_per_line_and_its_label(ts) -> None:
    source = open_source(str(ts(HEAD + "1,2,?,4:a\n\n5.5,NaN:b\n")))
    frame = source.read()
    assert source.target == "label"
    assert frame["series"].to_list() == [[1.0, 2.0, None, 4.0], [5.5, None]]
    assert frame["label"].to_list() == ["a", "b"]
    assert source.modalities == {"series": "series", "label": "category"}


def test_channels_become_steps(ts) -> None:
    frame = open_source(str(ts(HEAD + "1,2:10,20,30:a\n3:30:b\n"))).read()
    assert frame["series"].to_list() == [[[1.0, 10.0], [2.0, 20.0], [None, 30.0]], [[3.0, 30.0]]]


def test_targets_that_are_numbers(ts) -> None:
    text = HEAD.replace("@classLabel true a b", "@targetlabel true") + "1,2:3.5\n"
    source = open_source(str(ts(text)))
    assert source.read()["label"].to_list() == [3.5]
    assert source.modalities == {"series": "series"}


def test_lines_that_cannot_be_read_are_put_aside(ts) -> None:
    source = open_source(str(ts(HEAD + "1,2:a\n1,x:b\n1:2:3:a\n")))
    assert source.read().height == 1
    assert [problem.what for problem in source.problems] == [
        "holds 'x', which is no number",
        "has 3 channels, and the others have 1",
    ]
    assert source.problems[0].where.endswith("line 7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@problemName x\n1,2:a\n", "stands before @data"),
        ("@problemName x\n", "no line @data"),
        (HEAD.replace("@timeStamps false", "@timeStamps true") + "(0,1):a\n", "time stamps"),
        (HEAD, "no rows"),
        ("", "no line @data"),
    ],
)
def test_what_is_no_file_of_series_says_why(ts, text, message) -> None:
    with pytest.raises(DataError, match=message):
        open_source(str(ts(text))).read()


def test_a_table_of_the_archive_has_its_label_first(tmp_path) -> None:
    path = tmp_path / "Made_TEST"
    path.write_text(ROW + ROW.replace("7,", "1.0000e+00\t").replace(",", "\t"))
    frame = open_source(str(path)).read()
    assert frame["label"].to_list() == ["7", "1"]
    assert frame["series"].list.len().to_list() == [10, 10]
    packed = tmp_path / "Made_TRAIN.tsv.gz"
    packed.write_bytes(gzip.compress(ROW.encode()))
    assert open_source(str(packed)).read()["series"].list.len().to_list() == [10]


def test_tables_of_other_names_stay_tables(tmp_path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(ROW * 3)
    assert "series" not in open_source(str(path)).read().columns
    named = tmp_path / "people_train.csv"
    named.write_text(",".join(f"c{i}" for i in range(12)) + "\n" + ROW.strip() + ",1\n")
    assert "c0" in open_source(str(named)).read().columns


def test_a_folder_of_two_parts_gives_the_split(ts, tmp_path) -> None:
    ts(HEAD + "1,2:a\n", "Made_TEST.ts")
    ts(HEAD + "3,4:b\n5,6:a\n", "Made_TRAIN.ts")
    (tmp_path / "README.txt").write_text("about")
    frame = open_source(str(tmp_path)).read()
    assert frame["split"].to_list() == ["train", "train", "test"]


def test_parts_that_do_not_belong_together_are_refused(ts, tmp_path) -> None:
    ts(HEAD + "1,2:a\n", "Made_TEST.ts")
    ts(HEAD + "3,4:5,6:a\n", "Made_TRAIN.ts")
    with pytest.raises(DataError, match="hold different series"):
        open_source(str(tmp_path))
