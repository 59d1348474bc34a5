"""Contract checks for networks, objectives and tasks; public, so that others can use them."""
