"""Files, folders, ids of the Hugging Face Hub and rows from Python as splits."""
