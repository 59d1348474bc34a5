"""The page for models whose rows are histories, in a real browser, and their requests."""

import pytest

from tests.serving.histories import LastValue
from tests.serving.live import serving
from tests.serving.test_page import _shot, browser, visit  # noqa: F401 - fixtures

DAYS = [f"2024-03-{day:02}" for day in range(1, 21)]
TABLE = "shop,day,sold,open,split\n" + "\n".join(
    f"{shop},{day},{level + n % 7},yes,train"
    for shop, level in (("north", 10), ("south", 500))
    for n, day in enumerate(DAYS)
)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (380, True)])
def test_a_history_is_pasted_and_its_forecast_is_drawn(visit, width, dark) -> None:  # noqa: F811
    with serving({"shops": LastValue()}) as live:
        page = visit(live.url, width=width, dark=dark)
        page.wait_for_selector("#form:not([hidden])")
        # It begins as a typical history, drawn.
        assert page.input_value("#history").startswith("day,sold,open,rain\n2024-01-01,10,yes,0")
        assert page.locator("#form svg.lines").count() == 1
        page.click("#ask")
        page.wait_for_selector("svg.forecast")
        page.fill("#history", TABLE)
        page.select_option("#history-series", "south")
        page.click("#ask")
        page.wait_for_selector("h3:has-text('sold, south')")
        label = page.get_attribute("svg.forecast", "aria-label")
        assert label == "sold: the next 3 steps, 90.0 % of the future expected in the band"
        assert page.locator("svg.forecast polygon.band").count() == 1
        page.click("#result summary")
        assert page.inner_text(".steps tr:nth-child(2)").split() == ["2024-03-21", *["510"] * 3]
        page.wait_for_selector("#explanation svg.lines")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        _shot(page, f"forecast-{width}-{'dark' if dark else 'light'}")


def test_a_file_is_taken_and_bad_ones_are_told(visit, tmp_path) -> None:  # noqa: F811
    path = tmp_path / "north.csv"
    path.write_text("day;sold\n" + "\n".join(f"{day};{n}" for n, day in enumerate(DAYS)))
    with serving({"shops": LastValue()}) as live:
        page = visit(live.url)
        page.wait_for_selector("#form:not([hidden])")
        page.set_input_files("#history-file", str(path))
        for _ in range(100):
            if page.input_value("#history").startswith("day;sold"):
                break
            page.wait_for_timeout(50)
        page.click("#ask")
        page.wait_for_selector("svg.forecast")
        for text, told in (
            ("", "give the past of a series"),
            ("a,b\n1,2", "day is missing"),
            ("day,sold\n2024-01-01,much", 'sold, line 2: wanted a number, got "much"'),
            ("day,sold\n2024-01-02,1\n2024-01-01,2", "in order of time"),
            ("day,sold\n2024-01-01,1\n2024-01-01,2", "came twice"),
            ("day,sold\n2024-01-01,1", "too short"),
        ):
            page.fill("#history", text)
            page.click("#ask")
            page.wait_for_selector(f"#problem:has-text('{told}')")
            assert page.locator("svg.forecast").count() == 0


def test_forecasts_are_answered_explained_and_watched() -> None:
    row = {"day": DAYS, "sold": list(range(20)), "open": "no", "shop": "north"}
    with serving({"shops": LastValue()}) as live:
        told = live.post("/v1/models/shops/predict", {"row": row}).json()["answer"]
        assert told["sold"] == told["sold_q5"] == [19.0] * 3
        assert told["day"] == [f"2024-03-{day}T00:00:00" for day in (21, 22, 23)]
        assert told["shop"] == "north"
        many = live.post("/v1/models/shops/predict", {"rows": [row] * 60}).json()
        assert len(many["answers"]) == 60
        found = live.post("/v1/models/shops/explain", {"row": row}).json()["explanation"]
        assert [one["name"] for one in found["inputs"]] == ["sold", "columns"]
        bad = live.post("/v1/models/shops/predict", {"row": {**row, "day": DAYS[::-1]}})
        assert bad.status_code == 422
        assert bad.json()["error"]["where"] == ["row", "day", 1]
        drift = live.get("/v1/models/shops/drift").json()["columns"]
        figures = {(one["column"], one["figure"]): one["state"] for one in drift}
        assert set(figures) == {("sold", "level"), ("sold", "spread")}
        # Every history has the level 9.5: one bin holds all of them.
        assert figures[("sold", "level")] == "drifted"
        about = live.get("/v1/models/shops").json()
        assert about["history"]["look_back"] == 14
        assert about["answers"][0]["kind"] == "series"
