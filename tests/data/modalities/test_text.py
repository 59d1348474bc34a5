"""Tests of the text modality."""

import json

import polars as pl
import pytest

from lamina.core.errors import BundleError, DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.text import Text, tokenise


def fit(cells, **options):
    return Text.fit(pl.Series("t", cells), role="input", options=ModalityOptions(**options))


@pytest.mark.parametrize(
    ("cell", "tokens"),
    [
        ("Don't STOP, now!", ["don't", "stop", ",", "now", "!"]),
        ("a<br /><br>b", ["a", "b"]),
        ("naïve café", ["naïve", "café"]),
        ("3.5 km", ["3", ".", "5", "km"]),
        ("日本語 ok", ["日", "本", "語", "ok"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("привет мир", ["привет", "мир"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ok 👍🏽👨‍👩‍👧❤️", ["ok", "👍🏽", "👨‍👩‍👧", "❤️"]),
        ("zero\u200bwidth", ["zero", "width"]),
    ],
)
def test_tokens_in_any_script(cell, tokens):
    assert tokenise(pl.Series([cell])).to_list() == [tokens]


def test_ids_by_frequency_with_padding_0_and_empty_1():
    state = fit(["b b b a a c", "b"])
    assert state.words == ("b", "a", "c")
    ragged = state.encode(pl.Series(["a b", "", None, "c"])).values
    assert ragged.values.tolist() == [3, 2, 1, 1, 4]
    assert ragged.offsets.tolist() == [0, 2, 3, 4, 5]
    assert state.input_spec("t").vocabulary_size == 5
    assert [state.spell(token) for token in (0, 1, 2)] == ["(padding)", "(empty)", "b"]


def test_length_and_vocabulary_are_bounded():
    state = fit(["a a a b b c"], max_words=2, max_length=3)
    assert state.words == ("a", "b")
    assert state.encode(pl.Series(["a b c a b"])).values.lengths.tolist() == [3]


def test_new_words_have_stable_ids_of_their_own_beyond_the_vocabulary():
    state = fit(["a b"])
    first = state.encode(pl.Series(["xylophone yes a"])).values.values
    again = state.encode(pl.Series(["a", "yes xylophone"])).values.values
    assert first[0] == again[2] > 4
    assert first[1] == again[1] > 4
    assert first[0] != first[1]
    assert state.spell(int(first[0])) == "(rare word)"


def test_the_spec_tells_how_each_word_is_spelt():
    spec = fit(["walking talking walked"] * 2).input_spec("t")
    assert spec.vocabulary_size == len(spec.spellings) == 5
    words = {w: spec.spellings[2 + i] for i, w in enumerate(["talking", "walked", "walking"])}
    assert words["walking"][0] == words["walked"][0] != words["talking"][0]
    assert words["walking"][1] == words["talking"][1] != words["walked"][1]
    assert not spec.spellings[:2].any()


def test_words_seen_once_are_left_out_of_large_columns():
    assert fit(["common words"] * 300 + ["unique"]).words == ("common", "words")


def test_recognition():
    reviews = pl.Series([f"this film number {i} was quite good" for i in range(30)])
    assert Text.recognise(reviews).score == 0.85
    assert (
        Text.recognise(pl.Series([f"我喜欢这部电影因为它很好{i}" for i in range(30)])).score == 0.85
    )
    assert Text.recognise(pl.Series(["red", "green"] * 20)).score < 0.5
    assert Text.recognise(pl.Series(["never married at all"] * 99)).score < 0.5
    assert Text.recognise(pl.Series([1, 2])).score == 0
    assert Text.recognise(reviews, role="target").score == 0.85
    assert Text.recognise(pl.Series(["red", "green"] * 20), role="target").score == 0


def test_targets_are_cut_without_loss_and_words_are_needed():
    with pytest.raises(DataError, match="a target as text"):
        Text.fit(pl.Series("t", ["a"]), role="target", options=ModalityOptions())
    with pytest.raises(DataError, match="no cell of 2"):
        fit(["", None])


@pytest.fixture
def pieces(tmp_path):
    """A column cut into the pieces of a published model."""
    (tmp_path / "config.json").write_text("{}")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "##s"]
    (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n")
    return fit(["a"], tokeniser=str(tmp_path), max_length=4)


def test_texts_are_cut_as_a_published_model_wants_them(pieces):
    rows = pieces.encode(pl.Series(["Good films", "good bad film good", "", None])).values
    # The ids are the places in the vocabulary, from 2 on; four at most, marks included.
    parts = [row.tolist() for row in rows.values.split(rows.lengths.tolist())]
    assert parts == [[4, 6, 8, 5], [4, 6, 7, 5], [4, 5], [4, 5]]
    spec = pieces.input_spec("t")
    assert (spec.vocabulary_size, spec.spellings) == (10, None)
    assert pieces.spell(9) == "##s"


def test_the_cutting_survives_its_document_and_damage_is_refused(pieces):
    document = json.loads(json.dumps(pieces.to_document()))
    back = Text.from_document(document)
    assert back == pieces
    column = pl.Series(["good films"])
    assert (
        back.encode(column).values.values.tolist() == pieces.encode(column).values.values.tolist()
    )
    for nonsense in (None, {"name": "x"}, document["subwords"] | {"first": [99]}):
        with pytest.raises(BundleError, match="'subwords' of a text"):
            Text.from_document(document | {"subwords": nonsense})
