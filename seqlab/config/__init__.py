"""What is asked of a run: its configuration, recipes, and the options of each section."""
