from lamina.runs.watch import Watch
from lamina.training.log import NullLogger


def test_a_watch_is_silent_unless_told(capsys):
    watch = Watch()
    assert watch.say("x") is None
    assert isinstance(watch.logger, NullLogger)
    assert capsys.readouterr() == ("", "")
