"""One file per modality, as in `lamina.data.modalities`: raw cells to arrays, in NumPy."""
