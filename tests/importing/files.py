"""Files as other programs write them, each with the dates that somebody counted by hand."""

from typing import NamedTuple


class ForeignFile(NamedTuple):
    """``dates``: title, room and local time of each, in order; ``faults``: what is told of the rest."""

    name: str
    content: bytes
    dates: list[str]
    faults: list[str]


def calendar(*lines: str) -> bytes:
    begin = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//elsewhere//EN")
    return "\r\n".join((*begin, *lines, "END:VCALENDAR", "")).encode()


def event(uid: str, *lines: str) -> tuple[str, ...]:
    return "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"


_OUTLOOK_ZONE = "W. Europe Standard Time"
_BERLIN = (
    *("BEGIN:VTIMEZONE", "TZID:Europe/Berlin"),
    *("BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST", "DTSTART:19700329T020000"),
    *("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT"),
    *("BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET", "DTSTART:19701025T030000"),
    *("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE"),
)

OUTLOOK = ForeignFile(
    "outlook.ics",
    calendar(  # a weekly series over the change of the clock: one date left out, one moved to another day
        *event(
            "040000008200E00074C5B7101A82E008",
            "SUMMARY:Gesundes St\u00e4dte-Netzwerk",
            f"DTSTART;TZID={_OUTLOOK_ZONE}:20270310T160000",
            f"DTEND;TZID={_OUTLOOK_ZONE}:20270310T180000",
            "RRULE:FREQ=WEEKLY;UNTIL=20270407T140000Z;INTERVAL=1;BYDAY=WE;WKST=MO",
            f"EXDATE;TZID={_OUTLOOK_ZONE}:20270324T160000",
            "LOCATION:Werkstatt\\; Kleiner R",
            " aum",
        ),
        *event(
            "040000008200E00074C5B7101A82E008",
            f"RECURRENCE-ID;TZID={_OUTLOOK_ZONE}:20270331T160000",
            "SUMMARY:Gesundes St\u00e4dte-Netzwerk",
            f"DTSTART;TZID={_OUTLOOK_ZONE}:20270401T170000",
            f"DTEND;TZID={_OUTLOOK_ZONE}:20270401T190000",
            "LOCATION:Werkstatt",
        ),
    ),
    [
        "Gesundes St\u00e4dte-Netzwerk, kleiner-raum, 2027-03-10 16:00\u20132027-03-10 18:00",
        "Gesundes St\u00e4dte-Netzwerk, kleiner-raum, 2027-03-17 16:00\u20132027-03-17 18:00",
        "Gesundes St\u00e4dte-Netzwerk, kleiner-raum, 2027-04-07 16:00\u20132027-04-07 18:00",
        "Gesundes St\u00e4dte-Netzwerk, werkstatt, 2027-03-10 16:00\u20132027-03-10 18:00",
        "Gesundes St\u00e4dte-Netzwerk, werkstatt, 2027-03-17 16:00\u20132027-03-17 18:00",
        "Gesundes St\u00e4dte-Netzwerk, werkstatt, 2027-04-01 17:00\u20132027-04-01 19:00",
        "Gesundes St\u00e4dte-Netzwerk, werkstatt, 2027-04-07 16:00\u20132027-04-07 18:00",
    ],
    [],
)

GOOGLE = ForeignFile(
    "google.ics",
    calendar(  # every second Tuesday of the month, until a day in UTC; the room stands in the title
        *_BERLIN,
        *event(
            "abc@google.com",
            "SUMMARY:Werkstatt: N\u00e4hcaf\u00e9",
            "DTSTART;TZID=Europe/Berlin:20270112T190000",
            "DTEND;TZID=Europe/Berlin:20270112T210000",
            "RRULE:FREQ=MONTHLY;UNTIL=20270413T170000Z;BYDAY=2TU",
            "EXDATE;TZID=Europe/Berlin:20270209T190000",
        ),
    ),
    [
        "N\u00e4hcaf\u00e9, werkstatt, 2027-01-12 19:00\u20132027-01-12 21:00",
        "N\u00e4hcaf\u00e9, werkstatt, 2027-03-09 19:00\u20132027-03-09 21:00",
        "N\u00e4hcaf\u00e9, werkstatt, 2027-04-13 19:00\u20132027-04-13 21:00",
    ],
    [],
)

