"""The loop, learning rules, optimizers, schedules, checkpoints, budgets and the probe."""
