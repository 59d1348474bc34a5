"""Trained weights of published networks in the Hugging Face layout, mapped into ours."""
