"""What `--track` means, and that a run remembers it."""

import json

import pytest

from lamina.core.errors import ConfigError
from lamina.runs.trackers.base import GuardedTracker, NullTracker
from lamina.runs.trackers.table import REMEMBERED, TRACKERS, make_tracker, start_tracking
from tests.runs.tiny import finished


@pytest.mark.parametrize("name", TRACKERS)
def test_every_tracker_has_the_name_of_its_row(name) -> None:
    assert make_tracker(name).name == name
    assert TRACKERS[name].summary


def test_nothing_is_tracked_unless_it_is_asked_for(tmp_path) -> None:
    assert isinstance(make_tracker(None), NullTracker)
    tracker = start_tracking(None, tmp_path, finished("binary").plan, print)
    assert isinstance(tracker, NullTracker)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"), [("tensorbord", "Did you mean 'tensorboard'"), ("mlflow=", "NAME=WHERE")]
)
def test_wrong_words_are_told(text, message) -> None:
    with pytest.raises(ConfigError, match=message):
        make_tracker(text)


def test_a_run_goes_on_where_it_was_tracked(tmp_path) -> None:
    plan = finished("binary").plan
    start_tracking(f"tensorboard={tmp_path / 'events'}", tmp_path, plan, print)
    assert json.loads((tmp_path / REMEMBERED).read_text())["track"].startswith("tensorboard=")
    again = start_tracking(None, tmp_path, plan, print)
    assert isinstance(again, GuardedTracker)
