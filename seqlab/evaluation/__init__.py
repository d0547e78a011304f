"""Metrics, their intervals, and baselines to hold them against."""
