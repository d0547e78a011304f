"""Values for sequences of symbols or numbers."""
