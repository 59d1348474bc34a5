"""Durations and energies as people write them: "90", "90s", "5m", "1h30m", "20Wh"."""

import re

from lamina.core.errors import ConfigError

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_JOULES = {"j": 1.0, "kj": 1e3, "mj": 1e6, "wh": 3600.0, "kwh": 3.6e6}


def parse_duration(text: str | float) -> float:
    """Return seconds.

    Args:
        text: A number of seconds, or numbers with units ms, s, m, h, d: "5m", "1h30m".

    Raises:
        ConfigError: It is no duration, or not above zero.
    """
    return _parse(text, _SECONDS, "s", what="time", example="90s, 5m or 1h30m")


def parse_energy(text: str | float) -> float:
    """Return joules.

    Args:
        text: A number of joules, or a number with unit J, kJ, MJ, Wh or kWh.

    Raises:
        ConfigError: It is no energy, or not above zero.
    """
    return _parse(text, _JOULES, "j", what="energy", example="500J or 20Wh")


def format_duration(seconds: float) -> str:
    """Return a short text such as "340 ms", "12.3 s", "4 m 05 s" or "2 h 10 m".

    Args:
        seconds: Length of time.
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} m {int(seconds % 60):02d} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02d} m"


def _parse(
    text: str | float, units: dict[str, float], default: str, *, what: str, example: str
) -> float:
    cleaned = str(text).strip().lower().replace(" ", "")
    parts = re.findall(r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)([a-z]*)", cleaned)
    total = 0.0
    if len(parts) > 1 and not all(unit for _, unit in parts):
        raise ConfigError(
            f"{what} has a number without a unit beside one with a unit, got {text!r}. "
            f"Try {example}."
        )
    if not parts or "".join(number + unit for number, unit in parts) != cleaned:
        raise ConfigError(f"{what} must be a number with a unit, got {text!r}. Try {example}.")
    for number, unit in parts:
        if (unit or default) not in units:
            raise ConfigError(
                f"{what} has no unit {unit!r} (got {text!r}); known: {', '.join(units)}. "
                f"Try {example}."
            )
        total += float(number) * units[unit or default]
    if total <= 0:
        raise ConfigError(f"{what} must be above zero, got {text!r}. Try {example}.")
    return total
