"""What each word of a written text, or each tag of a word, rests on, in a real browser."""

import pytest

from tests.serving.fakes import Clerk, Scribe
from tests.serving.live import serving
from tests.serving.test_page import _shot, browser, visit  # noqa: F401 - fixtures

TEXT = "the old house stands by the river and nobody <b>has</b> lived there for years"


def _strength(page, word):
    """Return how strongly a word of the column is coloured, from 0 to 1."""
    mark = page.locator(".rests mark", has_text=word).first
    colour = mark.evaluate("(one) => one.style.backgroundColor")
    return float(colour.rsplit(",", 1)[1].rstrip(")"))


def _asked(page):
    page.get_by_label("text", exact=True).fill(TEXT)
    page.get_by_role("button", name="Answer").click()
    page.get_by_text("The text rests on:").wait_for()


def test_words_are_chosen_by_keyboard_and_colour_what_they_rest_on(visit) -> None:  # noqa: F811
    with serving({"scribe": Scribe()}) as live:
        page = visit(live.url)
        _asked(page)
        page.locator(".decision.text", has_text="YEARS FOR THERE").wait_for()
        assert page.locator(".rests b").count() == 0
        assert _strength(page, "house") > 0.3
        _shot(page, "rests-desk-light")
        page.get_by_role("radio", name="all of it").focus()
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        page.get_by_text("“FOR” rests on: for (3)").wait_for()
        assert _strength(page, "for") > 0.5
        assert _strength(page, "house") == 0
        page.get_by_role("radio", name="HOUSE").check()
        page.get_by_text("“HOUSE” rests on: house (3)").wait_for()
        assert _strength(page, "house") > 0.5
        _shot(page, "rests-desk-chosen")


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_words_are_large_enough_for_a_finger(visit, dark) -> None:  # noqa: F811
    with serving({"scribe": Scribe()}) as live:
        page = visit(live.url, width=390, dark=dark)
        _asked(page)
        page.get_by_role("radio", name="RIVER").check()
        page.get_by_text("“RIVER” rests on: river (3)").wait_for()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        small = "[...document.querySelectorAll('button, .chosen span')]"
        small += ".filter((e) => e.offsetParent && e.offsetHeight < 44).map((e) => e.textContent)"
        assert page.evaluate(small) == []
        _shot(page, f"rests-phone-{'dark' if dark else 'light'}")


@pytest.mark.parametrize("width", [1000, 390])
def test_spans_stand_with_their_kinds_and_tags_with_what_they_rest_on(visit, width) -> None:  # noqa: F811
    with serving({"clerk": Clerk()}) as live:
        page = visit(live.url, width=width)
        page.get_by_label("words", exact=True).fill("tell Ann and <b>Bo</b> and Cy the news")
        page.get_by_role("button", name="Answer").click()
        page.get_by_text("The tags rest on:").wait_for()
        assert page.locator(".tagged li").all_inner_texts() == ["Ann\nname", "Cy\nname"]
        assert page.locator("#result b").count() == 0
        page.get_by_text("All tags are right with a probability of 75").wait_for()
        page.get_by_role("radio", name="Ann/B-name").check()
        page.get_by_text("“Ann/B-name” rests on: Ann (2)").wait_for()
        assert _strength(page, "Ann") > 0.5
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        _shot(page, f"tags-{width}")


def test_tags_that_mark_no_spans_stand_with_their_words(visit) -> None:  # noqa: F811
    with serving({"clerk": Clerk(marks_spans=False)}) as live:
        page = visit(live.url)
        page.get_by_label("words", exact=True).fill("call Ann")
        page.get_by_role("button", name="Answer").click()
        page.get_by_text("The tags rest on:").wait_for()
        assert page.locator(".tagged li").all_inner_texts() == ["call\nO", "Ann\nB-name"]
        page.get_by_label("words", exact=True).fill(" ".join(["w"] * 70))
        page.get_by_role("button", name="Answer").click()
        page.locator(".decision.text", has_text="O O O").wait_for()
        page.get_by_label("words", exact=True).fill("")
        page.get_by_role("button", name="Answer").click()
        page.get_by_text("the sentence has no words").wait_for()
