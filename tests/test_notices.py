"""Who is told what, word for word."""

# ruff: noqa: E501 - a paragraph of a letter is one line

import re
from datetime import timedelta
from textwrap import dedent

import pytest
from icalendar import Calendar

from booking import links, log
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Action, Status
from booking.letters.html import LINE, NEXT
from booking.models import Letter
from booking.news import write_news
from booking.notices.decision import dates_decided, render_decision
from booking.notices.frame import for_the_team, to_group, to_office
from tests import make

NOW = make.instant("2026-11-30T10:00")
WEDNESDAYS = ("2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00")
TAKEN = "Der Raum ist zu dieser Zeit schon vergeben."

SIGNATURE = """\
Viele Grüße
euer Team vom Innovation Office

Innovation Office, Alter Markt 13, 33602 Bielefeld
innovationen@bielefeld.de, 0521 51-34408
Open Innovation City Bielefeld"""


@pytest.fixture
def room(app):
    make.house()
    return make.room()


@pytest.fixture
def booking(room):
    return wednesdays(room)


def wednesdays(room, *starts, **changes):
    rule = RecurrenceRule(start=make.instant("2027-01-06T16:00").date(), freq=Frequency.WEEKLY, count=3)
    return make.booking(room, *(starts or WEDNESDAYS), rule=rule, title="Offener Stammtisch", **changes)


def letters():
    return list(db.session.scalars(db.select(Letter).order_by(Letter.id)))


def as_read(letter):
    return letter.body.replace(NEXT, "")


def text(letter):
    return f"{letter.subject}\n\n{as_read(letter)}"


def put_request(booking, **counts):
    """The two letters that a new request causes."""
    with transaction():
        to_group("requested", booking, now=NOW)
        to_office("new_request", booking, now=NOW, **counts)


def words(expected):
    return dedent(expected).strip().replace("SIGNATURE", SIGNATURE)


def put(happened, *arguments, **more):
    with transaction():
        return happened(*arguments, **more)


def test_request_is_confirmed_to_the_group(booking):
    with transaction():
        booking.skipped = [{"day": "2027-01-27", "reason": "taken"}]

    put_request(booking, free=3, requested=0, outside_hours=3)

    letter = letters()[0]
    assert (letter.kind, letter.contact, letter.language, letter.send_at) == ("requested", booking.contact, "de", NOW)
    assert text(letter) == words(f"""
        Eure Anfrage ist da: {booking.reference}, Mi 16–18 Uhr, 3 Termine

        Hallo ⟦name⟧,

        danke für eure Anfrage! Wir schauen uns die Termine an und melden uns in der Regel innerhalb von 3 Arbeitstagen. Bis dahin sind die Termine noch nicht fest.

        Das habt ihr angefragt:
        Offener Stammtisch
        Jeden Mittwoch, 16:00 bis 18:00 Uhr, vom 6. Januar bis 20. Januar 2027 (3 Termine)
        Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 13. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 20. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche

        Ausgelassen: Mi, 27. Januar 2027 (belegt)

        Hier kannst du alles ansehen, ändern oder zurückziehen:
        ⟦link⟧
        Gib den Link nur an Menschen weiter, die das auch dürfen sollen.

        Etwas stimmt nicht? Antworte einfach auf diese Mail.

        SIGNATURE
    """)


def test_left_out_dates_stand_one_a_line(booking):
    with transaction():
        booking.skipped = [{"day": "2027-01-27", "reason": "holiday"}, {"day": "2027-02-03", "reason": "left_out"}]

    put_request(booking, free=3, requested=0, outside_hours=3)

    assert "\n\nAusgelassen:\nMi, 27. Januar 2027 (Feiertag)\nMi, 3. Februar 2027\n\n" in letters()[0].body


