from lamina.runtime.word_groups import MOST_PARTS, grouped, parts_of_tags, runs_of


def test_pieces_make_up_words_where_there_are_blanks() -> None:
    assert grouped(["A", " do", "g", " runs", "."]) == [[0], [1, 2], [3, 4]]
    assert grouped(["a", " ", " ", "b"]) == [[0], [1, 2, 3]]
    assert grouped([]) == []
    assert grouped(list("日本" * 30)) == [[place] for place in range(60)]


def test_runs_of_words_have_so_many_each_and_the_last_what_is_left() -> None:
    assert runs_of(["a", "b", "c"], 2) == ["a b", "c"]
    assert runs_of([" a", " b"], 5, glue="") == [" a b"]
    assert runs_of([], 1) == []


def test_tags_are_told_beside_their_words_and_in_long_sentences_those_in_spans() -> None:
    assert parts_of_tags(["in", "Rome"], ["O", "B-x"]) == [("in/O", [0]), ("Rome/B-x", [1])]
    words, tags = ["w"] * (MOST_PARTS + 1), ["O"] * MOST_PARTS + ["B-x"]
    assert parts_of_tags(words, tags) == [("w/B-x", [MOST_PARTS])]
    assert len(parts_of_tags(words, ["NN"] * len(words))) == MOST_PARTS
