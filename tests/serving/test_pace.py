from lamina.serving.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_work_takes_its_share_of_the_time():
    clock = Clock()
    pace = Pace(0.1, clock)
    assert pace.begin()
    assert not pace.begin()
    clock.now = 2.0
    pace.end()
    # Two seconds of work are a tenth of twenty.
    clock.now = 19.9
    assert not pace.begin()
    clock.now = 20.0
    assert pace.begin()


def test_an_end_without_a_beginning_changes_nothing():
    pace = Pace(0.5, Clock())
    pace.end()
    assert pace.begin()
