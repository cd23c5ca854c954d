"""What letters say of the whole: subjects that are true of all dates, sentences that do not contradict each other."""

from datetime import timedelta

import pytest

from booking import lifecycle
from booking.database import db, transaction
from booking.domain.status import Action, Status
from booking.lifecycle import Place
from booking.models import KeyLoan
from booking.notices.frame import to_group
from tests import make
from tests.support.letters import NOW

DAYS = [f"2027-02-{day:02}T10:00" for day in (2, 4, 9, 11, 16, 18)]

YES, NO, ELSE = Action.APPROVE, Action.DECLINE, Action.PROPOSE

#: What was decided of six dates, earlier and now, by how many; and the subject in German and English.
SUBJECTS = [
    ({}, {YES: 6}, "Zugesagt: Chor, ab Di, 2. Februar 2027", "Confirmed: Chor, from Tue 2 February 2027"),
    ({}, {YES: 4}, "Zum Teil zugesagt: Chor, 4 von 6 Terminen", "Partly confirmed: Chor, 4 of 6 dates"),
    ({YES: 4}, {YES: 2}, "Zugesagt: Chor, ab Di, 16. Februar 2027", "Confirmed: Chor, from Tue 16 February 2027"),
    ({YES: 3, NO: 1}, {YES: 2}, "Zugesagt: Chor, 5 von 6 Terminen", "Confirmed: Chor, 5 of 6 dates"),
    (
        {NO: 2},
        {YES: 1, NO: 1},
        "Zum Teil zugesagt: Chor, 1 von 6 Terminen",
        "Partly confirmed: Chor, 1 of 6 dates",
    ),
    (
        {},
        {NO: 1},
        "1 von 6 Terminen nicht möglich, 5 in Arbeit: REF",
        "1 of 6 dates not possible, 5 still under review: REF",
    ),
    (
        {YES: 3},
        {NO: 2},
        "2 von 6 Terminen nicht möglich, 3 zugesagt, 1 in Arbeit: Chor",
        "2 of 6 dates not possible, 3 confirmed, 1 still under review: Chor",
    ),
    (
        {NO: 4},
        {NO: 2},
        "Leider nicht möglich: REF, Di/Do 10–12 Uhr, 6 Termine",
        "Sorry, not possible: REF, Tue/Thu 10:00–12:00, 6 dates",
    ),
    (
        {},
        {ELSE: 1, NO: 2},
        "Bitte antworten: unser Vorschlag für REF, 1 von 6 Terminen, 2 nicht möglich",
        "Please answer: our suggestion for REF, 1 of 6 dates, 2 not possible",
    ),
]


@pytest.fixture
def rooms(app):
    make.house()
    return make.rooms()


def decide(booking, elsewhere, numbers):
    """The letter about the next dates that are still open, so many for each step."""
    still_open = iter(booking.dates(Status.REQUESTED))
    steps = {action: [next(still_open) for _ in range(number)] for action, number in numbers.items()}
    places = {date.id: Place(elsewhere.id, date.slot) for date in booking.occurrences}
    with transaction():
        return lifecycle.take(booking, steps, places=places, now=NOW)


