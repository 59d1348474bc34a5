"""Answers of an exported model, with NumPy and onnxruntime alone."""
