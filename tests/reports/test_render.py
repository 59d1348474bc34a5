"""The page: whole, sound, offline, and safe from its own data."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from lamina.core.records import Finding, Interval
from lamina.reports.content import (
    DataSection,
    Metric,
    ModelScores,
    Picture,
    PlanStep,
    ReportContent,
    ResultSection,
    Summary,
    Verdict,
)
from lamina.reports.pictures import thumbnail_uri
from lamina.reports.render import (
    MOST_COLUMNS,
    PlanRow,
    lead_text,
    plan_rows,
    rank_models,
    render_report,
    section_titles,
)
from tests.reports.examples import (
    ATTACKS,
    EXAMPLES,
    KEPT,
    binary_table,
    hostile,
    regression,
    ten_class_pictures,
)

VOID = {"meta", "img", "br", "link", "input", "base", "hr"}


class Page(HTMLParser):
    """Reads a page, holding its structure, and fails where a tag is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.structure: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.structure.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        target = {"script": self.scripts, "style": self.styles}.get(inside, self.words)
        target.append(data)

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def _assert_offline(page: Page) -> None:
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), f"{tag} has {name}"
        assert name not in {"style", "srcset", "action", "formaction", "background", "poster"}
        if name in {"src", "data"}:
            assert value.startswith("data:image/")
        if tag == "image":
            assert name != "href" or value.startswith("data:image/")
        elif name in {"href", "xlink:href"}:
            assert re.fullmatch(r"#[a-z]+", value)
    tags = {tag for tag, _ in page.structure}
    assert not tags & {"link", "iframe", "object", "embed", "base", "form", "foreignobject", "use"}
    assert len(page.scripts) == len(page.styles) == 1
    assert "url(" not in page.styles[0]
    assert "@import" not in page.styles[0]


@pytest.mark.parametrize("name", EXAMPLES)
def test_pages_are_sound_and_name_no_address(name: str) -> None:
    html = render_report(EXAMPLES[name]())
    _assert_offline(Page(html))
    words = re.sub(r"base64,[A-Za-z0-9+/=]+", "", html)
    assert not re.search(r"https?:|//[a-z]", words)
    assert len(html.encode()) < 400_000


@pytest.mark.parametrize("name", EXAMPLES)
def test_hostile_texts_change_no_markup(name: str) -> None:
    benign, attacked = (
        Page(render_report(EXAMPLES[name]())),
        Page(render_report(hostile(EXAMPLES[name]()))),
    )
    _assert_offline(attacked)
    assert attacked.structure == benign.structure
    assert attacked.scripts == benign.scripts
    assert attacked.styles == benign.styles


@pytest.mark.parametrize("name", EXAMPLES)
def test_hostile_kinds_and_addresses_change_nothing_either(name: str) -> None:
    html = render_report(hostile(EXAMPLES[name](), kept=frozenset()))
    html.encode("utf-8")
    page = Page(html)
    _assert_offline(page)
    assert not any(tag == "img" for tag, _ in page.structure)
    assert not set(html) & set("\x00\x07\x1b\x85\u202e\u2066\u200b")


def test_attacks_are_shown_as_the_text_they_are() -> None:
    for attack in ATTACKS[:9]:
        content = ReportContent(title=attack, summary=Summary(text=attack))
        assert Page(render_report(content)).text().count(attack) == 3, attack
    huge = ReportContent(title="x", summary=Summary(text="wide" * 100_000))
    assert (
        len(render_report(huge))
        < len(render_report(replace(huge, summary=Summary(text="")))) + 2_000
    )


