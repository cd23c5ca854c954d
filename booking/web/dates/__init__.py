"""Dates with their states and ways out, for whoever asks for dates or moves them."""
