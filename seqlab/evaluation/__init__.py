"""Evaluation of models and baselines, analysis of errors, and gradients through time."""
