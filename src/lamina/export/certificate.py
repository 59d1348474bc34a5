"""The proof of an export: every test row answered by the model and by the artefact."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from lamina.core.errors import BundleError
from lamina.runtime.agreement import TOLERANCE, Agreement, agreement, together, units_of
from lamina.runtime.continued import Continued, num_written_otherwise
from lamina.runtime.function import BATCH_ROWS, Function
from lamina.runtime.vectors import vectors_document

NUM_VECTORS = 16
"""Test rows that go into an artefact."""

MOST_VECTOR_BYTES = 4 << 20
"""Most bytes of pictures and texts among them; one row at least goes in, the smallest of them."""


Quality = Callable[[Function, Sequence[Mapping[str, Any]]], Mapping[str, Any]]
"""An artefact and the rows of a proof to the metric, its value on these rows and the difference
from the model's with its interval."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """Rows with the answers of the model."""

    rows: Sequence[Mapping[str, Any]]
    """Raw rows."""
    expected: Sequence[Mapping[str, Any]]
    """The model's answers, computed in float32."""
    continued: Sequence[Continued] = ()
    """Texts that the model wrote on, where it does."""
    quality: Quality | None = None
    """What less precision costs; None where no row has a known target."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """Where model and rows come from: run, hashes, versions, date."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found on the rows of a proof."""

    agreement: Agreement
    """How the artefact's answers compare."""
    units: Mapping[str, float]
    """By column of numbers: in which unit deviations are measured."""
    continued: Sequence[Continued] = ()
    """Texts that were to be written on."""
    written_otherwise: int = 0
    """How many of these the artefact writes otherwise."""


def measure(function: Function, proof: Proof) -> Measured:
    """Answer every row with an artefact and compare.

    Args:
        function: The artefact.
        proof: Rows and answers.
    """
    answers = function.signature.answers
    units = units_of(answers, proof.expected)
    parts = []
    # Rows and answers may be made when they are asked for, so they are never all there at once.
    for start in range(0, len(proof.rows), BATCH_ROWS):
        rows, expected = (one[start : start + BATCH_ROWS] for one in (proof.rows, proof.expected))
        parts.append(agreement(answers, expected, function.predict(rows), units=units))
    texts = proof.continued if function.signature.context is not None else ()
    return Measured(together(parts), units, texts, num_written_otherwise(function, texts))


def refuse_disagreement(measured: Measured) -> None:
    """Check that an artefact in full precision answers as the model does.

    Args:
        measured: What was found.

    Raises:
        BundleError: A decision differs, or a number deviates too much.
    """
    found = measured.agreement
    if not found.holds(TOLERANCE):
        raise BundleError(
            f"the exported model disagrees with the run: of {found.rows:,} rows {found.flipped:,} "
            f"are decided otherwise, and the largest deviation is {found.largest:.2g} "
            f"(allowed: {TOLERANCE:g}). No file is left. Please report it with the plan of the run."
        )
    if measured.written_otherwise:
        raise BundleError(
            f"the exported model writes {measured.written_otherwise} of {len(measured.continued)} "
            "texts otherwise than the run. No file is left. Please report it with the plan of the "
            "run."
        )


def certificate(proof: Proof, measured: Measured, *, precision: str) -> dict[str, Any]:
    """Return the certificate as JSON-like values.

    Args:
        proof: Rows and answers.
        measured: What was found.
        precision: "float32", "float16" or "int8".
    """
    found = asdict(measured.agreement)
    texts = {
        "texts_written_on": len(measured.continued),
        "texts_written_otherwise": measured.written_otherwise,
    }
    return {
        **proof.source,
        "precision": precision,
        "rows": found["rows"],
        "flipped_decisions": found["flipped"],
        "largest_deviation": found["largest"],
        "mean_deviation": found["mean"],
        "tolerance": TOLERANCE,
        **(texts if measured.continued else {}),
    }


def vectors(proof: Proof, measured: Measured, *, precision: str) -> dict[str, Any]:
    """Return the test vectors that go into an artefact, spread evenly over the rows.

    Args:
        proof: Rows and answers.
        measured: What was found.
        precision: Where it is less than "float32", the artefact may deviate as much as it did.
    """
    places = np.unique(np.linspace(0, len(proof.rows) - 1, NUM_VECTORS).astype(int)).tolist()
    chosen: list[int] = []
    total = 0
    for place in places:
        total += sum(_size(cell) for cell in proof.rows[place].values())
        if chosen and total > MOST_VECTOR_BYTES:
            break
        chosen.append(place)
    if total > MOST_VECTOR_BYTES and len(chosen) == 1:
        chosen = [min(places, key=lambda place: sum(map(_size, proof.rows[place].values())))]
    is_full = precision == "float32"
    document = vectors_document(
        [proof.rows[place] for place in chosen],
        [proof.expected[place] for place in chosen],
        units=measured.units,
        # Another processor may round otherwise than the one it was measured on.
        tolerance=TOLERANCE if is_full else max(TOLERANCE, 2 * measured.agreement.largest),
        may_flip=not is_full,
    )
    if measured.continued:
        document["continued"] = [one.to_document() for one in measured.continued]
    return document


def _size(cell: Any) -> int:
    if isinstance(cell, (list, tuple)):
        return sum(map(_size, cell))
    if isinstance(cell, np.ndarray):
        return cell.nbytes
    return len(cell) if isinstance(cell, (bytes, str)) else 8
