"""The contracts of a tagger's parts: letters to features of words, and these to features of places.

What every tagger needs (vectors of words, shapes, scores of neighbouring tags) is around them, in
`whole.py`.
"""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class AbstractSpeller(nn.Module):
    """Maps the letters of words to features.

    Shape:
        letters int64 [words, letters], padded with 0 → float [words, out_features].
    """

    out_features: int
    """Features of a word."""

    @abstractmethod
    def forward(self, letters: Tensor) -> Tensor:
        """Return the features of words.

        Args:
            letters: Their letters.
        """


class AbstractSpellerConfig(ABC):
    """Config of what reads letters."""

    __slots__ = ()

    @abstractmethod
    def build(self, num_letters: int) -> AbstractSpeller:
        """Return one with fresh weights.

        Args:
            num_letters: Ids of letters there are, padding included.
        """


class AbstractContext(nn.Module):
    """Maps the words of sentences to features of each place, which know the words around.

    Shape:
        words float [batch, length, in_features], valid bool [batch, length], padding last → float
        [batch, length, out_features].
    """

    out_features: int
    """Features of a place."""

    @abstractmethod
    def forward(self, words: Tensor, valid: Tensor) -> Tensor:
        """Return the features of each place.

        Args:
            words: Vectors of the words.
            valid: Where there are words.
        """


class AbstractContextConfig(ABC):
    """Config of what reads the words around."""

    __slots__ = ()

    @abstractmethod
    def build(self, in_features: int) -> AbstractContext:
        """Return one with fresh weights.

        Args:
            in_features: Numbers per word.
        """
