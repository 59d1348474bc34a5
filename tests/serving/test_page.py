"""The page in a real browser, and its files."""

import os
import re
import shutil
from pathlib import Path

import httpx
import pytest
from PIL import Image

from lamina.runtime.signature import Answer, Field
from lamina.serving.page import PAGE, read_page
from tests.serving.fakes import AGE, PHOTO, Parrot, Price, Shop
from tests.serving.live import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = os.environ.get("LAMINA_SHOTS", "")
"""Folder for pictures of the page, to be looked at."""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def visit(browser):
    """Open a page; what the browser complains of fails the test."""
    opened = []

    def go(url, *, width=1280, dark=False):
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: page.complaints.append("a dialog opened"))
        page.goto(url)
        opened.append((context, page))
        return page

    yield go
    for context, page in opened:
        context.close()
        assert page.complaints == []


def _shot(page, name) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("path", PAGE)
def test_the_files_are_sent_without_a_token_and_under_a_strict_policy(path) -> None:
    with serving({"shop": Shop()}, token="correct-horse") as live:
        answer = live.get(path)
    content, kind = read_page(path)
    assert answer.content == content
    assert answer.headers["content-type"] == kind
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    page = read_page("/")[0].decode()
    assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", page)
    for path in PAGE:
        text = read_page(path)[0].decode().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text


def test_by_keyboard_alone_from_the_form_to_the_explanation(visit) -> None:
    with serving({"shop": Shop()}) as live:
        page = visit(live.url)
        age = page.get_by_label("age")
        age.wait_for()
        assert age.input_value() == "45"
        age.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("70")
        page.keyboard.press("Tab")
        page.keyboard.type("green")
        page.keyboard.press("Tab")
        for _ in range(10):
            if page.evaluate("document.activeElement.id") == "ask":
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("What speaks for: buys is yes").wait_for()
        assert page.locator(".decision").inner_text().split() == ["buys", "yes"]
        named = page.locator("#explanation .bars th").all_inner_texts()
        assert named[0] in ("age", "colour")
        assert page.locator("#explanation mark").count() == 3
        _shot(page, "table-desk-light")


def test_numbers_that_are_none_are_told_before_anything_is_sent(visit) -> None:
    with serving({"price": Price()}) as live:
        page = visit(live.url)
        page.get_by_label("age").fill("forty")
        page.get_by_role("button", name="Answer").click()
        page.get_by_text('age: wanted a number, got "forty".').wait_for()
        page.get_by_label("age").fill("40,5")
        page.get_by_role("button", name="Answer").click()
        page.locator(".decision", has_text="81").wait_for()


def _wait_for_text(page, length) -> None:
    """Wait until more than so many characters are written; the page lets no text be evaluated."""
    size = "document.querySelector('.written')?.textContent.length ?? 0"
    for _ in range(200):
        if page.evaluate(size) > length:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"only {page.evaluate(size)} characters were written")


def test_a_text_is_written_on_as_it_comes_by_keyboard_alone(visit) -> None:
    parrot = Parrot()
    with serving({"parrot": parrot}) as live:
        page = visit(live.url)
        page.get_by_label("Beginning").wait_for()
        page.get_by_label("Beginning").focus()
        page.keyboard.type("Once <b>upon</b>")
        page.keyboard.press("Enter")
        page.keyboard.type("a time, ")
        parrot.seconds = 0.01
        page.keyboard.press("Control+Enter")
        text = page.get_by_label("the text", exact=True)
        _wait_for_text(page, 60)
        early = text.inner_text()
        assert page.get_by_text("writing …").count() == 1
        _shot(page, "writing-desk-light")
        page.get_by_text("256 tokens; it is as long as was asked for").wait_for()
        whole = text.inner_text()
        assert whole.startswith(early)
        assert whole.startswith("Once <b>upon</b>\na time, Once <b>upon</b>\na time, Once")
        assert page.locator(".written b").count() == 0
        parrot.seconds = 0.0
        page.get_by_role("button", name="Go on from here").press("Enter")
        _wait_for_text(page, len(whole) + 200)
        assert page.get_by_label("Beginning").input_value() == whole


def test_writing_can_be_stopped_and_is_then_not_gone_on_with(visit) -> None:
    parrot = Parrot()
    parrot.seconds = 0.01
    with serving({"parrot": parrot}) as live:
        page = visit(live.url)
        page.get_by_label("Beginning").fill("la ")
        page.get_by_text("Settings").click()
        page.get_by_label("Most tokens").fill("4000")
        page.get_by_role("button", name="Write", exact=True).click()
        _wait_for_text(page, 10)
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_text("stopped").wait_for()
        page.wait_for_timeout(200)
        steps = parrot.steps
        page.wait_for_timeout(200)
        assert parrot.steps == steps
        assert page.get_by_role("button", name="Stop", exact=True).count() == 0


def test_settings_of_writing_are_taken_and_wrong_ones_told(visit) -> None:
    with serving({"parrot": Parrot()}) as live:
        page = visit(live.url)
        page.get_by_label("Beginning").fill("one\ntwo\n")
        page.get_by_text("Settings").click()
        page.get_by_label("Texts").fill("3")
        page.get_by_label("Stop at").fill("\\nt")
        page.get_by_role("button", name="Write", exact=True).click()
        page.get_by_text("it ended where it should stop").first.wait_for()
        assert page.locator(".written").all_inner_texts() == ["one\ntwo\none"] * 3
        page.get_by_label("Temperature").fill("hot")
        page.get_by_role("button", name="Write", exact=True).click()
        page.get_by_text('Temperature: wanted a number from 0 to 100, got "hot".').wait_for()
        assert page.evaluate("document.activeElement.id") == "write-temperature"
        # The same model still says how likely a text is.
        page.get_by_label("text", exact=True).fill("abc")
        page.get_by_role("button", name="Answer").click()
        page.locator(".decision", has_text="bits_per_byte").wait_for()
        assert page.locator(".written").count() == 0


