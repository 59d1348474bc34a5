"""Writes a trained model as one file that holds the whole function and its own proof."""