def test_request_is_told_to_the_office_with_a_link_to_decide(room):
    booking = wednesdays(room, language="en", way_in="need", room_wish_id=None)

    put_request(booking, free=2, requested=1, outside_hours=3)

    letter = letters()[1]
    assert (letter.kind, letter.contact, letter.language, letter.calendar) == ("new_request", None, "de", None)
    assert text(letter) == words(f"""
        Neue Anfrage: {booking.reference}, Mi 16–18 Uhr, 3 Termine

        Gesundes Städte-Netzwerk (Initiative, Verein oder freie Gruppe) fragt an: Offener Stammtisch
        Jeden Mittwoch, 16:00 bis 18:00 Uhr, vom 6. Januar bis 20. Januar 2027 (3 Termine), etwa 15 Personen, Raumwunsch: egal
        Frei: 2 · auch angefragt: 1 · außerhalb der Öffnungszeiten: 3, Zugang: Schlüssel gebraucht
        Worum es geht: Austausch

        Ansehen und entscheiden: http://localhost/team/anfragen/{booking.reference}
        (Der Link allein entscheidet nichts, du meldest dich dort an.)
    """)


@pytest.mark.parametrize(
    ("starts", "minutes", "times"),
    [
        pytest.param(["2026-12-08T19:00"], 120, "Di, 8. Dezember, 19–21 Uhr", id="one date"),
        pytest.param(["2027-01-06T18:30", "2027-01-13T18:30"], 90, "Mi 18:30–20 Uhr, 2 Termine", id="half hours"),
        pytest.param(["2027-01-06T16:00", "2027-01-11T16:00"], 60, "Mo/Mi 16–17 Uhr, 2 Termine", id="several weekdays"),
    ],
)
def test_office_reads_the_times_in_the_subject(room, starts, minutes, times):
    booking = make.booking(room, *starts, minutes=minutes)

    put_request(booking, free=1, requested=0, outside_hours=0)

    assert letters()[1].subject == f"Neue Anfrage: {booking.reference}, {times}"


def test_approval_lists_the_dates_and_attaches_them(room):
    booking = wednesdays(room, way_in="need")
    with transaction():
        for occurrence in booking.occurrences:
            occurrence.status = Status.APPROVED

    letter = put(dates_decided, booking, booking.occurrences, [], [], "", NOW)

    assert (letter.kind, letter.send_at) == ("approved", NOW + timedelta(seconds=60))
    assert text(letter) == words(f"""
        Zugesagt: Offener Stammtisch, ab Mi, 6. Januar 2027 ({booking.reference})

        Hallo ⟦name⟧,

        schöne Nachrichten: Eure Termine im Innovation Office sind zugesagt. Wir freuen uns auf euch!

        Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 13. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 20. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche

        So kommt ihr rein: Bis 17 Uhr ist das Haus offen. Danach braucht ihr euren Schlüssel.
        Den Schlüssel bekommst du im Büro, montags bis freitags zwischen 9 und 17 Uhr.
        Bitte verlasst den Raum so, wie ihr ihn gern vorfinden würdet. Die Hausordnung: http://localhost/hausordnung

        Die Termine für deinen Kalender hängen an. Wenn ihr mal nicht könnt, sag bitte ab, dann freut sich jemand anderes über den Raum:
        ⟦link⟧

        SIGNATURE
    """)
    calendar = Calendar.from_ical(letter.calendar)
    assert calendar["METHOD"] == "PUBLISH"
    assert [(event["UID"], event["STATUS"]) for event in calendar.walk("VEVENT")] == [
        (f"{occurrence.uid}@localhost", "CONFIRMED") for occurrence in booking.occurrences
    ]


