"""Sources: where rows come from. Start at `open.py`; the kinds stand in `table.py`."""
