"""One offline HTML page per run, and the same summary for the command line."""
