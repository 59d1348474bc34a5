"""The life of one run: request, plan, fit, resume, use, compare, reproduce."""
