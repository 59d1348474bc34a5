"""Columns of texts as another run has learnt to read them: with its words or pieces.

A network that starts from another reads each token as the word that it was there, so a vocabulary
learnt anew would have its vectors stand for others.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lamina.core.bundle import load_bundle
from lamina.core.errors import ConfigError
from lamina.data.modalities.base import AbstractModality, ModalityOptions
from lamina.data.modalities.table import MODALITIES
from lamina.data.modalities.text import Text
from lamina.data.modalities.words import Words

TAUGHT = ("text", "words")
"""Modalities that have a vocabulary."""


def taught_columns(folder: Path | str) -> tuple[Mapping[str, Any], ...]:
    """Return the documents of the fitted columns of a run that have a vocabulary.

    Args:
        folder: Folder of the run.

    Raises:
        BundleError: Its model cannot be read.
    """
    schema = load_bundle(Path(folder) / "model").document.get("schema", {})
    rows = schema.get("columns", ()) if isinstance(schema, Mapping) else ()
    return tuple(row for row in rows if row["modality"] in TAUGHT and row["fitted"] is not None)


def taught(
    name: str, modality: str, role: str, options: ModalityOptions
) -> AbstractModality | None:
    """Return a column as the run that the options name reads it; None where they name none.

    Args:
        name: Name of the column.
        modality: Name of its modality.
        role: "input" or "target".
        options: `vocabulary_of`, and `max_length`, which stays the user's.

    Raises:
        ConfigError: That run reads no such column, or several of which none has the name.
        BundleError: Its model cannot be read.
    """
    if options.vocabulary_of is None or modality not in TAUGHT:
        return None
    rows = taught_columns(options.vocabulary_of)
    own = [row for row in rows if (row["modality"], row["role"]) == (modality, role)]
    named = [row for row in own if row["name"] == name] or own
    if len(named) != 1:
        found = ", ".join(repr(row["name"]) for row in own) or "none"
        raise ConfigError(
            f"column {name!r} is to be read with the vocabulary of {options.vocabulary_of}, which "
            f"has {found} of its kind. Name the column like one of them, or leave out --from."
        )
    fitted = MODALITIES[modality].value.from_document(named[0]["fitted"])
    assert isinstance(fitted, (Text, Words)), "what has a vocabulary"
    return dataclasses.replace(fitted, max_length=options.max_length)
