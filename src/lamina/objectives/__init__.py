"""Losses and penalties as functions of tensors, one loss per sample."""
