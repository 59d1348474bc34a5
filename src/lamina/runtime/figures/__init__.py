"""What cells are like at a glance, to compare new ones with training: one file per modality."""
