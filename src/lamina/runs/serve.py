"""From what a user names to the files a server loads: exported files, runs, folders of runs.

A run is exported when it is first served, into its own folder; the name of the file holds the hash
of the bundle it was made from, so that a run trained anew is exported anew. The export runs in a
process of its own: the server itself never loads torch.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import final

from lamina.core.errors import ConfigError, LaminaError, RunError
from lamina.runs.folder import RunFolder, open_run_folder
from lamina.serving.models import check_name, model_name

_SUFFIX = ".onnx"
_MOST_SECONDS = 1800
_FORM = b"2"  # rises where files hold more than before, so that those written earlier are replaced

Export = Callable[[Path, Path], None]
"""Writes a run as a file."""


@final
class Places:
    """The models that a user named.

    Args:
        words: Each a file, a run, a folder of runs, or NAME=one of the first two.
        export: Writes a run as a file.
        say: Told what is exported.

    Raises:
        ConfigError: Two models have one name.
        RunError: There is no such file or run.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        export: Export | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._export = export or export_by_command
        self._say = say
        self._single: dict[str, Path] = {}
        self._folders: list[Path] = []
        self._exported: dict[Path, tuple[str, Path | LaminaError]] = {}
        for word in words:
            name, path = _parted(word)
            if not name and _is_folder_of_runs(path):
                self._folders.append(path)
                continue
            name = check_name(name or model_name(path))
            if name in self._single:
                raise ConfigError(
                    f"two models would be called {name!r}: {self._single[name]} and {path}. "
                    "Name one of them: NAME=FILE"
                )
            if path.suffix != _SUFFIX or not path.is_file():
                _check_run(path)
            self._single[name] = path

    def find(self) -> Mapping[str, Path | LaminaError]:
        """Return the file of each model, exported where it must be; or why there is none."""
        found = {name: self._file_of(path) for name, path in self._single.items()}
        for folder in self._folders:
            for path in sorted(folder.glob("*/model/bundle.json")):
                run = path.parent.parent
                found.setdefault(model_name(run), self._file_of(run))
        return found

    def _file_of(self, path: Path) -> Path | LaminaError:
        if not path.is_dir():
            return path
        bundle = path / "model" / "bundle.json"
        try:
            key = hashlib.sha256(bundle.read_bytes() + _FORM).hexdigest()[:12]
        except OSError as error:
            return RunError(f"{path} has no model: {error.strerror or error}.")
        known = self._exported.get(path)
        if known is None or known[0] != key:
            self._exported[path] = known = (key, self._exported_now(path, key))
        return known[1]

    def _exported_now(self, run: Path, key: str) -> Path | LaminaError:
        """Return the file of a run, written now where it is not there yet."""
        file = run / f"served-{key}{_SUFFIX}"
        if file.exists():
            return file
        draft = run / f".served-{key}-{os.getpid()}{_SUFFIX}"
        self._say(f"exporting {run} …")
        try:
            self._export(run, draft)
            for old in run.glob(f"served-*{_SUFFIX}"):
                old.unlink(missing_ok=True)
            draft.replace(file)
        except LaminaError as error:
            return error
        except OSError as error:
            return RunError(f"cannot write to {run}: {error.strerror or error}.")
        finally:
            draft.unlink(missing_ok=True)
        return file


def export_by_command(run: Path, file: Path) -> None:
    """Write a run as a file, in a process of its own.

    Args:
        run: The run folder.
        file: Where to.

    Raises:
        RunError: The export failed; the message is the export's own.
    """
    command = [sys.executable, "-m", "lamina", "export", str(run), str(file)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RunError(f"exporting {run} took more than {_MOST_SECONDS} s.") from error
    if done.returncode != 0 or not file.exists():
        lines = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}."]
        raise RunError(f"{run} cannot be exported: {lines[-1].removeprefix('lamina: ')}")


def _parted(word: str) -> tuple[str, Path]:
    """Return name and path; a path that is there may itself hold an equals sign."""
    name, sign, rest = word.partition("=")
    if sign and not Path(word).exists():
        return check_name(name), Path(rest)
    return "", Path(word)


def _is_folder_of_runs(path: Path) -> bool:
    has_plan = (path / "plan.yaml").exists()
    return path.is_dir() and not has_plan and any(path.glob("*/plan.yaml"))


def _check_run(path: Path) -> None:
    if path.is_file():
        raise ConfigError(f"{path} is no exported model: wanted a file ending in {_SUFFIX}.")
    if path.suffix == _SUFFIX:
        raise RunError(f"there is no file {path}. Write it with: lamina export RUN {path}")
    folder: RunFolder = open_run_folder(path)
    if not (folder.model / "bundle.json").exists():
        raise RunError(
            f"{path} has no model yet: the run is {folder.status()}. "
            f"Finish it with: lamina resume {path}"
        )