@pytest.mark.parametrize(("earlier", "now", "german", "english"), SUBJECTS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_subject_of_a_decision_is_true_of_all_dates(rooms, earlier, now, german, english, language):
    hall, workshop, _ = rooms
    booking = make.booking(hall, *DAYS, title="Chor", reference="IO-26-0099", language=language)
    decide(booking, workshop, earlier)

    letter = decide(booking, workshop, now)

    said = letter.subject.replace(" (IO-26-0099)", "").replace("IO-26-0099", "REF")
    assert said == {"de": german, "en": english}[language]


@pytest.mark.parametrize(
    "kind", ["declined", "proposal", "partly_approved", "approved", "accepted", "cancelled_by_team"]
)
def test_letter_about_a_decision_leads_to_the_page(rooms, kind):
    hall, workshop, _ = rooms
    booking = make.booking(hall, *DAYS[:2], title="Chor")
    steps = {
        "declined": {NO: 2},
        "proposal": {ELSE: 2},
        "partly_approved": {YES: 1, NO: 1},
        "approved": {YES: 2},
    }
    letter = decide(booking, workshop, steps.get(kind, {YES: 2}))
    if kind not in steps:
        with transaction():
            letter = to_group(kind, booking, booking.occurrences, now=NOW)

    assert (letter.kind, letter.body.count("⟦link⟧")) == (kind, 1)


OPEN = "Das Haus ist dann offen."
AFTER_HOURS = "Bis 17 Uhr ist das Haus offen. Danach braucht ihr euren Schlüssel."
AT_THE_OFFICE = "Den Schlüssel bekommst du im Büro, montags bis freitags zwischen 9 und 17 Uhr."
TO_TALK = "Wie ihr außerhalb der Öffnungszeiten ins Haus kommt, klären wir noch mit euch."
HAS_ONE = "Einen Schlüssel habt ihr schon."
NONE_YET = "Ihr habt noch keinen Schlüssel? Dann antworte einfach auf diese Mail."


@pytest.mark.parametrize(
    ("hour", "way_in", "has_key", "said"),
    [
        (10, "", False, {OPEN}),
        (10, "need", True, {OPEN}),
        (18, "have", False, {AFTER_HOURS}),
        (18, "have", True, {AFTER_HOURS, HAS_ONE}),
        (18, "need", False, {AFTER_HOURS, AT_THE_OFFICE}),
        (18, "need", True, {AFTER_HOURS, HAS_ONE}),
        (18, "talk", False, {TO_TALK}),
        (18, "talk", True, {AFTER_HOURS, HAS_ONE}),
        (18, "", False, {AFTER_HOURS, NONE_YET}),
    ],
)
@pytest.mark.parametrize("kind", ["approved", "reminder"])
def test_no_sentence_about_keys_contradicts_another(rooms, hour, way_in, has_key, said, kind):
    booking = make.booking(rooms[0], f"2027-02-03T{hour}:00", status=Status.APPROVED, way_in=way_in)
    with transaction():
        if has_key:
            db.session.add(KeyLoan(booking=booking, number="7", handed_out_at=NOW))

    with transaction():
        letter = to_group(kind, booking, booking.occurrences, counts={"all": 1, "approved": 1}, now=NOW)

    sentences = {OPEN, AFTER_HOURS, AT_THE_OFFICE, TO_TALK, HAS_ONE, NONE_YET}
    assert {each for each in sentences if each in letter.body} == said


@pytest.mark.parametrize(
    ("before", "after", "doors", "said"),
    [
        (0, 0, None, ""),
        (45, 0, None, "Zum Aufbauen gehört der Raum euch auch 45 Minuten vorher."),
        (0, 15, None, "Zum Aufräumen gehört der Raum euch auch 15 Minuten danach."),
        (
            30,
            15,
            20,
            "Einlass ist ab 09:40 Uhr.\n"
            "Zum Aufbauen und Aufräumen gehört der Raum euch auch 30 Minuten vorher und 15 Minuten danach.",
        ),
    ],
)
def test_times_of_doors_and_of_setting_up_are_told(rooms, before, after, doors, said):
    booking = make.booking(rooms[0], DAYS[0], before_minutes=before, after_minutes=after)
    date = booking.occurrences[0]
    with transaction():
        date.doors = date.start - timedelta(minutes=doors) if doors else None

    letter = decide(booking, rooms[1], {YES: 1})

    _, _, rest = letter.body.partition(f"{OPEN}\n")
    assert rest.partition("Bitte verlasst")[0].strip() == said


def test_a_single_date_is_said_once(rooms):
    booking = make.booking(rooms[0], DAYS[3])

    with transaction():
        letter = to_group("requested", booking, now=NOW)

    assert letter.body.count("11. Februar 2027") == 1


def test_words_of_the_team_are_introduced_before_the_dates(rooms):
    booking = make.booking(rooms[0], *DAYS)
    with transaction():
        letter = lifecycle.take(booking, {YES: booking.occurrences}, message="Bringt Kekse mit!", now=NOW)

    assert letter.body.index("Das Team schreibt dazu:\nBringt Kekse mit!") < letter.body.index("2. Februar 2027")


def test_what_needs_a_look_comes_before_what_is_confirmed(rooms):
    booking = make.booking(rooms[0], *DAYS)

    letter = decide(booking, rooms[1], {YES: 3, NO: 1, ELSE: 1})

    places = [
        letter.body.index(each)
        for each in ("Nicht möglich (1)", "Vorschlag von uns (1)", "Wird noch geprüft (1)", "Zugesagt (3)")
    ]
    assert places == sorted(places)
