"""What each word of a written text rests on, in a real browser."""

import pytest

from tests.serving.fakes import Scribe
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
