"""Whether rooms are free, and what else would do. Nothing here changes a row."""
