"""Tables of Apache Arrow on disk: parquet, arrow and rows that exceed memory."""
