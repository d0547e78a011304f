"""Relations between rows: splits, times, groups and the order of series."""
