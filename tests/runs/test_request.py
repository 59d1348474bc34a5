from pathlib import Path

import pytest

from lamina.core.errors import ConfigError
from lamina.runs.request import column_names, make_request


def test_every_option_finds_its_place():
    request = make_request(
        "data.csv",
        target="a, b",
        test="test.csv",
        validation="validation.csv",
        columns=["zip=category", "a=b=text"],
        ignore=["id", "x,y"],
        group="patient",
        time_column="day",
        time="5m",
        energy="2Wh",
        out="there",
        from_run="runs/a-1",
        settings={"training.steps": 3},
        seed=7,
        overrule=True,
        delimiter=";",
        encoding="cp1252",
        has_header=False,
        query="select 1",
    )
    assert request.source == "data.csv"
    assert (request.test, request.validation) == ("test.csv", "validation.csv")
    assert request.roles.target == ("a, b",)
    assert request.roles.columns == {"zip": "category", "a=b": "text"}
    assert request.roles.ignore == ("id", "x,y")
    assert (request.roles.group, request.roles.time) == ("patient", "day")
    assert (request.time_s, request.energy_j) == (300.0, 7200.0)
    assert (request.out, request.from_run) == (Path("there"), Path("runs/a-1"))
    assert request.settings == ("training.steps=3",)
    assert request.seed == 7
    assert request.is_overruled
    assert request.reading == {
        "delimiter": ";",
        "encoding": "cp1252",
        "has_header": False,
        "query": "select 1",
    }


def test_values_of_python_become_yaml():
    settings = {"a": None, "b": True, "c": [1, "x"], "d": "sgd", "e": {"f.*": 0.5}, "g": 1e-5}
    wanted = ("a=null", "b=true", 'c=[1, "x"]', "d=sgd", 'e={"f.*": 0.5}', "g=1e-05")
    assert make_request("x", settings=settings).settings == wanted


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (("a, b",), ("a", "b")),
        (("a,b", "c"), ("a,b", "c")),
        (("a,c", "x,"), ("a", "c", "x")),
        ((" a ",), ("a",)),
        ((), ()),
    ],
)
def test_columns_may_be_named_with_commas_or_hold_them(given, names):
    assert column_names(given, ["a", "b", "c", "a,b"]) == names


def test_none_counts_as_not_given():
    assert make_request("x", target=None, time=None, seed=None) == make_request("x")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targt": "y"}, "unknown option 'targt'"),
        ({"time": "soon"}, "time must be a number with a unit, got 'soon'"),
        ({"time": 0}, "time must be above zero"),
        ({"energy": "5 apples"}, "energy has no unit 'apples'"),
        ({"columns": ["zip"]}, "--as takes COLUMN=MODALITY, got 'zip'"),
        ({"seed": "x"}, "seed must be a whole number, got 'x'"),
        ({"seed": -1}, "seed must be between 0 and"),
        ({"delimiter": "ab"}, "delimiter must be one ASCII character"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        make_request("x", **options)
