"""Hooks, discovery of plugins, and resolution of names to registered classes."""
