"""What networks share whose answers are written: names and marks."""

LIKELIHOOD = "likelihood"
"""Name of the output that measures answers that were given: float [batch, 3 or 4], nats, tokens,
bytes, and perhaps nats of all tokens."""

MARK = 2
"""The token before every text, and behind what is written (see `data/modalities/pieces.py`)."""
