"""Trackers: where a run is followed beside its own folder."""
