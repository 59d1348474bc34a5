"""Errors, records, tables, random numbers, hardware and the bundle format."""
