"""Tagged sentences: the family of CoNLL formats."""
