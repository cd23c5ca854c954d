"""Asking for a room: four steps and a thank-you."""
