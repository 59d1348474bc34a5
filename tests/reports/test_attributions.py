"""Explanations drawn."""

import re

import pytest

from lamina.core.records import Interval
from lamina.explanation.records import CurveRecord, FeatureAttribution, InputAttribution
from lamina.reports.attributions import (
    aligned,
    check_curves,
    columns_chart,
    layers_chart,
    map_chart,
    picture_chart,
    words_markup,
)
from tests.reports.examples import row_explanation

COLUMNS, PICTURE, WORDS = row_explanation().inputs


def test_bars_stand_on_the_side_of_their_sign_and_the_longest_first():
    svg = str(columns_chart(COLUMNS, "log-odds"))
    names = re.findall(r'class="name strong"[^>]*>([^<]+)<', svg)
    assert names == ["capital-gain", "marital-status", "age"]
    bars = re.findall(r'<rect x="([\d.]+)"[^>]*width="([\d.]+)"[^>]*class="bar (c\d)"', svg)
    (first, _, third) = [(float(x), float(w), kind) for x, w, kind in bars]
    assert first == (190.0, 182.0, "c0")
    assert third[2] == "c1"
    assert third[0] + third[1] == pytest.approx(190.0, abs=0.02)
    assert third[1] == pytest.approx(182 * 0.4 / 1.9, abs=0.02)


def test_many_columns_are_cut_to_those_that_count():
    many = tuple(FeatureAttribution(f"c{i}", "1", float(i)) for i in range(50))
    svg = str(columns_chart(InputAttribution("columns", "columns", many), "x"))
    assert ">c49<" in svg
    assert ">c29<" not in svg


def test_heat_lies_on_its_patch_and_the_most_is_framed():
    svg = str(picture_chart(PICTURE, row_explanation().pictures["photo"]))
    assert svg.count('class="patch') == 12
    best = max(range(12), key=lambda n: PICTURE.heat[n])
    frame = re.search(r'<rect x="([\d.]+)" y="([\d.]+)"[^>]*class="best-patch"', svg)
    assert frame
    assert float(frame[1]) == best % 4 * 60 + 1
    assert float(frame[2]) == best // 4 * 60 + 1
    assert "<image" in svg
    assert "<image" not in str(picture_chart(PICTURE, "https://evil.example/a.png"))


def test_words_are_found_in_the_text_as_it_was_written():
    html = str(words_markup(WORDS, "Great film, poor <b>SOUND</b>"))
    assert '<span class="w for4" title="+1">Great</span>' in html
    assert re.search(r'<span class="w against3"[^>]*>poor</span>', html)
    assert re.search(r'<span class="w against1"[^>]*>SOUND</span>', html)
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_runs_of_words_and_repeats_keep_their_places():
    runs = (FeatureAttribution("a b", "a b", 1.0), FeatureAttribution("a c", "a c", -1.0))
    assert [(piece, f and f.label) for piece, f in aligned("A  b, a c!", runs)] == [
        ("A  b", "a b"),
        (", ", None),
        ("a c", "a c"),
        ("!", None),
    ]


def test_a_text_that_does_not_fit_shows_the_words():
    found = aligned("something else", (FeatureAttribution("x y", "x y", 1.0),))
    assert [piece for piece, _ in found] == ["x y", " "]


def test_letters_that_grow_in_lower_case_move_nothing():
    found = aligned("İSTANBUL fine", (FeatureAttribution("fine", "fine", 1.0),))
    assert ("fine", FeatureAttribution("fine", "fine", 1.0)) in found


def test_curves_have_four_lines():
    shares = (0.0, 1.0)
    svg = str(check_curves(CurveRecord(shares, (1, 0), (0, 1), (1, 0), (0, 1)), "log-odds"))
    assert len(re.findall(r'<path [^>]*class="line c[01]( dashed)?"', svg)) == 4
    assert "taken away at random" in svg


def test_layers_stand_in_their_order_with_intervals_and_chance():
    layers = {"first": Interval(0.7, 0.65, 0.75), "last": Interval(0.9, float("nan"), float("nan"))}
    svg = str(layers_chart(layers, "accuracy", 0.5))
    assert svg.index(">first<") < svg.index(">last<")
    assert svg.count("whisker") == 1
    assert svg.count('class="mark"') == 2


@pytest.mark.parametrize(
    ("labels", "kinds"),
    [
        (["a", "b", "a"], {"c0", "c1"}),
        ([str(n) for n in range(30)], {"c0", "c1", "c2"}),
        (["r", *"abcdefgh", *"abcdef"], {"c0", "c1", "c2", "c3", "c4", "c5", "other"}),
    ],
)
def test_maps_are_coloured_by_class_or_by_thirds(labels, kinds):
    points = [(float(n), float(n * n)) for n in range(len(labels))]
    svg = str(map_chart(points, labels, "a map"))
    assert set(re.findall(r'class="dot (\w+) seen"', svg)) == kinds
    assert svg.count("<circle") == len(labels)
