"""Texts and numbers as flat arrays."""
