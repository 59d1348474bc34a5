"""Fixtures for every test: one thread, a fixed seed, no environment of the user's."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import pytest
import torch

torch.set_num_threads(1)

# A machine that is busy must not fail a property.
hypothesis.settings.register_profile("lamina", deadline=None)
hypothesis.settings.load_profile("lamina")


@pytest.fixture(autouse=True)
def _fixed_seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _one_thread():
    yield
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAMINA_DATA", "LAMINA_RUNS", "RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
