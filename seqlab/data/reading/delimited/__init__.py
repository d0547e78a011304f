"""Delimited text files, such as .csv: dialect, header and rows."""
