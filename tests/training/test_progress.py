"""What people see."""

import io

from lamina.training.progress import BarLogger, PlainLogger, describe, progress_logger

STEP = {
    "kind": "step",
    "step": 50,
    "total_steps": 200,
    "progress": 0.25,
    "loss": 0.5,
    "samples_per_second": 12345.0,
    "seconds": 3.0,
}
VALIDATION = {
    "kind": "validation",
    "epoch": 2.0,
    "loss": 0.25,
    "metrics": {"accuracy": 0.875},
    "seconds": 65.0,
}
EVENT = {"kind": "event", "event": "roll back", "message": "went [back]"}
END = {"kind": "end", "steps": 200, "is_interrupted": True, "seconds": 9.0}


def test_lines():
    assert describe(STEP) == "step 50/200  loss 0.5  12,345 samples/s  3.0 s"
    assert describe(VALIDATION) == "epoch 2.0  loss 0.25  accuracy 0.875  1 m 05 s"
    assert describe(EVENT) == "went [back]"
    assert describe(END) == "interrupted after 200 steps, 9.0 s"
    assert describe({"kind": "start"}) == ""


def test_plain_lines_about_steps_are_rare():
    stream = io.StringIO()
    logger = progress_logger(stream)
    assert isinstance(logger, PlainLogger)
    for record in (STEP, STEP, VALIDATION, EVENT, {"kind": "start"}, END):
        logger.write(record)
    logger.close()
    assert stream.getvalue().splitlines() == [describe(r) for r in (VALIDATION, EVENT, END)]
    eager = PlainLogger(stream, interval_s=0.0)
    eager.write(STEP)
    assert stream.getvalue().endswith(describe(STEP) + "\n")


def test_a_terminal_gets_a_bar():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    logger = progress_logger(stream)
    assert isinstance(logger, BarLogger)
    for record in (VALIDATION, STEP, EVENT, END):
        logger.write(record)
    logger.close()
    text = stream.getvalue()
    assert "went [back]" in text
    assert "25 %" in text
    assert "accuracy 0.875" in text
