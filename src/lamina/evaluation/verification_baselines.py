"""What tells identities apart without a network: principal components of the numbers of a row.

Source: Turk and Pentland 1991, "Eigenfaces for recognition". Differs: cosines of whitened
components.
"""

import numpy as np

_MOST_COMPONENTS = 64
_MOST_ROWS = 2_000
_MOST_NUMBERS = 20_000
_LEAST_SHARE = 1e-6


def principal_vectors(known: np.ndarray | None, asked: np.ndarray | None) -> np.ndarray | None:
    """Return the principal components of rows, each component equally strong, of length 1.

    Args:
        known: Training rows that the components are found in, float [rows, numbers].
        asked: Rows to be told apart.

    Returns:
        float64 [asked rows, components]; None where there is nothing to find components in.
    """
    if known is None or asked is None or len(known) < 2 or known.shape[1] > _MOST_NUMBERS:
        return None
    some = known[np.linspace(0, len(known) - 1, min(len(known), _MOST_ROWS)).astype(np.int64)]
    mean = some.mean(axis=0)
    _, strengths, axes = np.linalg.svd(some - mean, full_matrices=False)
    count = min(_MOST_COMPONENTS, int((strengths > _LEAST_SHARE * strengths[0]).sum()))
    if not count:
        return None
    found = ((asked - mean) @ axes[:count].T / strengths[:count]).astype(np.float64)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
