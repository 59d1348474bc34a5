"""Lamina: give it data; get a trained deep network, honest figures, and one safe file."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.runs.api import check, fit, load, plan

__version__ = "0.1.0"
__all__ = ["__version__", "check", "fit", "load", "plan"]


def __getattr__(name: str) -> Any:
    """Import the public functions when first used, so that `import lamina` stays quick."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("lamina.runs.api"), name)
    raise AttributeError(f"module 'lamina' has no attribute {name!r}; known: {', '.join(__all__)}")
