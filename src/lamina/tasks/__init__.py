"""One file per question asked of data; recipes per kind of data."""
