"""Loggers keep what they are told, as JSON that any reader accepts."""

import json

from lamina.training.log import (
    JsonLinesLogger,
    LoggerGroup,
    MemoryLogger,
    NullLogger,
    read_log,
)


def test_lines_are_plain_json_and_a_second_run_appends(tmp_path):
    path = tmp_path / "run" / "log.jsonl"
    for step in (1, 2):
        logger = JsonLinesLogger(path)
        logger.write({"kind": "step", "step": step, "loss": float("nan"), "m": {"a": float("inf")}})
        logger.close()
    lines = [json.loads(line, parse_constant=None) for line in path.read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
    assert lines[0]["loss"] is None
    assert lines[0]["m"] == {"a": None}


def test_a_line_cut_off_by_a_crash_is_left_out(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"kind": "step", "step": 1}\n{"kind": "st')
    assert read_log(path) == [{"kind": "step", "step": 1}]
    logger = JsonLinesLogger(path)
    logger.write({"kind": "step", "step": 2})
    logger.close()
    assert [record["step"] for record in read_log(path)] == [1, 2]


def test_a_full_disk_does_not_stop_the_training(tmp_path):
    logger = JsonLinesLogger(tmp_path / "log.jsonl")
    logger._file.close()

    class Full:
        def write(self, text):
            raise OSError(28, "No space left on device")

        def flush(self):
            raise AssertionError

        def close(self):
            pass

    logger._file = Full()
    logger.write({"kind": "step", "step": 1})
    assert logger.num_lost == 1
    logger.close()


def test_a_group_tells_all():
    first, second = MemoryLogger(), MemoryLogger()
    group = LoggerGroup([first, NullLogger(), second])
    group.write({"kind": "end"})
    group.close()
    assert first.records == second.records == [{"kind": "end"}]
