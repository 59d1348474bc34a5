"""Texts in an artefact that its model wrote, and that it must write again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError, DataError
from lamina.runtime.function import Function
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writing import WritingConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Continued:
    """One text that a model wrote."""

    prompt: str
    """What it began with."""
    text: str
    """What was written."""
    num_tokens: int
    """Most tokens of it."""
    temperature: float
    """How it was drawn; 0 takes the likeliest token always."""
    top_p: float
    """From the likeliest tokens of this probability."""
    seed: int
    """Decides what was drawn."""

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Any) -> Self:
        """Return it from its document.

        Args:
            document: From a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a text that was written")
        return cls(
            prompt=fields.text("prompt"),
            text=fields.text("text"),
            num_tokens=fields.integer("num_tokens", least=1, most=10_000),
            temperature=fields.number("temperature"),
            top_p=fields.number("top_p"),
            seed=fields.integer("seed", least=0),
        )

    def is_written_by(self, function: Function) -> bool:
        """Return whether a model writes the same text.

        Args:
            function: The model.

        Raises:
            BundleError: The settings cannot be.
        """
        try:
            config = WritingConfig(prompt=self.prompt, num_tokens=self.num_tokens, seed=self.seed)
            sampling = SamplingConfig(temperature=self.temperature, top_p=self.top_p)
        except DataError as error:
            raise BundleError(f"a text that was written cannot be: {error}") from error
        return "".join(piece for (piece,) in function.write(config, sampling)) == self.text


def num_written_otherwise(function: Function, texts: Sequence[Continued]) -> int:
    """Return how many texts a model writes otherwise.

    Args:
        function: The model.
        texts: What it should write.
    """
    return sum(not one.is_written_by(function) for one in texts)


def continued_of(check: Mapping[str, Any]) -> tuple[Continued, ...]:
    """Return the texts among the test vectors of an artefact; most have none.

    Args:
        check: Test vectors and certificate.

    Raises:
        BundleError: They are damaged.
    """
    if "continued" not in check:
        return ()
    fields = Fields(check, "the test vectors")
    return tuple(map(Continued.from_document, fields.items("continued")))
