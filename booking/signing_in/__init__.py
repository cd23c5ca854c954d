"""The second factor of the team: codes from an app on the phone, codes for when it is lost, and passkeys.

The ways to check them are libraries' (Flask-Security, py_webauthn); here stands what is kept, and what ends when
something changes.
"""

#: Who can sign in to the example house, and nowhere else.
EXAMPLE_ACCOUNT = "team@example.org"
