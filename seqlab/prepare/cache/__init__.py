"""The cache of encoded data: what was read and encoded once is mapped into memory the next time."""