def test_approval_of_one_date_speaks_of_one(room):
    booking = make.booking(room, "2027-01-06T10:00", title="Beratung")

    letter = put(dates_decided, booking, booking.occurrences, [], [], "Bis dann!\r\n\r\nHenrike", NOW)

    assert text(letter) == words(f"""
        Zugesagt: Beratung, am Mi, 6. Januar 2027 ({booking.reference})

        Hallo ⟦name⟧,

        schöne Nachrichten: Euer Termin im Innovation Office ist zugesagt. Wir freuen uns auf euch!

        Das Team schreibt dazu:
        Bis dann!

        Henrike

        Mi, 6. Januar 2027, 10:00 bis 12:00 Uhr, Große Fläche

        So kommt ihr rein: Das Haus ist dann offen.
        Bitte verlasst den Raum so, wie ihr ihn gern vorfinden würdet. Die Hausordnung: http://localhost/hausordnung

        Der Termin für deinen Kalender hängt an. Wenn ihr nicht könnt, sag bitte ab, dann freut sich jemand anderes über den Raum:
        ⟦link⟧

        SIGNATURE
    """)


def test_mixed_decision_is_one_letter(room):
    booking = wednesdays(room, *WEDNESDAYS, "2027-01-27T16:00", "2027-02-03T16:00")
    dates = booking.occurrences
    with transaction():
        for occurrence in dates[:3]:
            occurrence.status = Status.APPROVED
        dates[3].status, dates[3].reason = Status.DECLINED, TAKEN

    letter = put(dates_decided, booking, dates[:3], dates[3:4], [], "", NOW)

    assert letter.kind == "partly_approved"
    assert text(letter) == words(f"""
        Zum Teil zugesagt: Offener Stammtisch, 3 von 5 Terminen ({booking.reference})

        Hallo ⟦name⟧,

        die meisten eurer Termine klappen, einer leider nicht.

        Nicht möglich (1):
        Mi, 27. Januar 2027: Der Raum ist zu dieser Zeit schon vergeben.

        ⟦freede⟧

        Wird noch geprüft (1):
        Mi, 3. Februar 2027, 16:00 bis 18:00 Uhr, Große Fläche

        Zugesagt (3):
        Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 13. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 20. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche

        So kommt ihr rein: Bis 17 Uhr ist das Haus offen. Danach braucht ihr euren Schlüssel.
        Ihr habt noch keinen Schlüssel? Dann antworte einfach auf diese Mail.
        Bitte verlasst den Raum so, wie ihr ihn gern vorfinden würdet. Die Hausordnung: http://localhost/hausordnung

        Die zugesagten Termine für deinen Kalender hängen an. Alles ansehen und Termine absagen:
        ⟦link⟧

        SIGNATURE
    """)
    assert len(Calendar.from_ical(letter.calendar).walk("VEVENT")) == 3


def test_refusal_gives_one_reason_once(booking):
    with transaction():
        for occurrence in booking.occurrences:
            occurrence.status, occurrence.reason = Status.DECLINED, TAKEN

    letter = put(dates_decided, booking, [], booking.occurrences, [], "", NOW)

    assert (letter.kind, letter.calendar) == ("declined", None)
    assert text(letter) == words(f"""
        Leider nicht möglich: {booking.reference}, Mi 16–18 Uhr, 3 Termine

        Hallo ⟦name⟧,

        danke, dass ihr bei uns angefragt habt. Leider können wir euch die Termine nicht zusagen:

        Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 13. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Mi, 20. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche

        Der Grund: Der Raum ist zu dieser Zeit schon vergeben.

        ⟦freede⟧

        Wenn ihr Fragen habt oder wir gemeinsam eine andere Lösung suchen sollen, antworte einfach auf diese Mail. Alles ansehen:
        ⟦link⟧

        SIGNATURE
    """)


def test_refusal_gives_each_date_its_own_reason(booking):
    with transaction():
        for occurrence, reason in zip(
            booking.occurrences[:2], (TAKEN, "Das Haus ist an diesem Tag geschlossen."), strict=True
        ):
            occurrence.status, occurrence.reason = Status.DECLINED, reason

    letter = put(dates_decided, booking, [], booking.occurrences[:2], [], "", NOW)

    assert letter.body.replace("⟦freede⟧\n\n", "").split("\n\n")[2:4] == words("""
        Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Der Grund: Der Raum ist zu dieser Zeit schon vergeben.
        Mi, 13. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
        Der Grund: Das Haus ist an diesem Tag geschlossen.

        Wird noch geprüft (1):
        Mi, 20. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
    """).split("\n\n")


