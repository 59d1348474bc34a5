"""Data: sources, modalities, schema, splits, checks and the encoded data set."""
