"""Loggers as objects: none, a JSON lines file, several at once.

A logger receives records (mappings with a "kind") and never influences the training. Kinds:
"start", "step", "validation", "event", "end".
"""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

Record = Mapping[str, Any]


class AbstractLogger(ABC):
    """Receives what happens."""

    @abstractmethod
    def write(self, record: Record) -> None:
        """Take one record.

        Args:
            record: JSON-like, with a "kind".
        """

    @abstractmethod
    def close(self) -> None:
        """Flush and end."""


@final
class NullLogger(AbstractLogger):
    """Takes everything and keeps nothing."""

    def write(self, record: Record) -> None:
        """Do nothing.

        Args:
            record: Ignored.
        """

    def close(self) -> None:
        """Do nothing."""


@final
class MemoryLogger(AbstractLogger):
    """Keeps all records in a list."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        """What was written."""

    def write(self, record: Record) -> None:
        """Keep one record.

        Args:
            record: JSON-like.
        """
        self.records.append(dict(record))

    def close(self) -> None:
        """Do nothing."""


@final
class JsonLinesLogger(AbstractLogger):
    """One line of JSON per record; a resumed run appends.

    Args:
        path: The file, such as `log.jsonl`.
    """

    def __init__(self, path: Path) -> None:
        self.num_lost = 0
        """Records that could not be written, because the disk is full."""
        path.parent.mkdir(parents=True, exist_ok=True)
        is_torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
        self._file = path.open("a", encoding="utf-8")
        if is_torn:  # by a crash: the next record gets a line of its own
            self._file.write("\n")

    def write(self, record: Record) -> None:
        """Append one line.

        Args:
            record: JSON-like; numbers that are not finite become null.
        """
        line = {"time": round(time.time(), 3), **_finite(record)}
        try:
            self._file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
            self._file.flush()
        except OSError:
            self.num_lost += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@final
class LoggerGroup(AbstractLogger):
    """Several loggers at once.

    Args:
        loggers: Each receives every record.
    """

    def __init__(self, loggers: Sequence[AbstractLogger]) -> None:
        self._loggers = tuple(loggers)

    def write(self, record: Record) -> None:
        """Hand one record to all.

        Args:
            record: JSON-like.
        """
        for logger in self._loggers:
            logger.write(record)

    def close(self) -> None:
        """Close all."""
        for logger in self._loggers:
            logger.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the records of a JSON lines file; a line cut off by a crash is left out.

    Args:
        path: The file.
    """
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    return records


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
