"""Data for a finished run: its own, others to evaluate it on, and series to continue."""
