"""Splits of files, folders, data sets of the Hugging Face Hub, and rows from Python."""
