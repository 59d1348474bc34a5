"""Energy of a run: counters where the machine has them, an honest estimate elsewhere.

In this order: the GPU's own counter (NVML), the processor's counter (RAPL), or cores used × watts
per core × CPU seconds. Every figure carries its method and its relative uncertainty.

Source: NVML `nvmlDeviceGetTotalEnergyConsumption`; Linux power capping framework (RAPL); Yang et
al. 2024, arXiv:2312.02741, for the error of sampled power, which is why only counters are read.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import torch

from lamina.core.errors import ConfigError

WATTS_PER_CORE = 5.0
"""Assumed power of one busy core where nothing can be measured: thermal design power over cores of
common desktop and server processors lies between 3 and 8."""

_POWERCAP = Path("/sys/class/powercap")


@dataclass(frozen=True, kw_only=True, slots=True)
class Energy:
    """An amount of energy and how it is known."""

    joules: float
    """How much."""
    method: str
    """How it was found, in plain words."""
    uncertainty: float
    """Relative, such as 0.05 for ±5 %."""

    @property
    def watt_hours(self) -> float:
        """The same amount in watt-hours."""
        return self.joules / 3600.0


class AbstractEnergyCounter(ABC):
    """Something that counts energy."""

    @abstractmethod
    def read(self) -> Energy:
        """Return the energy since the counter was made."""


@final
class NVMLCounter(AbstractEnergyCounter):
    """The GPU's own counter, of the whole GPU.

    Args:
        library: The module `pynvml`, already initialised.
        device_index: Number of the GPU.
    """

    def __init__(self, library: Any, *, device_index: int = 0) -> None:
        self._library = library
        self._handle = library.nvmlDeviceGetHandleByIndex(device_index)
        self._start = self._total()

    def read(self) -> Energy:
        """Return the energy since the counter was made."""
        return Energy(
            joules=(self._total() - self._start) / 1000.0,
            method="GPU counter (NVML), whole GPU",
            uncertainty=0.05,
        )

    def _total(self) -> float:
        return float(self._library.nvmlDeviceGetTotalEnergyConsumption(self._handle))


@final
class RAPLCounter(AbstractEnergyCounter):
    """The processor's counters, of all packages; they wrap around, so read them now and then.

    Args:
        folders: Folders with `energy_uj` and `max_energy_range_uj`.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._ranges = [_number(folder / "max_energy_range_uj") for folder in self._folders]
        self._last = [_number(folder / "energy_uj") for folder in self._folders]
        self._microjoules = 0.0

    def read(self) -> Energy:
        """Return the energy since the counter was made."""
        for place, folder in enumerate(self._folders):
            value = _number(folder / "energy_uj")
            step = value - self._last[place]
            self._microjoules += step if step >= 0 else step + self._ranges[place]
            self._last[place] = value
        return Energy(
            joules=self._microjoules / 1e6,
            method="processor counter (RAPL), whole package",
            uncertainty=0.1,
        )


@final
class EstimatedCounter(AbstractEnergyCounter):
    """CPU seconds of this process times an assumed power per core.

    Args:
        watts_per_core: Power of one busy core.
    """

    def __init__(self, *, watts_per_core: float = WATTS_PER_CORE) -> None:
        if not watts_per_core > 0:
            raise ConfigError(f"watts_per_core must be above 0, got {watts_per_core!r}. Try 5.")
        self._watts = watts_per_core
        self._start = time.process_time()

    def read(self) -> Energy:
        """Return the energy since the counter was made."""
        return Energy(
            joules=(time.process_time() - self._start) * self._watts,
            method=f"estimate: CPU seconds × {self._watts:g} W per core",
            uncertainty=0.4,
        )


@final
class EnergyMeter:
    """The energy of this run, the sum of all that can be read.

    Args:
        counters: What counts; None finds out what this machine has.
    """

    def __init__(self, counters: Sequence[AbstractEnergyCounter] | None = None) -> None:
        self._counters = tuple(find_counters() if counters is None else counters)
        if not self._counters:
            raise ConfigError("an energy meter needs at least one counter.")

    def joules(self) -> float:
        """Return the energy since the meter was made."""
        return sum(counter.read().joules for counter in self._counters)

    def read(self) -> Energy:
        """Return the energy since the meter was made, with method and uncertainty."""
        parts = [counter.read() for counter in self._counters]
        total = sum(part.joules for part in parts)
        error = sum(part.joules * part.uncertainty for part in parts)
        largest = max(part.uncertainty for part in parts)
        return Energy(
            joules=total,
            method=" + ".join(part.method for part in parts),
            uncertainty=error / total if total > 0 else largest,
        )


def find_counters(*, powercap: Path = _POWERCAP) -> list[AbstractEnergyCounter]:
    """Return the counters of this machine: of the GPU if there is one, and of the processor.

    Args:
        powercap: Folder of the power capping framework.
    """
    counters: list[AbstractEnergyCounter] = []
    if torch.cuda.is_available() and (gpu := _nvml()) is not None:
        counters.append(gpu)
    packages = [path for path in sorted(powercap.glob("intel-rapl:*")) if _is_package(path)]
    counters.append(RAPLCounter(packages) if packages else EstimatedCounter())
    return counters


def _nvml() -> AbstractEnergyCounter | None:
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        return NVMLCounter(pynvml, device_index=torch.cuda.current_device())
    except pynvml.NVMLError:
        return None  # older than Volta, or not permitted


def _is_package(folder: Path) -> bool:
    """Return whether a folder is a whole package whose counter may be read."""
    if folder.name.count(":") != 1:
        return False
    try:
        return _number(folder / "energy_uj") >= 0 and _number(folder / "max_energy_range_uj") > 0
    except (OSError, ValueError):
        return False


def _number(path: Path) -> float:
    return float(path.read_text())
