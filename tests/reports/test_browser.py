"""The page in a real browser: silent, offline, no wider than a phone, deaf to its data."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lamina.reports.render import render_report
from tests.reports.browser import Browser, find_browser
from tests.reports.examples import EXAMPLES, hostile

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium is installed"),
]

WIDER_THAN_PAGE = """
Array.from(document.querySelectorAll("body *")).filter(function (node) {
  var box = node.getBoundingClientRect();
  if (!box.width || node.closest(".scroll, .matrix, nav ul, pre")) return false;
  return box.right > document.documentElement.clientWidth + 1 || box.left < -1;
}).map(function (node) { return node.outerHTML.slice(0, 120); }).slice(0, 5)
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    running = Browser(tmp_path_factory.mktemp("browser"))
    yield running
    running.close()


def _complaints(browser: Browser) -> list[object]:
    methods = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    return [event for method in methods for event in browser.names(method)]


def _requests(browser: Browser) -> list[str]:
    urls = [event["request"]["url"] for event in browser.names("Network.requestWillBeSent")]
    return [url for url in urls if not url.startswith("data:image/")]


@pytest.mark.parametrize("is_attacked", [False, True])
@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("width", [360, 1440])
def test_pages_in_a_browser(
    browser: Browser, tmp_path: Path, name: str, width: int, is_attacked: bool
) -> None:
    content = EXAMPLES[name]()
    path = tmp_path / "report.html"
    path.write_text(render_report(hostile(content) if is_attacked else content), encoding="utf-8")
    browser.open(path, width=width)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert browser.run("document.documentElement.scrollWidth") <= width
    # No browser can break some scripts; the page clips such a line instead of growing.
    assert is_attacked or browser.run(WIDER_THAN_PAGE) == []
    assert browser.run("typeof window.hacked") == "undefined"
    assert _complaints(browser) == []
    assert _requests(browser) == [path.as_uri()]
    pictures = "Array.from(document.images).every(i => i.complete && i.naturalWidth > 0)"
    assert browser.run(pictures) is True


def test_colours_follow_the_system_and_the_button(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_report(EXAMPLES["texts"]()), encoding="utf-8")
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open(path, width=800)
    light = browser.run(ground)
    browser.run("document.getElementById('theme').click()")
    dark = browser.run(ground)
    assert (light, dark) == ("rgb(252, 251, 248)", "rgb(20, 23, 26)")
    browser.open(path, width=800, is_dark=True)
    assert browser.run(ground) == dark
    browser.run("document.getElementById('theme').click()")
    assert browser.run(ground) == light
    browser.open(path, width=800, is_dark=True, media="print")
    assert browser.run(ground) == "rgb(255, 255, 255)"


def test_long_sections_are_folded_on_a_phone_and_unfold_when_linked(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_report(EXAMPLES["binary_table"]()), encoding="utf-8")
    is_open = "document.querySelector('#{} details').open"
    browser.open(path, width=360)
    assert browser.run(is_open.format("results")) is True
    assert browser.run(is_open.format("plan")) is False
    browser.run("location.hash = 'plan'; window.dispatchEvent(new HashChangeEvent('hashchange'))")
    assert browser.run(is_open.format("plan")) is True
    browser.open(path, width=1440)
    assert browser.run(is_open.format("plan")) is True


def test_a_forged_script_is_stopped_by_the_policy(browser: Browser, tmp_path: Path) -> None:
    html = render_report(EXAMPLES["texts"]())
    forged = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
    path = tmp_path / "report.html"
    path.write_text(html.replace("<footer>", f"{forged}<footer>"), encoding="utf-8")
    browser.open(path, width=800)
    assert browser.run("typeof window.hacked") == "undefined"
    assert len(_complaints(browser)) >= 2, "the browser says what it refused"
