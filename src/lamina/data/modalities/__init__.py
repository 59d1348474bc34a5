"""Modalities: the kinds of columns, one file each; the table is in `table.py`."""
