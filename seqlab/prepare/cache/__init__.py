"""The cache of encoded data, which are mapped into memory by later runs."""
