"""A network that writes and looks back: tokens that followed similar places are likelier.

Texts repeat themselves: names, terms and turns come again. At each place the state of the network
is compared with those of all places before; what followed there gets a share of the probability,
the more of it the more alike the states are. Nothing is learnt for it, so it costs nothing while
training, and it adapts to texts that are unlike those of training.

Source: Grave et al. 2017, "Improving neural language models with a continuous cache",
arXiv:1612.04426, equations 3 and 6. Differs: the cache is as long as the stretch that is read, and
states are compared by their angle, not their product, so that one sharpness suits networks whose
states are of any length.
"""

from collections.abc import Sequence
from typing import ClassVar, final

import torch
from torch import Tensor
from typing_extensions import override

from lamina.networks.decoder_base import AbstractDecoder, AbstractMemory
from lamina.networks.layers.precision import full_precision

_NEVER = -1e9  # exporters know no infinity
_LEAST = 1e-30
_EPSILON = 1e-12


class Seen:
    """Directions of the states of all places that were read, and the token at each."""

    rows_dim: ClassVar[int] = 0
    length_dim: ClassVar[int | None] = 1

    def __init__(self) -> None:
        self.begins: Tensor | None = None
        self.places: Tensor | None = None

    def append(self, states: Tensor, tokens: Tensor) -> None:
        """Keep further places.

        Args:
            states: float [batch, length, width].
            tokens: int64 [batch, length].
        """
        new = joined(states, tokens)
        self.places = new if self.places is None else torch.cat([self.places, new], dim=1)

    def select(self, index: Tensor) -> None:
        """Keep some rows of the batch.

        Args:
            index: int64 [rows].
        """
        if self.places is not None:
            self.places = self.places.index_select(0, index)

    def tensors(self) -> tuple[Tensor, ...]:
        """Return directions and tokens, [batch, length, width + 1]."""
        return () if self.places is None else (self.places,)

    def restore(self, tensors: Sequence[Tensor]) -> None:
        """Keep what another memory kept.

        Args:
            tensors: Directions and tokens; of no length where nothing was read.
        """
        (self.places,) = tensors


@final
class CachedDecoder(AbstractDecoder):
    """A network that writes, mixed with what followed similar places of the same text.

    While training it is the network alone.

    Args:
        inner: The network.
        share: Share of the probability that what followed gets, in [0, 1).
        sharpness: How much more a more similar place counts, at least 0: factor of the cosine of
            the angle between two states.

    Shape:
        tokens int64 [batch, length] → [batch, length, vocabulary_size]: log-probabilities.

    Source:
        arXiv:1612.04426.
    """

    def __init__(self, inner: AbstractDecoder, share: float, sharpness: float) -> None:
        super().__init__()
        self.inner, self.share, self.sharpness = inner, share, sharpness
        self.width = inner.width

    @override
    def new_memories(self) -> tuple[AbstractMemory, ...]:
        return (Seen(), *self.inner.new_memories())

    @override
    def states(self, tokens: Tensor, memories: Sequence[AbstractMemory] | None = None) -> Tensor:
        if memories is None:
            return self.inner.states(tokens)
        states = self.inner.states(tokens, memories[1:])
        _seen(memories).append(states, tokens)
        return states

    @override
    def scores(self, states: Tensor) -> Tensor:
        return self.inner.scores(states)

    @override
    def forward(self, tokens: Tensor, memories: Sequence[AbstractMemory] | None = None) -> Tensor:
        states = self.states(tokens, memories)
        scores = self.scores(states)
        if self.training:
            return scores
        if memories is None:
            return self._mixed(scores, joined(states, tokens))
        seen = _seen(memories)
        assert seen.places is not None
        return self._mixed(scores, seen.places, seen.begins)

    @override
    def next_scores(self, tokens: Tensor, memories: Sequence[AbstractMemory]) -> Tensor:
        scores = self.scores(self.states(tokens, memories)[:, -1:])
        places = _seen(memories).places
        assert places is not None
        return self._mixed(scores, places)[:, 0]

    def _mixed(self, scores: Tensor, places: Tensor, begins: Tensor | None = None) -> Tensor:
        """Return log-probabilities at the last places, float32 [batch, count, vocabulary].

        Args:
            scores: Of the network, float [batch, count, vocabulary].
            places: Directions and tokens of all places, float32 [batch, length, width + 1].
            begins: First places that hold nothing, int64 [batch]; None for none.
        """
        length, count = places.shape[1], scores.shape[1]
        directions, tokens = places[..., :-1], places[..., -1].long()
        # What follows the last place is not known; 0 stands for nothing.
        follows = torch.cat([tokens[:, 1:], torch.zeros_like(tokens[:, :1])], dim=1)
        place = torch.arange(length, device=places.device)
        is_before = place < place[length - count :, None]
        is_known = is_before & (follows > 0)[:, None]
        if begins is not None:
            is_known = is_known & (place >= begins[:, None])[:, None]
        with full_precision(places.device):
            cosines = directions[:, length - count :] @ directions.transpose(1, 2)
            alike = self.sharpness * cosines
            weights = alike.masked_fill(~is_known, _NEVER).softmax(dim=2) * is_known
            own = 1.0 - self.share * weights.sum(dim=2, keepdim=True)
            found = own * scores.float().softmax(dim=2)
            index = follows[:, None].expand(-1, count, -1)
            return found.scatter_add(2, index, self.share * weights).clamp_min(_LEAST).log()


def joined(states: Tensor, tokens: Tensor) -> Tensor:
    """Return directions of states, and tokens, as one array, float32 [batch, length, width + 1].

    float32 holds every token exactly.

    Args:
        states: float [batch, length, width].
        tokens: int64 [batch, length].
    """
    states = states.float()
    # Not `normalize`, whose norm of a tensor exporters turn into several operators more.
    directions = states * (states.square().sum(dim=2, keepdim=True) + _EPSILON).rsqrt()
    return torch.cat([directions, tokens.unsqueeze(2).float()], dim=2)


def _seen(memories: Sequence[AbstractMemory]) -> Seen:
    first = memories[0]
    assert isinstance(first, Seen)
    return first
