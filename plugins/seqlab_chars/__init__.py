"""Next symbols: characters, words or pieces of words."""
