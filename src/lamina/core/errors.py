"""All errors that Lamina raises on purpose.

    LaminaError
    ├── ConfigError (ValueError)        a setting, name or plan that cannot be used
    ├── DataError (ValueError)          data that cannot be read or learnt from
    │   └── DataCheckError              a check found something severe; names the findings
    ├── NotFittedError                  asked for an answer before anything was learnt
    ├── MissingExtraError (ImportError) an optional library is absent; names the pip command
    ├── BundleError                     a model or checkpoint file that cannot be trusted or read
    ├── RunError                        a run folder that is missing, busy or incomplete
    └── TrainingError                   training cannot go on

A message says what, what was got, what was wanted, and how to mend it.
"""

from collections.abc import Iterable


class LaminaError(Exception):
    """Base of every error raised on purpose."""


class ConfigError(LaminaError, ValueError):
    """A setting, name or plan cannot be used."""


class DataError(LaminaError, ValueError):
    """Data cannot be read or learnt from."""


class DataCheckError(DataError):
    """A check before training found something severe."""


class NotFittedError(LaminaError):
    """An answer was asked for before anything was learnt."""


class MissingExtraError(LaminaError, ImportError):
    """An optional library is absent."""

    def __init__(self, library: str, *, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the library {library!r}, which is not installed. "
            f'Install it with: pip install "lamina[{extra}]"'
        )


class BundleError(LaminaError):
    """A model or checkpoint file is damaged, foreign or of a newer schema."""


class RunError(LaminaError):
    """A run folder is missing, busy or incomplete."""


class TrainingError(LaminaError):
    """Training cannot go on."""


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