def test_reasons_of_ours_are_told_in_both_languages(room):
    booking = wednesdays(room, language="en")
    with transaction():
        for occurrence, reason in zip(
            booking.occurrences, ("The room is already taken at that time.", TAKEN, "Spring clean."), strict=True
        ):
            occurrence.status, occurrence.reason = Status.DECLINED, reason

    english, german = put(dates_decided, booking, [], booking.occurrences, [], "", NOW).body.split(LINE)

    assert re.findall("^Reason: (.*)", english, re.MULTILINE) == [
        "The room is already taken at that time.",
        "The room is already taken at that time.",
        "Spring clean.",
    ]
    assert re.findall("^Der Grund: (.*)", german, re.MULTILINE) == [TAKEN, TAKEN, "Spring clean."]


def test_withdrawal_is_confirmed(booking):
    with transaction():
        for occurrence in booking.occurrences:
            occurrence.status = Status.WITHDRAWN

    letter = put(to_group, "withdrawn", booking, booking.occurrences, now=NOW)

    assert text(letter) == words(f"""
        Zurückgezogen: {booking.reference}

        Hallo ⟦name⟧,

        ihr habt eure Anfrage zurückgezogen. Schade, vielleicht klappt es ein anderes Mal!

        SIGNATURE
    """)


def test_withdrawal_of_one_date_does_not_say_that_all_is_gone(booking):
    with transaction():
        booking.occurrences[0].status = Status.WITHDRAWN

    letter = put(to_group, "withdrawn", booking, booking.occurrences[:1], now=NOW)

    assert text(letter) == words(f"""
        Zurückgezogen: {booking.reference} am Mi, 6. Januar 2027

        Hallo ⟦name⟧,

        ihr habt zurückgezogen:

        Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche

        Alle anderen Termine bleiben, wie sie sind:
        ⟦link⟧

        SIGNATURE
    """)


def test_cancellation_by_the_group_is_confirmed(booking):
    with transaction():
        booking.occurrences[0].status = Status.CANCELLED
        booking.occurrences[1].status = Status.APPROVED

    letter = put(to_group, "cancelled_by_group", booking, booking.occurrences[:1], now=NOW)

    assert text(letter) == words(f"""
        Abgesagt: Offener Stammtisch am Mi, 6. Januar 2027 ({booking.reference})

        Hallo ⟦name⟧,

        danke fürs Bescheidsagen. Abgesagt ist:

        Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche

        Alle anderen Termine bleiben. War das ein Versehen? Solange niemand anderes den Raum hat, kannst du die Absage hier zurücknehmen:
        ⟦link⟧

        SIGNATURE
    """)


@pytest.mark.parametrize("number", [1, 3])
def test_cancelled_dates_are_cancelled_each_by_an_object_of_its_own(booking, number):
    cancelled = booking.occurrences[:number]
    with transaction():
        for occurrence in cancelled:
            occurrence.status, occurrence.sequence = Status.CANCELLED, 3

    letter = put(to_group, "cancelled_by_group", booking, cancelled, now=NOW)

    calendars = Calendar.from_ical(letter.calendar, multiple=True)
    told = [(each["METHOD"], event) for each in calendars for event in each.walk("VEVENT")]
    assert [(method, event["UID"], event["STATUS"], event["SEQUENCE"]) for method, event in told] == [
        ("CANCEL", f"{occurrence.uid}@localhost", "CANCELLED", 3) for occurrence in cancelled
    ]


