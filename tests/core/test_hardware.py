"""The machine is described with what a receipt needs."""

import torch

from lamina.core.hardware import default_device, describe_hardware, num_cores, versions


def test_hardware() -> None:
    hardware = describe_hardware()
    assert hardware.processor
    assert hardware.num_cores == num_cores() >= 1
    assert hardware.memory_bytes > 1 << 28


def test_versions_name_the_libraries() -> None:
    assert versions()["torch"] == torch.__version__
    assert {"python", "system", "lamina", "numpy"} <= set(versions())


def test_device() -> None:
    assert default_device().type in {"cpu", "cuda"}


def test_each_process_has_the_gpu_that_it_chose(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 3)
    assert default_device() == torch.device("cuda", 3)
