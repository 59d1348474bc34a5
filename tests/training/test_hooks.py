"""Hooks are quiet unless told otherwise."""

from lamina.training.hooks import Hooks
from lamina.training.log import NullLogger


def test_nothing_is_watched_by_default():
    hooks = Hooks()
    assert hooks.validate is hooks.transform is hooks.checkpoints is hooks.budget is None
    assert isinstance(hooks.logger, NullLogger)
    assert hooks.stop.reason is None
    assert Hooks().stop is not hooks.stop
