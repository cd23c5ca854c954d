"""Benchmarks: how long an answer takes, beside the least that the database could need for it."""
