"""The order of the sizes of decoded pictures: rows, height, width and, last, channels."""

import numpy as np

_COUNTS = (1, 3, 4)


def channels_last(values: np.ndarray) -> np.ndarray:
    """Return pictures with the channels last; one channel alone has no size of its own.

    Args:
        values: [rows, height, width], or four sizes; where only the first behind the rows is 1, 3
            or 4, it is taken for the channels.
    """
    if values.ndim != 4:
        return values
    if values.shape[3] not in _COUNTS and values.shape[1] in _COUNTS:
        values = values.transpose(0, 2, 3, 1)
    return values[..., 0] if values.shape[3] == 1 else values
