"""One file per form of an answer: from the graph's numbers to the cells of the answer."""
