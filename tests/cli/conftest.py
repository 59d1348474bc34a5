import pytest

from tests.cli.command import Command
from tests.runs.tiny import quick_baselines


@pytest.fixture
def lamina(capsys, monkeypatch, tmp_path) -> Command:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    quick_baselines(monkeypatch)
    return Command(capsys)
