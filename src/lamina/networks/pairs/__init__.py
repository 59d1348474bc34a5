"""Networks that compare two texts."""
