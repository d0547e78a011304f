"""Metrics as sums per example, and their 95 % confidence intervals."""
