"""The rules of the house, in plain Python: values in, values out.

Nothing here knows Flask, the database, mail, the network or the clock.
"""
