"""Bringing bookings in that were kept elsewhere: calendars and tables become dates of the house.

A file is read (``calendars``, ``tables``), its entries are put into rooms and series (``planning``), and stored
(``storing``); nobody is written to, and all of it can be taken back.
"""
