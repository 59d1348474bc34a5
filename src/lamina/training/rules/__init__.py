"""Learning rules: how weights change for a batch, one file each."""
