"""What is chosen for each kind of data: one file per kind."""
