"""Runs: from a request to a result, run folders, resuming, reproducing, several seeds."""
