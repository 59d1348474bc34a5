"""How good a model is: metrics with intervals, baselines, calibration, comparison, mistakes."""
