"""Simple taggers."""

import numpy as np
import pytest

from lamina.evaluation.tag_baselines import TAGGERS, TaggedWords, most_frequent, word_window


def _tagged(words, tags=None, looks=None, sentences=None) -> TaggedWords:
    words = np.array(words, dtype=np.int64)
    return TaggedWords(
        words,
        np.array(looks if looks is not None else words % 3).reshape(len(words), 1),
        np.array(sentences if sentences is not None else np.zeros_like(words)),
        np.array(tags if tags is not None else np.ones_like(words)),
    )


def test_each_word_has_its_most_frequent_tag_and_new_ones_that_of_all() -> None:
    known = _tagged([7, 7, 7, 9, 9, 5], [2, 3, 3, 1, 1, 1])
    # 7 was 3 twice and 2 once; 9 and 5 were 1; 1 is the most frequent of all.
    assert most_frequent(known, _tagged([5, 7, 8, 9]), 0).tolist() == [1, 3, 1, 1]


def test_a_window_sees_neighbours_of_the_same_sentence_only() -> None:
    chance = np.random.default_rng(0)
    words = chance.integers(2, 6, 4000)
    sentences = np.arange(4000) // 4
    # A word is tagged 2 where it follows a 3 in its sentence.
    follows = np.concatenate([[False], (words[:-1] == 3) & (sentences[:-1] == sentences[1:])[:]])
    tags = 1 + follows
    known, asked = (
        TaggedWords(words[part], words[part, None] % 2, sentences[part], tags[part])
        for part in (slice(0, 3000), slice(3000, None))
    )
    assert np.mean(word_window(known, asked, 0) == asked.tags) > 0.99
    assert np.mean(most_frequent(known, asked, 0) == asked.tags) < 0.9


@pytest.mark.parametrize("name", TAGGERS)
def test_one_tag_or_no_words_are_answered(name) -> None:
    method = TAGGERS[name].value
    assert method(_tagged([3, 4], [5, 5]), _tagged([9]), 0).tolist() == [5]
    assert method(_tagged([3, 4], [5, 5]), _tagged([]), 0).tolist() == []
