"""Data shown, checked and converted: the work behind the commands on data."""
