"""Hooks, discovery of plugins, and names looked up in what they registered."""
