"""Looks for new files of the models while the server runs, and puts them in place.

A file is loaded when it has a new stamp and the stamp stayed the same between two looks, so that a
copy in progress is left alone. It must answer a typical row before it answers anyone; a file that
does not is refused once, and the old version stays.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import final

from lamina.core.errors import ConfigError, LaminaError
from lamina.serving.function import Function
from lamina.serving.models import Model, Models

Found = Mapping[str, Path | LaminaError]
"""The file of each model by name, or why there is none."""

Stamp = tuple[str, int, int, int]


@final
class Watcher:
    """Keeps the models of a server those of the files.

    Args:
        models: The models.
        find: Tells which files there are now. It may take its time: it runs in a thread.
        load: Reads a file.
        say: Told what was loaded and what was refused.
    """

    def __init__(
        self,
        models: Models,
        find: Callable[[], Found],
        load: Callable[[Path], Function],
        *,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._models = models
        self._find = find
        self._load = load
        self._say = say
        self._taken: dict[str, Stamp | str] = {}
        self._last: dict[str, Stamp | str] = {}

    def start(self) -> None:
        """Load every file; a server does not start with less than it was asked for.

        Raises:
            LaminaError: A file is missing, damaged or fails.
        """
        found = self._find()
        if not found:
            raise ConfigError("there is no model to serve. Give a finished run or a .onnx file.")
        for name, place in found.items():
            if isinstance(place, LaminaError):
                raise place
            self._taken[name] = self._last[name] = stamp_of(place)
            self._models.put(self._prepared(name, place))

    async def run(self, every_s: float) -> None:
        """Look again and again.

        Args:
            every_s: Seconds between two looks.
        """
        while True:
            await asyncio.sleep(every_s)
            await self.look()

    async def look(self) -> None:
        """Look once, and put in place what is new and whole."""
        try:
            found = await asyncio.to_thread(self._find)
        except Exception as error:  # a folder that cannot be read now may be readable later
            self._say(f"cannot look for new files: {error}")
            return
        for name, place in found.items():
            stamp = str(place) if isinstance(place, LaminaError) else stamp_of(place)
            is_whole = self._last.get(name) == stamp
            self._last[name] = stamp
            if self._taken.get(name) == stamp or not is_whole or not stamp:
                continue
            self._taken[name] = stamp
            await self._replace(name, place)

    async def _replace(self, name: str, place: Path | LaminaError) -> None:
        try:
            if isinstance(place, LaminaError):
                raise place
            model = await asyncio.to_thread(self._prepared, name, place)
        except Exception as error:  # whatever is in the file, the old version stays
            reason = str(error) if isinstance(error, LaminaError) else type(error).__name__
            self._models.refuse(name, reason)
            self._say(f"{name}: not loaded: {reason}")
            return
        old = self._models.every().get(name)
        if old is None or old.function.identity != model.function.identity:
            self._models.put(model)
            self._say(f"{name}: version {model.version} answers now.")

    def _prepared(self, name: str, place: Path) -> Model:
        try:
            return self._models.prepare(name, self._load(place))
        except LaminaError as error:
            text = str(error)
            if str(place) in text:
                raise
            raise type(error)(f"{place} cannot be served: {text}") from error


def stamp_of(path: Path) -> Stamp | str:
    """Return what changes when a file is replaced or written; "" where there is none.

    Args:
        path: The file.
    """
    try:
        status = path.stat()
    except OSError:
        return ""
    return str(path), status.st_ino, status.st_mtime_ns, status.st_size
