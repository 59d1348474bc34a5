"""`lamina` whose batch normalisation takes the statistics that it begins with, and keeps them.

    python benchmarks/fixed_statistics.py resume FOLDER

Without it a batch that is cut is normalised by other statistics, and nothing else can be compared.
"""

from typing import Any

from torch.nn import functional

from lamina.cli.main import main

_normalised = functional.batch_norm


def by_running(*arguments: Any, **settings: Any) -> Any:
    """Return what `batch_norm` does while a network answers.

    Args:
        *arguments: As it takes them: values, running mean and variance, scale, shift, training.
        **settings: As it takes them.
    """
    names = ("input", "running_mean", "running_var", "weight", "bias", "training")
    named = dict(zip((*names, "momentum", "eps"), arguments), **settings)
    return _normalised(**{**named, "training": False})


if __name__ == "__main__":
    functional.batch_norm = by_running
    main()
