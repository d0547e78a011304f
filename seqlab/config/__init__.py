"""Requests, configurations, recipes, and the options of each section."""
