"""Parts of networks that tag words: what reads letters, and what reads the words around."""
