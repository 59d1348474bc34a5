"""Run a command in this process and see what it prints and how it exits."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from lamina.cli.main import main


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        (line,) = self.out.strip().splitlines()
        return json.loads(line)


@dataclass(frozen=True)
class Command:
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: object) -> Outcome:
        with pytest.raises(SystemExit) as stop:
            main([str(word) for word in words])
        said = self.capsys.readouterr()
        code = stop.value.code
        assert isinstance(code, int)
        return Outcome(code, said.out, said.err)
