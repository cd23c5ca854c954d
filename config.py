"""Deployment settings: their defaults, units and meaning.

Each is overridden by an environment variable with the prefix ``BOOKING_``
(``BOOKING_PUBLIC_URL`` for ``PUBLIC_URL``), except ``DATABASE_URL``, which is
read as it is. The house itself, its rooms, hours and words are data in the
database, not settings.
"""

#: Where bookings are stored, an SQLAlchemy URL. Empty: SQLite in the instance folder.
DATABASE_URL = ""

#: The address people use, without a slash at the end. Links in mails are made from this and from nothing else.
#: Empty: http://127.0.0.1 and the port.
PUBLIC_URL = ""

#: Signs cookies and makes the private links of groups. Empty: made once and kept in the instance folder.
SECRET_KEY = ""

#: Where the bundled server listens.
HOST = "127.0.0.1"
PORT = 5000

#: In which languages people read the service, by their codes, with spaces between; that of the house is always there.
LANGUAGES = "de en"

#: How many reverse proxies stand in front and set X-Forwarded-For, -Proto and -Host.
PROXIES = 0

#: smtp://user:password@host:25, smtps://…:465 or smtp://…:587?starttls=1. Empty: letters are files in instance/mail.
SMTP_URL = ""

#: Seconds until a silent mail server counts as away.
SMTP_TIMEOUT = 10

#: The sender of all letters. Empty: the house's own address.
MAIL_FROM = ""

#: Seconds a decision's letter waits, in which the decision can be taken back.
#: A letter about a group's own steps waits three times as long for further ones.
UNDO_SECONDS = 60

#: redis://:password@host:6379/0, where several processes or machines count limits together. Empty: each for itself.
LIMITS_URL = ""

#: "off" switches the limits on public forms off; only while the server listens on the loopback address.
RATE_LIMITS = "on"

#: "demanded": nobody of the team works with a password alone; "offered": each decides for themselves.
SECOND_FACTOR = "offered"

#: Where the team can sign in by the city's own accounts, by OpenID Connect: its issuer, such as
#: https://login.example.org/realms/city, and by which name and secret it knows this service. Empty: by password alone.
OIDC_ISSUER = ""
OIDC_CLIENT_ID = ""
OIDC_CLIENT_SECRET = ""

#: Which licence the open data have, as DCAT-AP.de lists them, and who the national portal knows as their contributor
#: (https://www.dcat-ap.de/def/contributors/); empty where it knows nobody yet.
DATA_LICENCE = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
DATA_CONTRIBUTOR = ""

#: Where in the own network calendars may stand that rooms follow: origins such as https://exchange.example.org, with
#: spaces between. All others are read from public addresses alone.
CALENDARS_INSIDE = ""

#: The local time at which the house's clock starts, such as 2026-12-08T18:42; only on the loopback address.
NOW = ""
