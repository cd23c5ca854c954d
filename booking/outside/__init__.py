"""Calendars from outside that rooms follow: fetched without letting anybody look into our network, read, and kept."""
