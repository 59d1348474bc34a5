"""How the graphs of a network that writes are asked, step by step, for a whole text."""
