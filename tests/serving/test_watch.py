"""New files of a model are put in place while the server runs; bad ones are not."""

import asyncio
import os

import pytest

from lamina.core.errors import BundleError, ConfigError, RunError
from lamina.serving.config import ServingConfig
from lamina.serving.meter import Meter
from lamina.serving.models import Models
from lamina.serving.watch import Watcher, stamp_of
from tests.serving.fakes import Shop


class Folder:
    """Files that hold the bias of a shop, and a watcher of them."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.models = Models(ServingConfig(), Meter())
        self.extra = {}
        self.watcher = Watcher(self.models, self.find, self.load, say=self.said.append)

    def find(self):
        return {path.stem: path for path in sorted(self.folder.glob("*.txt"))} | self.extra

    def load(self, path):
        text = path.read_text()
        if text == "broken":
            raise BundleError(f"{path} is damaged.")
        shop = Shop(path.stem, bias=float(text))
        shop.is_broken = text == "13"
        return shop

    def write(self, name, text) -> None:
        draft = self.folder / f"{name}.draft"
        draft.write_text(text)
        # A clock too coarse for two writes in one test must not hide the second.
        self.count = getattr(self, "count", 0) + 1
        os.utime(draft, ns=(self.count * 10**9, self.count * 10**9))
        draft.replace(self.folder / f"{name}.txt")

    def look(self, times: int = 2) -> None:
        async def every() -> None:
            for _ in range(times):
                await self.watcher.look()
            await asyncio.sleep(0)

        asyncio.run(every())

    def version(self, name) -> str:
        return self.models.get(name).version


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_a_file_that_was_replaced_answers_after_it_was_seen_twice(folder) -> None:
    folder.write("a", "1")
    folder.watcher.start()
    first = folder.version("a")
    folder.write("a", "2")
    folder.look(1)
    assert folder.version("a") == first
    folder.look(1)
    assert folder.version("a") != first
    assert folder.said == [f"a: version {folder.version('a')} answers now."]


def test_a_new_model_is_picked_up(folder) -> None:
    folder.write("a", "1")
    folder.watcher.start()
    folder.write("b", "1")
    folder.look()
    assert set(folder.models.every()) == {"a", "b"}


@pytest.mark.parametrize(("text", "reason"), [("broken", "is damaged"), ("13", "typical row")])
def test_a_broken_file_is_refused_once_and_the_old_one_stays(folder, text, reason) -> None:
    folder.write("a", "1")
    folder.watcher.start()
    first = folder.version("a")
    folder.write("a", text)
    folder.look(4)
    assert folder.version("a") == first
    assert reason in folder.models.problems["a"]
    assert len(folder.said) == 1
    folder.write("a", "3")
    folder.look()
    assert folder.version("a") != first
    assert folder.models.problems == {}


def test_the_same_content_written_again_changes_nothing(folder) -> None:
    folder.write("a", "1")
    folder.watcher.start()
    model = folder.models.get("a")
    folder.write("a", "1")
    folder.look()
    assert folder.models.get("a") is model
    assert folder.said == []


def test_a_file_that_is_gone_or_cannot_be_found_leaves_the_old_one(folder) -> None:
    folder.write("a", "1")
    folder.watcher.start()
    (folder.folder / "a.txt").unlink()
    folder.look()
    folder.extra = {"a": RunError("the run has no model.")}
    folder.look()
    assert folder.version("a")
    assert folder.models.problems == {"a": "the run has no model."}


def test_a_server_does_not_start_with_less_than_it_was_asked_for(folder) -> None:
    with pytest.raises(ConfigError, match="there is no model to serve"):
        folder.watcher.start()
    folder.write("a", "1")
    folder.write("b", "broken")
    with pytest.raises(BundleError, match=r"b\.txt is damaged"):
        folder.watcher.start()


def test_a_missing_file_has_no_stamp(tmp_path) -> None:
    assert stamp_of(tmp_path / "none") == ""
    (tmp_path / "some").write_text("x")
    assert stamp_of(tmp_path / "some") != ""