def test_the_policy_allows_only_the_own_script_and_style() -> None:
    page = Page(render_report(binary_table()))
    policy = next(v for t, n, v in page.attributes if t == "meta" and "default-src" in v)
    for kind, text in (("script", page.scripts[0]), ("style", page.styles[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy


def test_everything_is_on_the_page() -> None:
    text = Page(render_report(binary_table())).text()
    for words in (
        "The network learnt to tell whether a person earns more than 50K",
        "Not shown to be better than the best baseline",
        "87.41 % 86.77 – 88.05",
        "gradient-boosted trees",
        "Expected calibration error: 0.61 % as delivered, 3.42 % before",
        ">50K answered as <=50K (833, 35.6 %)",
        "worse than all rows together",
        "may be mislabelled",
        "capital-gain",
        "What to do: Nothing: their copies were kept out of the test part.",
        "adult.csv, line 20,114",
        "piecewise linear, 48 bins",
        "float32, 2 threads used",
        "8.52 kJ (0.00237 kWh) 5.90 – 11.3 kJ",
        "kept the schedule was sized to it",
        "lamina fit adult.csv --target income --time 5m --seed 0",
        "9f9f9f9f",
    ):
        assert words in text, words


def test_the_network_and_the_best_are_marked() -> None:
    html = render_report(regression())
    rows = re.findall(
        r"<tr( class=\"network\")?>\s*<th scope=\"row\" class=\"w8\"><bdi>(.*?)</bdi>", html
    )
    assert [name for _, name in rows] == [
        "gradient-boosted trees",
        "network",
        "linear regression",
        "mean of training",
    ]
    assert [name for mark, name in rows if mark] == ["network"]
    assert '<td class="number best">21,120 USD' in html


def test_empty_sections_are_left_out() -> None:
    content = ReportContent(title="x", summary=Summary(text="y"))
    assert list(section_titles(content)) == ["summary"]
    page = Page(render_report(content))
    assert not any(tag == "section" for tag, _ in page.structure)
    assert "explanations" not in section_titles(ten_class_pictures())
    assert "explanations" in section_titles(binary_table())
    assert "Why it answers so" not in render_report(ten_class_pictures())


def test_half_filled_sections_are_shown() -> None:
    content = binary_table()
    assert content.results is not None
    bare = replace(
        content,
        data=DataSection(source="x"),
        plan=(),
        results=replace(content.results, metrics=(), models=(), confusion=None, classes=()),
        findings=(Finding("check", "odd", "message", "", ""),),
    )
    text = Page(render_report(bare)).text()
    assert "odd check message" in text
    assert "Can a stated confidence be believed?" in text


@pytest.mark.parametrize("kind", ["better", "equal", "worse", "unknown", '"><b>'])
def test_verdicts(kind: str) -> None:
    verdict = Verdict(kind=kind, sentence="by 1.2 points")
    page = Page(render_report(ReportContent(title="x", summary=Summary(text="y", verdict=verdict))))
    known = kind if kind in ("better", "equal", "worse") else "unknown"
    assert ("div", "class", f"verdict {known}") in page.attributes
    assert "by 1.2 points" in page.text()


def test_a_broken_budget_is_told() -> None:
    content = binary_table()
    assert content.training is not None
    (budget,) = content.training.budgets
    broken = replace(content.training, budgets=(replace(budget, used=301.0),))
    text = Page(render_report(replace(content, training=broken))).text()
    assert "5 m 01 s 5 m 00 s exceeded" in text


def test_wide_tables_are_cut_with_the_target_first() -> None:
    content = regression()
    assert content.data is not None
    many = replace(content.data, columns=content.data.columns * 20)
    html = render_report(replace(content, data=many))
    assert f"{MOST_COLUMNS} of 1,600 columns are shown" in html
    assert len(html) < 600_000
    data = html[html.index('id="data"') :]
    assert data.index("measure 41") < data.index("measure 0")


def test_a_report_full_of_photographs_stays_small() -> None:
    random = np.random.default_rng(0)
    noise = [random.integers(0, 255, (200, 200, 3), dtype=np.uint8) for _ in range(4)]
    pictures = tuple(Picture(uri=thumbnail_uri(noise[n % 4])) for n in range(200))
    content = ten_class_pictures()
    assert content.data is not None
    mistakes = tuple(
        replace(content.mistakes[0], row=n, picture=picture) for n, picture in enumerate(pictures)
    )
    full = replace(content, data=replace(content.data, pictures=pictures), mistakes=mistakes)
    html = render_report(full)
    assert html.count("<img ") == 32 + 24
    assert len(html.encode()) < 1_500_000


def test_mistakes_show_all_their_cells() -> None:
    rows = binary_table().mistakes
    short = tuple(replace(mistake, text="Braund, Mr. Owen") for mistake in rows)
    long = tuple(replace(mistake, text="Braund, Mr. Owen " * 20) for mistake in rows)
    for mistakes, kind in ((short, "table"), (long, "blockquote")):
        content = ReportContent(title="x", summary=Summary(text="y"), mistakes=mistakes)
        page = Page(render_report(content))
        assert any(tag == kind for tag, _ in page.structure)
        assert page.text().count("Married-civ-spouse") == len(rows)
        assert page.text().count("Braund") >= len(rows)


def test_models_are_ranked_by_the_first_metric() -> None:
    def model(name: str, value: float | None) -> ModelScores:
        scores = {} if value is None else {"loss": Interval(value, value, value)}
        return ModelScores(name=name, kind="baseline", scores=scores)

    models = [model("none", None), model("b", 2.0), model("nan", float("nan")), model("a", 1.0)]
    loss = Metric(name="loss", is_higher_better=False)
    assert [m.name for m in rank_models([loss], models)] == ["a", "b", "none", "nan"]
    up = replace(loss, is_higher_better=True)
    assert [m.name for m in rank_models([up], models)] == ["b", "a", "none", "nan"]
    assert rank_models([], models) == models
    neither = replace(loss, is_higher_better=None)
    assert rank_models([neither], models) == models


def test_the_verdict_is_said_once() -> None:
    sentence = "It beats the trees by 1.2 points."
    verdict = Verdict(kind="better", sentence=sentence)
    summary = Summary(text=f"A network learnt y. {sentence}", verdict=verdict)
    assert lead_text(summary) == "A network learnt y."
    assert lead_text(replace(summary, verdict=None)) == summary.text
    assert lead_text(Summary(text=sentence, verdict=verdict)) == sentence
    assert render_report(ReportContent(title="x", summary=summary)).count(sentence) == 1


def test_plans_are_flattened() -> None:
    deep: dict = {}
    for _ in range(40):
        deep = {"inner": deep}
    step = PlanStep(
        name="a", value={"b": {"c": 1.5}}, reason="r", steps=(PlanStep(name="d", value=[1, 2]),)
    )
    assert plan_rows([step]) == [
        PlanRow(0, "a", "", "r"),
        PlanRow(1, "b", "", ""),
        PlanRow(2, "c", "1.5", ""),
        PlanRow(1, "d", "1, 2", ""),
    ]
    assert len(plan_rows([PlanStep(name="a", value=deep)])) < 12


def _variables(css: str, selector: str) -> dict[str, str]:
    block = css[css.index(selector) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block[: block.index("}")]))


def _contrast(first: str, second: str) -> float:
    def luminance(color: str) -> float:
        parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_both_schemes_can_be_read() -> None:
    css = files("lamina.reports").joinpath("style.css").read_text(encoding="utf-8")
    light, dark = _variables(css, ":root {"), _variables(css, ':root[data-theme="dark"] {')
    assert _variables(css, ':root:not([data-theme="light"]) {') == dark
    assert set(light) == set(dark)
    for scheme in (light, dark):
        # WCAG 2.2: 4.5 for text (1.4.3), 3 for the marks of a chart (1.4.11).
        for ink in ("ink", "soft-ink", "accent", "good", "warn", "bad"):
            for ground in ("paper", "card", "wash"):
                assert _contrast(scheme[ink], scheme[ground]) >= 4.5, (ink, ground)
        for kind in ("good", "warn", "bad"):
            assert _contrast(scheme[kind], scheme[f"{kind}-wash"]) >= 4.5
            assert _contrast(scheme["ink"], scheme[f"{kind}-wash"]) >= 4.5
        assert _contrast(scheme["on-accent"], scheme["accent"]) >= 4.5
        for number in range(6):
            assert _contrast(scheme[f"c{number}"], scheme["paper"]) >= 3, number


def test_kinds_are_a_closed_set() -> None:
    assert {"kind", "severity", "role", "uri", "verdict", "picture", "pictures"} == KEPT


def test_a_metric_without_a_better_side_has_no_winner() -> None:
    metric = Metric(name="coverage", is_higher_better=None, unit="%")
    scores = {"coverage": Interval(1.0, 0.99, 1.0)}
    models = (
        ModelScores(name="a", kind="network", scores=scores, note="fitted on 5 of 9 rows"),
        ModelScores(name="b", kind="baseline", scores={"coverage": Interval(0.9, 0.8, 0.95)}),
    )
    results = ResultSection(metrics=(metric,), models=models)
    page = render_report(ReportContent(title="x", summary=Summary(text="y"), results=results))
    assert 'class="number best"' not in page
    text = Page(page).text()
    assert "fitted on 5 of 9 rows" in text
    assert not any(words in text for words in ("coverage ↑", "coverage ↓", "is better;"))
