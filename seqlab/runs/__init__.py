"""One run from its request to its result, its folder, and what is done with several runs."""
