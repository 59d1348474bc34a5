"""Identities."""

import polars as pl
import pytest
import torch

from lamina.core.errors import BundleError, DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.identity import Identity

OPTIONS = ModalityOptions()


def fitted(cells: list[object] | None = None, **options: object) -> Identity:
    column = pl.Series("who", ["eve", "bob", "eve", "al"] if cells is None else cells)
    return Identity.fit(column, role="target", options=ModalityOptions(**options))


def test_known_identities_are_numbered_and_others_have_numbers_beyond() -> None:
    state = fitted()
    found = state.encode(pl.Series(["al", "bob", "eve", "zoe", "zoe", "yan", None]))
    assert found.values[:3].tolist() == [0, 1, 2]
    zoe, other, yan = found.values[3:6].tolist()
    assert zoe == other >= 3
    assert yan not in (0, 1, 2, zoe)
    assert found.failed.tolist() == [False] * 6 + [True]
    # The same in another process and another run: it follows from the text alone.
    assert fitted(["a", "a", "zoe", "b"]).encode(pl.Series(["yan"])).values[0] - 3 == yan - 3


def test_numbers_are_exact_as_floats() -> None:
    values = fitted().encode(pl.Series([str(i) for i in range(2000)])).values
    assert torch.equal(values.double().long(), values)
    assert len(values.unique()) == 2000


def test_answers_are_names_or_a_question_mark() -> None:
    assert fitted().decode(torch.tensor([2, 0, 99])).to_list() == ["eve", "al", "?"]
    assert fitted().output_size == 3


def test_a_document_gives_the_state_back() -> None:
    assert Identity.from_document(fitted().to_document()) == fitted()
    with pytest.raises(BundleError):
        Identity.from_document({"known": ["one"]})


def test_whole_numbers_are_names_too() -> None:
    assert fitted([3, 1, 3, 20]).known == ("1", "20", "3")


def test_nothing_is_taken_for_identities_unasked() -> None:
    assert Identity.recognise(pl.Series(["a", "b"]), role="target").score == 0


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["a", "a"], "at least two identities"),
        ([None, None], "has no cell"),
        (["a", "b", "c"], "different in each"),
        ([["a"], ["b"], ["a"]], "no names of identities"),
    ],
)
def test_what_cannot_be_recognised_says_why(cells, problem) -> None:
    with pytest.raises(DataError, match=problem):
        fitted(cells)


def test_too_many_are_refused_with_the_setting_that_allows_them() -> None:
    with pytest.raises(DataError, match=r"--set data\.fitting\.max_categories"):
        fitted([*"abca"], max_categories=2)


def test_identities_are_no_input() -> None:
    with pytest.raises(DataError, match="not read"):
        Identity.fit(pl.Series("who", ["a", "b", "a"]), role="input", options=OPTIONS)
    with pytest.raises(DataError, match="not read"):
        fitted().input_spec("who")
