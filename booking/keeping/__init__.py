"""Keeping a house: its backup, the way back from one, and its move to another database."""