DAYS = ForeignFile(
    "tage.ics",
    calendar(  # floating times, a whole day, several days, a night, and an hour in UTC
        *event("a", "SUMMARY:Treff", "DTSTART:20270701T183000", "DURATION:PT90M", "LOCATION:1. OG\\, Werkstatt"),
        *event("b", "SUMMARY:Inventur", "DTSTART;VALUE=DATE:20270702", "LOCATION:Werkstatt"),
        *event(
            "c",
            "SUMMARY:Hackathon",
            "DTSTART:20270709T180000",
            "DTEND:20270711T140000",
            "LOCATION:Gro\u00dfe Fl\u00e4che",
        ),
        *event("d", "SUMMARY:Lange Nacht", "DTSTART:20270703T220000", "DTEND:20270704T020000", "LOCATION:werkstatt"),
        *event("e", "SUMMARY:Anruf", "DTSTART:20270705T080000Z", "DTEND:20270705T090000Z", "LOCATION:Kleiner Raum"),
    ),
    [
        "Anruf, kleiner-raum, 2027-07-05 10:00\u20132027-07-05 11:00",
        "Hackathon, grosse-flaeche, 2027-07-09 18:00\u20132027-07-10 00:00",
        "Hackathon, grosse-flaeche, 2027-07-10 00:00\u20132027-07-11 00:00",
        "Hackathon, grosse-flaeche, 2027-07-11 00:00\u20132027-07-11 14:00",
        "Inventur, werkstatt, 2027-07-02 00:00\u20132027-07-03 00:00",
        "Lange Nacht, werkstatt, 2027-07-03 22:00\u20132027-07-04 02:00",
        "Treff, werkstatt, 2027-07-01 18:30\u20132027-07-01 20:00",
    ],
    [],
)

ODD = ForeignFile(
    "odd.ics",
    calendar(
        *event("a", "SUMMARY:Aus", "STATUS:CANCELLED", "DTSTART:20270701T180000", "LOCATION:Werkstatt"),
        *event(
            "b",
            "SUMMARY:Sekunden",
            "DTSTART:20270701T180000",
            "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
            "LOCATION:Werkstatt",
        ),
        *event("c", "SUMMARY:Sonstwo", "DTSTART:20270701T180000", "DURATION:PT1H", "LOCATION:Rathaus"),
        *event("d", "SUMMARY:Zone", "DTSTART;TZID=Mond/Nord:20270702T180000", "DURATION:PT1H", "LOCATION:Werkstatt"),
        *event("e", "SUMMARY:Ohne Anfang", "LOCATION:Werkstatt"),
    ),
    ["Zone, werkstatt, 2027-07-02 18:00\u20132027-07-02 19:00"],
    [
        "No room of the house is named in \u201cRathaus\u201d.",
        "\u201cOhne Anfang\u201d has no beginning.",
        "\u201cSekunden\u201d comes back in a way that no meeting does. Enter it by hand.",
        "\u201cZone\u201d names a time zone that nobody knows. Its times were taken as those of Europe/Berlin.",
    ],
)

