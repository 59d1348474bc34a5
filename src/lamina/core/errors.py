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

from lamina.runtime.errors import (
    BundleError,
    ConfigError,
    DataError,
    LaminaError,
    MissingExtraError,
    unknown_name,
)

__all__ = [
    "BundleError",
    "ConfigError",
    "DataCheckError",
    "DataError",
    "LaminaError",
    "MissingExtraError",
    "NotFittedError",
    "RunError",
    "TrainingError",
    "unknown_name",
]


class DataCheckError(DataError):
    """A check before training found something severe."""


class NotFittedError(LaminaError):
    """An answer was asked for before anything was learnt."""


class RunError(LaminaError):
    """A run folder is missing, busy or incomplete."""


class TrainingError(LaminaError):
    """Training cannot go on."""
