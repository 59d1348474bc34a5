"""A run folder: where everything of one run lies, and who may write to it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.core.errors import RunError
from lamina.core.files import write_atomically

LOCK = ".lock"
"""File that is held while a process writes to the folder."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path
    """The folder."""

    @property
    def plan(self) -> Path:
        """Every decision and its reason."""
        return self.path / "plan.yaml"

    @property
    def log(self) -> Path:
        """One JSON line per logged step."""
        return self.path / "log.jsonl"

    @property
    def checkpoint(self) -> Path:
        """The last good checkpoint and the one before."""
        return self.path / "checkpoint"

    @property
    def model(self) -> Path:
        """The bundle."""
        return self.path / "model"

    @property
    def evaluation(self) -> Path:
        """Metrics, baselines, slices."""
        return self.path / "evaluation.json"

    @property
    def answers(self) -> Path:
        """Answers to the test rows, from which runs are compared."""
        return self.path / "answers.safetensors"

    @property
    def explanation(self) -> Path:
        """What moves the network, measured on test rows."""
        return self.path / "explanation.json"

    @property
    def representations(self) -> Path:
        """Some training rows as the network sees them."""
        return self.path / "representations.safetensors"

    @property
    def report(self) -> Path:
        """One offline HTML file."""
        return self.path / "report.html"

    @property
    def receipt(self) -> Path:
        """Versions, hardware, seeds, hashes."""
        return self.path / "receipt.json"

    @property
    def data(self) -> Path:
        """Encoded rows on disk, where the data does not fit in memory."""
        return self.path / "data"

    def status(self) -> str:
        """Return "done", "trained" (not yet evaluated), "unfinished" or "planned".

        A run that was interrupted has a model and a report, and is still "unfinished".
        """
        if self.report.exists() and self.evaluation.exists():
            return "unfinished" if self._is_interrupted() else "done"
        if (self.model / "bundle.json").exists():
            return "trained"
        if self.checkpoint.exists() and any(self.checkpoint.iterdir()):
            return "unfinished"
        return "planned"

    def _is_interrupted(self) -> bool:
        try:
            told = json.loads(self.evaluation.read_text(encoding="utf-8"))
            return told["training"]["is_interrupted"] is True
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def read_json(self, path: Path) -> dict[str, Any]:
        """Return the content of a JSON file of the run.

        Args:
            path: The file.

        Raises:
            RunError: It is missing or damaged.
        """
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RunError(
                f"{self.path} has no {path.name}: the run is {self.status()}. "
                f"Finish it with: lamina resume {self.path}"
            ) from error
        except (OSError, ValueError) as error:
            raise RunError(f"cannot read {path}: {error}.") from error
        if not isinstance(value, dict):
            raise RunError(f"{path} is damaged: it holds no object.")
        return value

    def write_json(self, path: Path, value: dict[str, Any]) -> None:
        """Write a JSON file of the run atomically.

        Args:
            path: The file.
            value: JSON-like.
        """
        text = json.dumps(value, indent=1, ensure_ascii=False, default=_plain_number)
        write_atomically(path, text + "\n")


def new_run_folder(out: Path | None, *, stem: str, root: Path = Path("runs")) -> RunFolder:
    """Make the folder of a new run.

    Args:
        out: The folder wanted; None takes the next free `root/stem-N`.
        stem: Name of the data.
        root: Where runs lie.

    Raises:
        RunError: The folder holds a run already, or cannot be written.
    """
    try:
        if out is not None:
            if out.exists() and any(p.name != LOCK for p in out.iterdir()):
                raise RunError(
                    f"{out} is not empty. Choose another --out, or go on with: lamina resume {out}"
                )
            out.mkdir(parents=True, exist_ok=True)
            return RunFolder(out)
        root.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1_000_000):
            path = root / f"{_safe(stem)}-{number}"
            try:
                path.mkdir()
            except FileExistsError:
                continue
            return RunFolder(path)
    except OSError as error:
        raise RunError(
            f"cannot write to {out or root}: {error.strerror or error}. Choose another --out."
        ) from error
    raise RunError(f"{root} holds a million runs of {stem}. Choose another --out.")


def open_run_folder(path: Path | str) -> RunFolder:
    """Return an existing run folder.

    Args:
        path: The folder.

    Raises:
        RunError: There is no run there; the message names the nearest one.
    """
    folder = RunFolder(Path(path))
    if folder.plan.exists():
        return folder
    import difflib

    near = [str(p.parent) for p in Path(path).parent.glob("*/plan.yaml")]
    match = difflib.get_close_matches(str(path), near, n=1, cutoff=0.3)
    hint = f" Did you mean {match[0]}?" if match else " See all with: lamina runs"
    raise RunError(f"{path} is no run folder: it has no plan.yaml.{hint}")


@contextmanager
def lock_folder(folder: RunFolder) -> Iterator[None]:
    """Hold a run folder for writing; the lock goes with the process, also when it is killed.

    Args:
        folder: The run folder.

    Raises:
        RunError: Another process writes to it.
    """
    try:
        file = (folder.path / LOCK).open("w")
    except OSError as error:
        raise RunError(f"cannot write to {folder.path}: {error.strerror or error}.") from error
    with file as handle:
        try:
            import fcntl
        except ImportError:  # Windows: no advisory locks; two writers there are the user's care
            yield
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RunError(f"{folder.path} is in use by another process. Wait for it.") from error
        yield


def _safe(stem: str) -> str:
    return re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:60] or "run"


def _plain_number(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
