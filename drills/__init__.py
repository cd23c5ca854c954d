"""Drills: what takes minutes, kills processes or needs a machine to itself; each module has a ``main``."""
