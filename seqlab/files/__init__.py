"""Files: reading untrusted ones, atomic writing, and the cache folder."""
