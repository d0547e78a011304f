"""The column of each role, found by names and kinds, and the values that its role needs."""
