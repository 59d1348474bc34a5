"""What networks share whose answers have free length: names, marks and their contracts."""

from abc import abstractmethod
from collections.abc import Mapping

from torch import Tensor

from lamina.networks.architecture import AbstractModel
from lamina.runtime import transcript_search

LIKELIHOOD = "likelihood"
"""Name of the output that measures answers that were given: float [batch, 3 or 4], nats, tokens,
bytes, and perhaps nats of all tokens."""

MARK = transcript_search.MARK
"""The token before every text, and behind what is written (see `data/modalities/pieces.py`)."""


class AbstractMeasurer(AbstractModel):
    """A whole network that measures an answer of free length which it is given."""

    def token_nats(self, inputs: Mapping[str, Tensor]) -> Tensor | None:
        """Return what each token of an answer costs, its end included, float [batch, length].

        None where tokens have no cost of their own, but the answer as a whole has.

        Args:
            inputs: Input tensors by name, the answer among them.
        """
        del inputs
        return None


class AbstractWriter(AbstractMeasurer):
    """One whose answers are written: it measures them, or finds its own."""

    @property
    def seconds_per_place(self) -> float | None:
        """Time from one place of the input to the next; None where these are tokens."""
        return None

    @abstractmethod
    def looks(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return which places of the input each place of an answer rests on.

        Args:
            inputs: Input tensors of one sample by name, the answer among them.

        Returns:
            float [written, read], none below 0; a row for each token written, marks left out. Of
            texts each row adds up to 1; of sounds it says how likely the token is heard.
        """


class AbstractHearer(AbstractWriter):
    """A network that scores every token at equal steps of a sound, in which texts are found."""

    @property
    @abstractmethod
    def samples_per_step(self) -> int:
        """Samples from one step to the next."""

    @abstractmethod
    def scores(self, sounds: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scores in which texts are looked for, and where there is sound.

        Args:
            sounds: float [batch, samples], NaN behind the end.

        Returns:
            Log-probabilities, float [batch, steps, tokens], and bool [batch, steps].
        """
