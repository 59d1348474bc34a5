from lamina.runtime.word_groups import grouped


def test_pieces_make_up_words_where_there_are_blanks() -> None:
    assert grouped(["A", " do", "g", " runs", "."]) == [[0], [1, 2], [3, 4]]
    assert grouped(["a", " ", " ", "b"]) == [[0], [1, 2, 3]]
    assert grouped([]) == []
    assert grouped(list("日本" * 30)) == [[place] for place in range(60)]
