"""Dropout and stochastic depth whose masks do not depend on how a batch is split.

Source: Srivastava et al. 2014 (dropout), Gal and Ghahramani 2016, arXiv:1512.05287 (one mask for
all places; whole tokens), Huang et al. 2016, arXiv:1603.09382 (stochastic depth).
Differs: masks come from `core.random`, keyed by step and, where samples differ, row of the batch.
"""

from abc import ABC, abstractmethod
from typing import final

from torch import Tensor, nn
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.random import keyed_mask, shared_mask


def drop(inputs: Tensor, rate: float, shape: tuple[int, ...]) -> Tensor:
    """Return the input with a share of it set to zero and the rest scaled up to keep the mean.

    Args:
        inputs: [batch, ...].
        rate: Share to drop, in [0, 1).
        shape: Shape of the mask, which broadcasts against the input; first dimension the batch.
    """
    kept = keyed_mask(shape, rate, inputs.device)
    return inputs * kept.to(inputs.dtype).mul_(1.0 / (1.0 - rate))


class AbstractDropout(nn.Module, ABC):
    """Drops a share of what comes in while training.

    Args:
        rate: Share to drop, in [0, 1).

    Raises:
        ConfigError: The rate is out of range.
    """

    rate: float

    def __init__(self, rate: float) -> None:
        super().__init__()
        check_rate("dropout", rate)
        self.rate = rate

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return inputs
        return drop(inputs, self.rate, self.mask_shape(inputs))

    @abstractmethod
    def mask_shape(self, inputs: Tensor) -> tuple[int, ...]:
        """Return the shape of the mask, which broadcasts against the input.

        Args:
            inputs: [batch, ...].
        """


class Dropout(AbstractDropout):
    """Drops single activations while training.

    Args:
        rate: Share to drop, in [0, 1).

    Raises:
        ConfigError: The rate is out of range.

    Source:
        Srivastava et al. 2014, JMLR 15.
    """

    @override
    def mask_shape(self, inputs: Tensor) -> tuple[int, ...]:
        return tuple(inputs.shape)


@final
class SequenceDropout(AbstractDropout):
    """Drops features while training, the same ones at every place of a sequence.

    Args:
        rate: Share to drop, in [0, 1).

    Raises:
        ConfigError: The rate is out of range.

    Shape:
        [batch, length, features] → the same.

    Source:
        arXiv:1512.05287.
    """

    @override
    def mask_shape(self, inputs: Tensor) -> tuple[int, ...]:
        return (inputs.shape[0], 1, inputs.shape[2])


@final
class ChannelDropout(AbstractDropout):
    """Drops channels of maps while training, each at all of its places.

    Args:
        rate: Share to drop, in [0, 1).

    Raises:
        ConfigError: The rate is out of range.

    Shape:
        [batch, channels, height, width] → the same.

    Source:
        Tompson et al. 2015, arXiv:1411.4280 (spatial dropout).
    """

    @override
    def mask_shape(self, inputs: Tensor) -> tuple[int, ...]:
        return (inputs.shape[0], inputs.shape[1], 1, 1)


@final
class EmbeddingDropout(nn.Module):
    """Drops tokens while training: their vectors are zero wherever they come in a batch.

    Args:
        rate: Share of the vocabulary to drop, in [0, 1).
        vocabulary_size: Tokens there are.

    Raises:
        ConfigError: The rate is out of range.

    Shape:
        vectors float [batch, length, features], tokens int64 [batch, length] → as the vectors.

    Source:
        arXiv:1512.05287, section 4.2; Merity et al. 2017, arXiv:1708.02182, section 4.3. Differs:
        all samples of a batch share one mask, as in the latter.
    """

    def __init__(self, rate: float, vocabulary_size: int) -> None:
        super().__init__()
        check_rate("embedding_dropout", rate)
        self.rate, self.vocabulary_size = rate, vocabulary_size

    @override
    def forward(self, vectors: Tensor, tokens: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return vectors
        kept = shared_mask((self.vocabulary_size,), self.rate, tokens.device)
        factors = kept.to(vectors.dtype).mul_(1.0 / (1.0 - self.rate))
        return vectors * factors[tokens].unsqueeze(-1)


class StochasticDepth(nn.Module):
    """Drops whole samples of a residual branch while training.

    Args:
        rate: Share of samples to drop, in [0, 1).

    Raises:
        ConfigError: The rate is out of range.

    Source:
        Huang et al. 2016, arXiv:1603.09382. Differs: scaled while training, not while testing.
    """

    rate: float

    def __init__(self, rate: float) -> None:
        super().__init__()
        check_rate("stochastic_depth", rate)
        self.rate = rate

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return inputs
        return drop(inputs, self.rate, (inputs.shape[0],) + (1,) * (inputs.dim() - 1))


def check_rate(name: str, rate: float) -> None:
    """Refuse a share to drop that is not in [0, 1).

    Args:
        name: Name of the setting, for the message.
        rate: Its value.

    Raises:
        ConfigError: The rate is out of range.
    """
    if not 0.0 <= rate < 1.0:
        raise ConfigError(f"{name} must be in [0, 1), got {rate!r}. Use 0 to turn it off.")