def test_group_that_asked_in_english_reads_english_first(room):
    booking = wednesdays(room, language="en")

    letter = put(dates_decided, booking, booking.occurrences, [], [], "", NOW)

    english, german = letter.body.replace(NEXT, "").split(f"\n\n{'-' * 60}\n\n")
    assert letter.subject == f"Confirmed: Offener Stammtisch, from Wed 6 January 2027 ({booking.reference})"
    assert english == words("""
        Hello ⟦name⟧,

        good news: your dates at the Innovation Office are confirmed. We look forward to seeing you!

        Wed 6 January 2027, 16:00 to 18:00, Große Fläche
        Wed 13 January 2027, 16:00 to 18:00, Große Fläche
        Wed 20 January 2027, 16:00 to 18:00, Große Fläche

        How to get in: The house is open until 17:00. After that you need your key.
        You don’t have a key yet? Just reply to this e-mail.
        Please leave the room as you would like to find it. House rules: http://localhost/en/hausordnung

        Calendar file attached. If you can’t make it, please cancel so that someone else can use the room:
        ⟦link⟧

        Kind regards
        your team at the Innovation Office

        Innovation Office, Alter Markt 13, 33602 Bielefeld
        innovationen@bielefeld.de, +49 521 51-34408
        Open Innovation City Bielefeld
    """)
    assert german.startswith("Hallo ⟦name⟧,\n\nschöne Nachrichten: Eure Termine im Innovation Office sind zugesagt.")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(("approve", "decline"), [(3, 0), (2, 1), (1, 0), (0, 3), (0, 1)])
def test_preview_is_the_letter_itself_and_stores_nothing(room, language, approve, decline):
    booking = wednesdays(room, language=language)
    approved, declined = booking.occurrences[:approve], booking.occurrences[3 - decline :]
    preview = render_decision(booking, approved, declined, [], "Gruß", {each.id: TAKEN for each in declined}, NOW)
    assert letters() == []
    with transaction():
        for occurrence in declined:
            occurrence.status, occurrence.reason = Status.DECLINED, TAKEN
        for occurrence in approved:
            occurrence.status = Status.APPROVED

    letter = put(dates_decided, booking, approved, declined, [], "Gruß", NOW)

    assert preview == (letter.subject, for_the_team(letter.body, letter.contact))


def test_letter_holds_no_personal_data_and_no_secret(booking):
    put_request(booking, free=3, requested=0, outside_hours=3)

    token = links.token(links.current(booking))
    for letter in letters():
        assert [secret for secret in (token, "Zoë", "Müller", "zoe@", "123456") if secret in text(letter)] == []


def test_words_of_a_group_are_never_read_as_template_or_mark(room):
    booking = make.booking(
        room, "2027-01-06T10:00", title="{{ 7*7 }} {house.__init__} ⟦link⟧ <b>&amp;</b>\r\nBcc: x@example.org"
    )

    put_request(booking, free=1, requested=0, outside_hours=0)

    shown = "{{ 7*7 }} {house. __init__} link <b>&amp;</b> Bcc: x@example. org"
    assert letters()[0].subject == f"Eure Anfrage ist da: {booking.reference}, Mi, 6. Januar, 10–12 Uhr"
    assert f"Das habt ihr angefragt:\n{shown}\n" in letters()[0].body


#: What somebody types who wants to be read and clicked by people who never heard of the house.
BAIT = [
    pytest.param("Gewinn auf https://evil.example/x?a=1", "Gewinn auf evil. example/x?a=1", id="address of the web"),
    pytest.param("www.evil.example", "www. evil. example", id="host"),
    pytest.param("ftp://evil.example HTTP://EVIL.EXAMPLE", "evil. example EVIL. EXAMPLE", id="other schemes"),
    pytest.param("http://192.0.2.7/x", "192. 0. 2. 7/x", id="number"),
    pytest.param("schreib an rich@evil.example", "schreib an rich@evil. example", id="mailbox"),
    pytest.param("evil。example bücher．example", "evil。 example bücher． example", id="other full stops"),
    pytest.param("Tischlerei e.V., 18.30 Uhr, 8.12.2026", "Tischlerei e. V., 18.30 Uhr, 8.12.2026", id="no address"),
]


