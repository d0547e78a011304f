"""Reading of data sets, their encoding as flat arrays, and sampling of batches."""
