"""Durations and energies as people write them."""

import pytest

from lamina.core.durations import format_duration, parse_duration, parse_energy
from lamina.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        (90, 90),
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("1.5 h", 5400),
        ("2d", 172800),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "-3m", "0s", "m5", "5m!", "1h30"])
def test_bad_durations_say_how(text: str) -> None:
    with pytest.raises(ConfigError, match="Try 90s"):
        parse_duration(text)


def test_energies() -> None:
    assert parse_energy("20Wh") == 72_000
    assert parse_energy("0.5kWh") == 1_800_000
    assert parse_energy("500J") == 500


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.34, "340 ms"), (12.34, "12.3 s"), (245, "4 m 05 s"), (7800, "2 h 10 m")],
)
def test_format(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