EXCEL = ForeignFile(
    "belegung.csv",
    (
        "Datum;Beginn;Ende;Raum;Titel;Gruppe;Personen;\u00f6ffentlich;Stand\r\n"
        "Mi, 13.1.2027;16:00;18.00 Uhr;Gro\u00dfe Fl\u00e4che;\u201eSt\u00e4dte\u201c-Runde;Gesundes Netz;12-15;ja;\r\n"
        "20.01.27;16:00;18.00 Uhr;Gro\u00dfe Fl\u00e4che;\u201eSt\u00e4dte\u201c-Runde;Gesundes Netz;12;ja;\r\n"
        "27.1.2027;16;18;gro\u00dfe fl\u00e4che;\u201eSt\u00e4dte\u201c-Runde;Gesundes Netz;12;ja;\r\n"
        ";;;;;;;;\r\n"
        "28.1.2027;18:30-20:30;;Werkstatt;Repair-Caf\u00e9;;;nein;vorgemerkt\r\n"
        "29.1.2027;18:30;20:30;Werkstatt;Abgesagtes;;;;abgesagt\r\n"
        "31.2.2027;18:30;20:30;Werkstatt;Kein Tag;;;;\r\n"
        "1.3.2027;halb;20:30;Werkstatt;Keine Zeit;;;;\r\n"
        "2.3.2027;22:00;1:00;Werkstatt;Nachtschicht;;;;\r\n"
    ).encode("windows-1252"),
    [
        "Nachtschicht, werkstatt, 2027-03-02 22:00\u20132027-03-03 01:00",
        "Repair-Caf\u00e9, werkstatt, 2027-01-28 18:30\u20132027-01-28 20:30",
        "\u201eSt\u00e4dte\u201c-Runde, grosse-flaeche, 2027-01-13 16:00\u20132027-01-13 18:00",
        "\u201eSt\u00e4dte\u201c-Runde, grosse-flaeche, 2027-01-20 16:00\u20132027-01-20 18:00",
        "\u201eSt\u00e4dte\u201c-Runde, grosse-flaeche, 2027-01-27 16:00\u20132027-01-27 18:00",
    ],
    [
        "Line 8: \u201c31.2.2027\u201d is no date. Write it like 8.12.2026.",
        "Line 9: \u201chalb\u201d is no time. Write it like 18:30.",
    ],
)

OUTLOOK_TABLE = ForeignFile(
    "outlook.csv",
    (
        '"Subject","Start Date","Start Time","End Date","End Time","All day event","Description","Location"\n'
        '"Board, monthly","1/12/2027","7:00:00 PM","1/12/2027","9:30:00 PM","False","Ring Kim: 0521 123\n'
        'twice","Kleiner Raum"\n'
        '"Fair","2/26/2027","12:00:00 AM","2/27/2027","12:00:00 AM","True","","Gro\u00dfe Fl\u00e4che"\n'
        '"Late","2/27/2027","10:00:00 PM","2/28/2027","1:00:00 AM","False","","Werkstatt"\n'
    ).encode("utf-8-sig"),
    [
        "Board, monthly, kleiner-raum, 2027-01-12 19:00\u20132027-01-12 21:30",
        "Fair, grosse-flaeche, 2027-02-26 00:00\u20132027-02-27 00:00",
        "Fair, grosse-flaeche, 2027-02-27 00:00\u20132027-02-28 00:00",
        "Late, werkstatt, 2027-02-27 22:00\u20132027-02-28 01:00",
    ],
    [],
)

NUMBERS = ForeignFile(
    "zahlen.csv",
    (  # as spreadsheets keep them: days since 1899, parts of a day, decimal commas; tabs, in UTF-16
        "Anfangsdatum\tVon\tBis\tOrt\tBetreff\n"
        "46393,75\t\t0,84375\tWerkstatt\tRechnen\n"
        "46394\t0,5\t,75\tWerkstatt\tRechnen\n"
    ).encode("utf-16"),
    [
        "Rechnen, werkstatt, 2027-01-06 18:00\u20132027-01-06 20:15",
        "Rechnen, werkstatt, 2027-01-07 12:00\u20132027-01-07 18:00",
    ],
    [],
)

EITHER_WAY = ForeignFile(
    "slashes.csv",
    b"Date,Start,End,Room,Title\n3/4/2027,18:00,19:00,Werkstatt,Choir\n10/4/2027,18:00,19:00,Werkstatt,Choir\n",
    [
        "Choir, werkstatt, 2027-04-03 18:00\u20132027-04-03 19:00",
        "Choir, werkstatt, 2027-04-10 18:00\u20132027-04-10 19:00",
    ],
    [
        "Whether \u201c3/4/2027\u201d begins with the day or the month, this table does not tell."
        " It was taken as the day."
    ],
)

FILES = (OUTLOOK, GOOGLE, DAYS, ODD, EXCEL, OUTLOOK_TABLE, NUMBERS, EITHER_WAY)
