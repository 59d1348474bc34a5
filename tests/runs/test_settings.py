import pytest

from lamina.core.errors import ConfigError
from lamina.runs.settings import apply_settings, find_path

DOCUMENT = {
    "seed": 0,
    "network": {
        "trunk": {"name": "mlp", "depth": 2, "width": 64},
        "encoders": {"number": {"name": "linear", "width": 8}},
    },
    "training": {
        "batch_size": 64,
        "clip": None,
        "rates": {},
        "optimizer": {"name": "adamw", "rate": 0.1, "rest": {"name": "sgd", "rate": 0.2}},
    },
}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("seed", ("seed",)),
        ("network.trunk.depth", ("network", "trunk", "depth")),
        ("network.depth", ("network", "trunk", "depth")),
        ("depth", ("network", "trunk", "depth")),
        ("batch_size", ("training", "batch_size")),
        ("optimizer", ("training", "optimizer")),
        ("optimizer.rate", ("training", "optimizer", "rate")),
        ("rest.rate", ("training", "optimizer", "rest", "rate")),
        ("number.width", ("network", "encoders", "number", "width")),
    ],
)
def test_a_unique_part_of_a_name_is_enough(name, path):
    assert find_path(DOCUMENT, name) == path


def test_an_ambiguous_name_lists_what_fits():
    with pytest.raises(ConfigError, match=r"several settings: network\.trunk\.name, network\."):
        find_path({"network": {"trunk": {"name": 1}, "head": {"name": 2}}}, "name")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("netwrk.trunk.depth", "network.trunk.depth"),
        ("training.bach_size", "training.batch_size"),
        ("sed", "seed"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name, near):
    with pytest.raises(ConfigError, match=f"no setting '{name}'. Did you mean '{near}'"):
        find_path(DOCUMENT, name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("batch_size=128", 128),
        ("batch_size = 1", 1),
        ("batch_size=0.5", 0.5),
        ("batch_size=null", None),
        ("batch_size=", None),
        ("batch_size=true", True),
        ("batch_size=a=b", "a=b"),
        ("batch_size=[1, 2]", [1, 2]),
    ],
)
def test_values_are_read_as_yaml(text, value):
    changed, paths = apply_settings(DOCUMENT, [text])
    assert changed["training"]["batch_size"] == value
    assert paths == ("training.batch_size",)


def test_the_document_given_stays_as_it_was():
    changed, _ = apply_settings(DOCUMENT, ["rates={'heads.*': 2.0}"])
    assert changed["training"]["rates"] == {"heads.*": 2.0}
    assert DOCUMENT["training"]["rates"] == {}


def test_naming_a_part_swaps_it_whole():
    changed, _ = apply_settings(DOCUMENT, ["training.optimizer=sgd"])
    assert changed["training"]["optimizer"] == {"name": "sgd"}
    changed, _ = apply_settings(DOCUMENT, ["network.trunk.name=resnet"])
    assert changed["network"]["trunk"] == {"name": "resnet"}
    changed, _ = apply_settings(DOCUMENT, ["network.trunk.name=mlp"])
    assert changed["network"]["trunk"] == DOCUMENT["network"]["trunk"]


def test_later_settings_see_earlier_ones():
    changed, _ = apply_settings(DOCUMENT, ["optimizer={name: sgd, momentum: 0.9}", "momentum=0.5"])
    assert changed["training"]["optimizer"] == {"name": "sgd", "momentum": 0.5}


@pytest.mark.parametrize("text", ["batch_size", "=3", " =3"])
def test_a_text_without_name_or_value_is_refused(text):
    with pytest.raises(ConfigError, match="--set takes NAME=VALUE"):
        apply_settings(DOCUMENT, [text])


def test_a_value_that_is_no_yaml_is_refused():
    with pytest.raises(ConfigError, match="cannot be read"):
        apply_settings(DOCUMENT, ["batch_size=[1"])
