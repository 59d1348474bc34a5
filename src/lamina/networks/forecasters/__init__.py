"""Networks that answer the next steps of series."""
