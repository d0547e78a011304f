"""Sources of rows, their encoding as flat arrays, and batches."""
