"""Data preparation: from a resolved configuration to encoded data."""
