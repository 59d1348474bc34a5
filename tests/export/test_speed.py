"""Two graphs are timed in turns."""

import time

import numpy as np

from lamina.export.speed import compared


def test_the_quicker_one_is_told() -> None:
    def slow(inputs):
        time.sleep(0.004)
        return inputs["x"]

    def quick(inputs):
        time.sleep(0.001)
        return inputs["x"]

    inputs = {"x": np.zeros((1, 1))}
    found = compared(quick, slow, inputs, inputs)
    assert found["one_row_ms"] >= 1
    assert found["one_row_ms_float32"] >= 4
    assert found["one_row_gain"] > 1.5
    assert found["batch_gain"] > 1.5
