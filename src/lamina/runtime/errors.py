"""Errors that an exported model can raise; the whole tree is drawn in `lamina.core.errors`."""

from collections.abc import Iterable


class LaminaError(Exception):
    """Base of every error raised on purpose."""


class ConfigError(LaminaError, ValueError):
    """A setting, name or plan cannot be used."""


class DataError(LaminaError, ValueError):
    """Data cannot be read or learnt from."""


class BundleError(LaminaError):
    """A model or checkpoint file is damaged, foreign or of a newer schema."""


class MissingExtraError(LaminaError, ImportError):
    """An optional library is absent.

    Args:
        library: Its name.
        extra: The extra of the package that brings it; "" to name the library itself.
        purpose: What needs it.
    """

    def __init__(self, library: str, *, extra: str, purpose: str) -> None:
        wanted = f'"lamina[{extra}]"' if extra else library
        super().__init__(
            f"{purpose} needs the library {library!r}, which is not installed. "
            f"Install it with: pip install {wanted}"
        )


def unknown_name(what: str, got: str, known: Iterable[str]) -> str:
    """Return the message for a name that is in no table, with the nearest known one.

    Args:
        what: What the name stands for, such as "network".
        got: The name given.
        known: The names there are.
    """
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(got, names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {got!r}; known: {', '.join(names)}.{hint}"