@pytest.mark.parametrize("dark", [False, True])
def test_writing_fits_on_a_phone(visit, dark) -> None:
    with serving({"parrot": Parrot()}) as live:
        page = visit(live.url, width=390, dark=dark)
        page.get_by_label("Beginning").fill("A word longer than any screen: " + "x" * 80 + "\n")
        page.get_by_text("Settings").click()
        page.get_by_role("button", name="Write", exact=True).click()
        page.get_by_text("it is as long as was asked for").wait_for()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        small = "[...document.querySelectorAll('button, input, select, textarea')]"
        small += ".filter((e) => e.offsetParent && e.offsetHeight < 44).map((e) => e.id)"
        assert page.evaluate(small) == []
        _shot(page, f"writing-phone-{'dark' if dark else 'light'}")


def test_a_model_that_writes_nothing_offers_nothing_to_write(visit) -> None:
    with serving({"parrot": Parrot(), "shop": Shop()}) as live:
        page = visit(live.url)
        page.get_by_label("Beginning").wait_for()
        page.get_by_label("Model").select_option("shop")
        page.get_by_label("age").wait_for()
        assert not page.get_by_label("Beginning").is_visible()


def test_a_picture_by_upload(visit, tmp_path) -> None:
    with serving({"photos": Shop("photos", PHOTO)}) as live:
        page = visit(live.url, dark=True)
        _two_tone(tmp_path / "p.png")
        page.get_by_label("photo").set_input_files(str(tmp_path / "p.png"))
        page.get_by_alt_text("the picture chosen for photo").wait_for()
        page.get_by_role("button", name="Answer").click()
        page.get_by_role("img", name="which parts of the picture").wait_for()
        _shot(page, "picture-desk-dark")
        page.get_by_role("button", name="Empty all").click()
        assert page.get_by_alt_text("the picture chosen for photo").count() == 0


def _two_tone(path) -> None:
    """Write a picture whose upper left quarter is light."""
    picture = Image.new("RGB", (60, 40), (40, 60, 90))
    picture.paste((250, 240, 220), (10, 0, 30, 20))
    picture.save(path)


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_is_wider_than_the_screen(visit, dark) -> None:
    with serving({"shop": Shop(), "photos": Shop("photos", PHOTO, AGE)}) as live:
        page = visit(live.url, width=390, dark=dark)
        page.get_by_label("age").wait_for()
        page.get_by_role("button", name="Answer").click()
        page.get_by_text("What speaks for").wait_for()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        small = "[...document.querySelectorAll('button, input, select, textarea')]"
        small += ".filter((e) => e.offsetParent && e.offsetHeight < 44).map((e) => e.id)"
        assert page.evaluate(small) == []
        _shot(page, f"table-phone-{'dark' if dark else 'light'}")


def test_names_and_levels_that_look_like_markup_stay_text(visit) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    field = Field(
        name=nasty, modality="category", levels=(nasty, "b"), shares=(0.6, 0.4), typical=nasty
    )
    shop = Shop("shop", field, AGE, bias=1.0)
    shop.signature = type(shop.signature)(
        name=nasty,
        task="classification",
        fields=shop.signature.fields,
        answers=(
            *shop.signature.answers[:3],
            Answer(name="probability_yes", kind="probability", target=nasty, label=nasty),
        ),
    )
    with serving({"shop": shop}) as live:
        page = visit(live.url)
        page.get_by_role("button", name="Answer").click()
        page.get_by_text(f"What speaks for: {nasty} is true").wait_for()
        assert page.locator("img").count() == 0


def test_two_values_that_are_no_truth_words_are_chosen_by_their_names(visit) -> None:
    field = Field(
        name="sex",
        modality="boolean",
        levels=("male", "female"),
        shares=(0.6, 0.4),
        typical="female",
    )
    shop = Shop("shop", field)
    seen = []
    shop._answer = lambda row: seen.append(row["sex"]) or Shop._answer(shop, row)
    with serving({"shop": shop}) as live:
        page = visit(live.url)
        page.get_by_role("button", name="Answer").click()
        page.get_by_text("What speaks for").wait_for()
        assert page.get_by_label("sex").locator("option:checked").inner_text() == "female"
        seen.clear()
        page.get_by_label("sex").select_option("male")
        page.get_by_role("button", name="Answer").click()
        page.locator("#ask:not([disabled])").wait_for()
    assert seen[0] == "male"


def test_a_token_is_asked_for_and_a_wrong_one_is_told(visit) -> None:
    with serving({"shop": Shop()}, token="correct-horse") as live:
        page = visit(live.url)
        box = page.get_by_label("This server wants a token")
        box.fill("wrong-horse")
        page.keyboard.press("Enter")
        page.get_by_text("The server does not know this token.").wait_for()
        box.fill("correct-horse")
        page.keyboard.press("Enter")
        page.get_by_label("age").wait_for()
        assert not box.is_visible()


def test_several_models_and_their_drift(visit) -> None:
    with serving({"shop": Shop(), "price": Price()}) as live:
        httpx.post(
            f"{live.url}/v1/models/price/predict",
            json={"rows": [{"age": 99, "colour": "blue"}] * 200},
            trust_env=False,
        )
        page = visit(live.url)
        page.get_by_label("Model").select_option("price")
        page.get_by_role("heading", name="price").wait_for()
        page.get_by_text("Do the rows that come look like training?").click()
        page.get_by_role("cell", name="drifted").first.wait_for()
