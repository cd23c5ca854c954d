"""The plan of the day: on the screen in the entrance, and on the phone behind its QR code."""
