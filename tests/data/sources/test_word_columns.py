"""Files of tagged words."""

from pathlib import Path

import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.data.sources.base import SourceOptions
from lamina.data.sources.open import open_source
from lamina.data.sources.prose import is_prose
from lamina.data.sources.word_columns import WordColumnSource, cells_of, is_word_columns

CONLL = """-DOCSTART- -X- O O

EU NNP I-NP I-ORG
rejects VBZ I-VP O
German JJ I-NP I-MISC

Peter NNP I-NP I-PER
Blackburn NNP I-NP I-PER

"""
CONLLU = (
    "# sent_id = 1\n# text = I go\n1-2\tI'm\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tI\tI\tPRON\tPRP\t_\t2\tnsubj\t_\t_\n2\tgo\tgo\tVERB\tVBP\t_\t0\troot\t_\t_\n"
    "2.1\tx\t_\t_\t_\t_\t_\t_\t_\t_\n\n1\t#\t#\tSYM\tSYM\t_\t0\troot\t_\t_\n"
)


def test_a_sentence_is_a_row_of_lists(tmp_path: Path, check_source) -> None:
    path = tmp_path / "eng.testa"
    path.write_text(CONLL)
    source = open_source(path)
    check_source(source)
    assert source.read().rows() == [
        (
            ["EU", "rejects", "German"],
            ["NNP", "VBZ", "JJ"],
            ["I-NP", "I-VP", "I-NP"],
            ["I-ORG", "O", "I-MISC"],
        ),
        (["Peter", "Blackburn"], ["NNP", "NNP"], ["I-NP", "I-NP"], ["I-PER", "I-PER"]),
    ]
    assert source.target == "ner"
    assert source.modalities == {"words": "words"} | dict.fromkeys(
        ("pos", "chunk", "ner"), "tag_sequence"
    )


def test_conllu_gives_forms_and_universal_tags(tmp_path: Path, check_source) -> None:
    path = tmp_path / "en.conllu"
    path.write_text(CONLLU)
    source = open_source(path)
    check_source(source)
    frame = source.read()
    assert frame.columns == ["words", "lemma", "upos", "xpos", "relation"]
    assert frame["words"].to_list() == [["I", "go"], ["#"]]
    assert frame["upos"].to_list() == [["PRON", "VERB"], ["SYM"]]
    assert source.target == "upos"


def test_other_scripts_emoji_and_strange_blanks(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(
        "दिल्ली\tB-LOC\r\n🙂\tO\r\n\r\nNew\u00a0York\tB-LOC\r\na\u2028b\tO\r\n", newline=""
    )
    frame = open_source(path).read()
    assert frame["words"].to_list() == [["दिल्ली", "🙂"], ["New\u00a0York", "a\u2028b"]]
    assert frame["tags"].to_list() == [["B-LOC", "O"], ["B-LOC", "O"]]


def test_words_alone_have_no_target(tmp_path: Path) -> None:
    path = tmp_path / "new.conll"
    path.write_text("EU\nrejects\n\nPeter\n")
    source = open_source(path)
    assert source.target is None
    assert source.read()["words"].to_list() == [["EU", "rejects"], ["Peter"]]


def test_sentences_with_other_columns_are_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.bio"
    path.write_text("EU B-ORG\nsays O\n\nbad\nO O\n\nPeter B-PER x\n\nNice O\n")
    source = WordColumnSource(path)
    assert source.read()["words"].to_list() == [["EU", "says"], ["Nice"]]
    assert [problem.where for problem in source.problems] == [f"{path}, line 4", f"{path}, line 7"]
    assert "it has 1 columns, and the first 2" in source.problems[0].what


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.txt", CONLL, True),
        ("a.train", CONLL, True),
        ("train", CONLL, True),
        ("a.tsv", "The\tDT\ncat\tNN\n\nA\tDT\ndog\tNN\n", True),
        ("a.conll", "EU\n\nPeter\n", True),
        ("a.csv", CONLL, False),
        ("a.txt", CONLL.replace("\n\n", "\n"), False),
        ("a.txt", "1.5 2.5\n3.5 2.5\n\n1.5 3.5\n2.5 3.5\n", False),
        ("a.txt", "one two\nthree four\n\nfive six\nseven eight\n", False),
        ("a.txt", "a line of prose\n\nand another one\n", False),
        ("a.txt", "", False),
        ("a.txt", "a\0b c\n\nd e\n", False),
    ],
)
def test_tagged_words_are_told_from_tables_and_prose(tmp_path: Path, name, content, wanted) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert is_word_columns(path) == wanted
    if wanted and path.suffix == ".txt":
        assert not is_prose(path)


def test_a_line_of_a_megabyte_is_one_word(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(f"{'x' * 1_000_000} O\nEU B-ORG\n")
    assert open_source(path).read()["words"].list.len().to_list() == [2]


def test_nothing_to_read_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("-DOCSTART- -X- O O\n\n\n")
    with pytest.raises(DataError, match="holds no words"):
        open_source(path)
    path.write_text(CONLL)
    with pytest.raises(ConfigError, match="delimiter has no effect on a file of tagged words"):
        open_source(path, options=SourceOptions(delimiter=" "))


def test_cells_are_parted_by_tabs_or_blanks() -> None:
    assert cells_of("New York\tB-LOC") == ["New York", "B-LOC"]
    assert cells_of("EU  NNP ") == ["EU", "NNP"]
    assert cells_of("   ") == []
