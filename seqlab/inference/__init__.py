"""Use a trained run: predict, generate text, inspect errors and gradients."""
