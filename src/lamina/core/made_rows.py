"""Rows that are made when they are asked for, where all of them would fill the memory."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, overload


class AbstractMadeRows(Sequence[dict[str, Any]]):
    """A sequence of rows by column, none of which is kept."""

    @abstractmethod
    def _made(self, number: int) -> dict[str, Any]:
        """Return one row.

        Args:
            number: Its place, from 0.
        """

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(place, slice):
            return [self._made(one) for one in range(len(self))[place]]
        return self._made(range(len(self))[place])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self._made, range(len(self)))