@pytest.mark.parametrize(("typed", "shown"), BAIT)
def test_words_of_strangers_are_no_subject_and_nothing_to_click_before_the_team_agrees(room, typed, shown):
    booking = make.booking(room, "2027-01-06T10:00", title=typed, group=typed, purpose=typed)
    date = booking.occurrences[0]
    make.change(date, room, make.slot("2027-01-06T12:00"), state="open", note=typed)
    with transaction():
        booking.question, booking.answer, booking.contact.name = "Frage?", typed, typed
    put_request(booking, free=1, requested=0, outside_hours=0)
    with transaction():
        for action in ("ask_for_change", "answer", "extend", Action.REFUSE):
            log.record(action, booking, actor="group", dates=[date], now=NOW)
        write_news(letters()[-1], NOW)
    for kind in ("withdrawn", "proposal_expired"):
        put(to_group, kind, booking, [date], now=NOW)
    put(to_group, "question", booking, question=booking.question, now=NOW)
    put(dates_decided, booking, [], [date], [], "", NOW)
    put(to_group, "link_for_second", booking, contact=booking.contact, now=NOW)

    told = letters()
    assert [each.subject for each in told if shown in each.subject or typed in each.subject] == []
    assert [each.kind for each in told if typed in each.body and typed != shown] == []
    assert f"Worum es geht: {shown}" in told[1].body


def test_title_stands_in_subjects_once_the_team_has_agreed_to_a_date(booking):
    with transaction():
        booking.occurrences[0].status = Status.APPROVED

    assert (
        put(to_group, "question", booking, question=booking.question, now=NOW).subject
        == f"Kurze Frage zu eurer Anfrage Offener Stammtisch ({booking.reference})"
    )


def test_letter_to_somebody_named_by_the_group_never_has_its_words_in_the_subject(booking):
    with transaction():
        booking.title = "https://evil.example"
        booking.occurrences[0].status = Status.APPROVED

    letter = put(to_group, "link_for_second", booking, contact=booking.contact, now=NOW)

    assert letter.subject == f"Dein Link zur Anfrage {booking.reference}"
    assert "„evil. example“" in letter.body


def test_subject_is_cut_at_200_characters(room):
    booking = make.booking(room, "2027-01-06T10:00", title="Sehr langer Titel " * 20, status=Status.APPROVED)

    put(to_group, "reminder", booking, booking.occurrences[:1], with_calendar=False, now=NOW)

    assert len(letters()[0].subject) in (199, 200)  # no space before the mark
    assert letters()[0].subject.endswith(f"… ({booking.reference})")


def test_booking_without_contact_gets_no_letter(room):
    booking = make.booking(room, "2027-01-06T10:00", contact=None)

    assert put(dates_decided, booking, booking.occurrences, [], [], "", NOW) is None
    assert letters() == []


@pytest.mark.parametrize(
    ("hours", "language", "expected"),
    [
        pytest.param(
            {0: (9, 17), 1: (9, 17), 2: (9, 17)},
            "de",
            "montags bis mittwochs zwischen 9 und 17 Uhr",
            id="days in a row",
        ),
        pytest.param(
            {0: (9, 17), 2: (9, 17)},
            "de",
            "montags und mittwochs zwischen 9 und 17 Uhr",
            id="a day between",
        ),
        pytest.param(
            {3: (9, 17), 4: (9, 13)}, "en", "Thursday between 9 and 17, Friday between 9 and 13", id="other hours"
        ),
        pytest.param({}, "de", "", id="never open"),
    ],
)
def test_key_is_handed_over_in_office_hours(app, hours, language, expected):
    make.house(hours={day: tuple(map(make.time, span)) for day, span in hours.items()})
    booking = make.booking(make.room(), "2027-01-06T19:00", way_in="need", language=language)

    letter = put(dates_decided, booking, booking.occurrences, [], [], "", NOW)

    found = re.search(r"(?:im Büro|at the office)(?:, (.*))?\.$", letter.body, re.MULTILINE)
    assert (found[1] or "") == expected
