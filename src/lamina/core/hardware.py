"""What this machine is: for the receipt, the probe and the energy estimate."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True, slots=True)
class Hardware:
    """The machine a run is on."""

    processor: str
    """Name of the CPU."""
    num_cores: int
    """Cores this process may use."""
    memory_bytes: int
    """Main memory; 0 where unknown."""
    accelerator: str
    """Name of the accelerator; empty without one."""
    has_fast_bfloat16: bool
    """bfloat16 arithmetic is native."""


def describe_hardware() -> Hardware:
    """Return what this machine is."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    return Hardware(
        processor=_processor(),
        num_cores=num_cores(),
        memory_bytes=_memory_bytes(),
        accelerator=name,
        has_fast_bfloat16=bool(name) or _cpu_has_bfloat16(),
    )


def num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def default_device() -> torch.device:
    """Return the device a run uses: this process's GPU where there is one, else the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    # Not number 0: with several processes each has chosen its own.
    return torch.device("cuda", torch.cuda.current_device())


def versions() -> dict[str, str]:
    """Return the versions that decide a result: Python, system and the libraries."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in ("lamina", "torch", "numpy", "polars", "scikit-learn", "safetensors", "Pillow"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _cpu_has_bfloat16() -> bool:
    # A private name of torch: absent in some versions, which only costs us the hint.
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(supported()) if supported is not None else False
