"""Rows written to files, in every format that is read."""
