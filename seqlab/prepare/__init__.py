"""From a resolved configuration to encoded data."""
