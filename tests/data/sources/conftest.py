"""What every source promises, checked in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from lamina.core.errors import ConfigError
from lamina.data.sources.base import AbstractSource

Check = Callable[[AbstractSource], None]


@pytest.fixture
def check_source() -> Check:
    """Return the contract check: at once, in batches and in part, the rows are the same."""

    def check(source: AbstractSource) -> None:
        whole = source.read()
        problems = list(source.problems)
        assert whole.height > 0
        for size in (1, 3, whole.height, whole.height + 5):
            frames = list(source.batches(size))
            assert [frame.height for frame in frames[:-1]] == [size] * (len(frames) - 1)
            assert 1 <= frames[-1].height <= size
            assert all(frame.schema == whole.schema for frame in frames)
            assert_frame_equal(frames[0].vstack(_rest(frames)), whole)
            assert source.problems == problems
        half = whole.height // 2
        assert_frame_equal(source.read(half), whole.head(half))
        assert_frame_equal(source.read(whole.height + 1), whole)
        with pytest.raises(ConfigError, match="num_rows must be at least 1"):
            next(source.batches(0))
        info = source.describe()
        assert info.num_rows == whole.height
        assert (info.kind, info.location) == (source.kind, source.location)
        assert len(info.fingerprint) == 64
        assert info.fingerprint == source.fingerprint()

    return check


def _rest(frames):
    result = frames[0].clear()
    for frame in frames[1:]:
        result = result.vstack(frame)
    return result


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Return a function that writes a file below the test's folder."""

    def write_file(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file
