"""Checks of data, before and after they are encoded."""
