"""Files: read as from a stranger, written whole or not at all; where the cache is."""
