"""Untrusted files, atomic writing, and the cache folder."""
