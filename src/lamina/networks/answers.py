"""What networks share whose answers are written: names, marks and their contract."""

from abc import abstractmethod
from collections.abc import Mapping

from torch import Tensor

from lamina.networks.architecture import AbstractModel

LIKELIHOOD = "likelihood"
"""Name of the output that measures answers that were given: float [batch, 3 or 4], nats, tokens,
bytes, and perhaps nats of all tokens."""

MARK = 2
"""The token before every text, and behind what is written (see `data/modalities/pieces.py`)."""


class AbstractWriter(AbstractModel):
    """A whole network whose answers are written: it measures them, or finds its own."""

    @abstractmethod
    def looks(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return which places of the input each place of an answer rests on.

        Args:
            inputs: Input tensors of one sample by name, the answer among them.

        Returns:
            float [written, read], none below 0. Of texts each row adds up to 1, the mark before the
            text and the end of the answer included; of sounds it says how likely a token is heard.
        """
