"""Checks of the data before training: leaks, duplicates, identifiers, wrong labels and more."""
