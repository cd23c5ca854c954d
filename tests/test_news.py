"""What the office reads of what groups do, and a group of its second person: one letter about all within minutes."""

import threading
from datetime import timedelta

import pytest

from booking import changing, continuing, lifecycle, requesting
from booking.database import db, transaction
from booking.domain.status import Action, Status
from booking.letters import dispatch
from booking.lifecycle import Place
from booking.log import NEWSWORTHY
from booking.models import Contact, Letter
from booking.sharing import details, erasing, handover, people
from tests import make
from tests.support.letters import NOW, in_context
from tests.support.mail import plain

LONG = timedelta(minutes=4)
LATER = NOW + LONG
DAYS = [f"2027-02-{day:02}T10:00" for day in (2, 4, 9, 11)]
OFFICE, ZOE = "innovationen@bielefeld.de", "zoe@example.org"


@pytest.fixture
def rooms(sending):
    return make.rooms()


@pytest.fixture
def booking(rooms):
    """Two dates that nobody has decided, one that is approved, and one that the team proposes elsewhere."""
    booking = make.booking(rooms[0], *DAYS, title="Nähen", reference="IO-26-0077", group="Nähstube")
    with transaction():
        *_, sure, maybe = booking.occurrences
        place = Place(rooms[1].id, maybe.slot)
        lifecycle.take(booking, {Action.APPROVE: [sure], Action.PROPOSE: [maybe]}, places={maybe.id: place}, now=NOW)
        booking.question = "Wie viele Tische?"
    return booking


@pytest.fixture
def ali(booking):
    """A second person."""
    people.share(booking, "Ali", "ali@example.org", NOW)
    return people.seconds(booking)[0]


def arrived(smtp, address, now=LATER):
    """Subject and text of the news that reached an address."""
    dispatch.deliver_due(now)
    kinds = {
        each.message_id: each.kind
        for each in db.session.scalars(db.select(Letter).where(Letter.kind.startswith("news")))
    }
    return [
        (each["Subject"], plain(each).replace("\r", "")) for each in smtp.to(address) if each["Message-ID"] in kinds
    ]


def details_of(booking, **changed):
    told = ("title", "people", "is_open", "url", "reminders", "way_in")
    values = {name: getattr(booking, name) for name in told}
    return details.Details(
        **{**values, "onsite_name": "", "onsite_phone": "", "name": "Zoë Müller", "phone": "", **changed}
    )


def ids(booking):
    return {each.id for each in booking.occurrences}


def wish(booking, number, now=NOW, person=None):
    date = booking.occurrences[number]
    slot = make.slot(DAYS[number].replace("10:00", "12:00"))
    return changing.ask_for_change(booking, {date.id: Place(date.room_id, slot)}, "", now, person)


def told_before(booking):
    """A wish for another time that the office has read already."""
    date = booking.occurrences[2]
    return make.change(date, date.room, make.slot("2027-02-09T12:00"), state="open")


def wished(booking):
    start = make.instant("2027-02-18T10:00").astimezone(make.ZONE)
    return changing.WishedDate(start.date(), start.time(), 120, booking.occurrences[0].room_id)


def hand_over(booking):
    handover.hand_over(booking, "Kim", "kim@example.org", NOW)
    asked = handover.open_handover(booking, NOW)
    for contact in (asked.former_contact, asked.contact):
        handover.agree(handover.links.current(booking, contact, "handover"), NOW)


#: A way to each step of a group that the office must hear of, and a part of what it reads.
DEEDS = {
    Action.CANCEL: (lambda booking: changing.cancel_dates(booking, ids(booking), NOW), "1 Termin abgesagt"),
    Action.RESTORE: (
        lambda booking: (
            changing.cancel_dates(booking, ids(booking), NOW),
            changing.restore_dates(booking, ids(booking), NOW),
        ),
        "1 Absage zurückgenommen",
    ),
    Action.WITHDRAW: (lambda booking: requesting.withdraw(booking, NOW), "2 Termine zurückgezogen"),
    Action.ACCEPT: (lambda booking: changing.accept(booking, ids(booking), NOW), "1 Vorschlag angenommen"),
    Action.REFUSE: (lambda booking: changing.refuse(booking, ids(booking), "Zu eng.", NOW), "Dazu: Zu eng."),
    Action.MOVE: (lambda booking: wish(booking, 0), "12:00 bis 14:00 Uhr statt 10:00 bis 12:00 Uhr"),
    "ask_for_change": (lambda booking: wish(booking, 2), "12:00 bis 14:00 Uhr statt 10:00 bis 12:00 Uhr"),
    "take_back_change": (
        lambda booking: changing.take_back_changes(booking, [told_before(booking).id], NOW),
        "Änderungswunsch zurückgenommen",
    ),
    "answer": (lambda booking: changing.answer_question(booking, "Sechs.", NOW), "Die Antwort: Sechs."),
    "ask_title": (
        lambda booking: details.edit(booking, booking.contact, details_of(booking, title="Nähen für alle"), NOW),
        "Gewünscht: „Nähen für alle“",
    ),
    "extend": (
        lambda booking: continuing.extend(booking, [wished(booking)], None, {}, NOW),
        "Do, 18. Februar 2027, 10:00 bis 12:00 Uhr, Große Fläche",
    ),
    "handed_over": (hand_over, "Kim"),
    "erase": (lambda booking: erasing.erase(booking, NOW), "persönliche Daten gelöscht"),
}


def test_there_is_a_way_to_each_step_that_is_news():
    assert set(DEEDS) == NEWSWORTHY


@pytest.mark.parametrize("action", DEEDS)
def test_office_hears_of_each_step_of_a_group(booking, smtp, action):
    act, said = DEEDS[action]

    act(booking)

    [(subject, text)] = arrived(smtp, OFFICE)
    assert said in text
    assert subject.startswith("Nähstube: ")
    assert subject.endswith(" (IO-26-0077)")
    assert "http://localhost/team/anfragen/IO-26-0077" in text


def test_office_gets_one_letter_about_what_happens_within_minutes(booking, ali, smtp):
    changing.answer_question(booking, "Sechs.", NOW, booking.contact)
    for number, each in enumerate(booking.dates(Status.REQUESTED)):
        requesting.withdraw(booking, NOW + timedelta(seconds=50 * number), [each.id], ali)
    changing.cancel_dates(booking, ids(booking), NOW + timedelta(seconds=170), booking.contact)

    told = [arrived(smtp, OFFICE, NOW + timedelta(seconds=seconds)) for seconds in (170, 181)]

    assert told == [
        [],
        [
            (
                "Nähstube: Rückfrage beantwortet, 2 Termine zurückgezogen, 1 Termin abgesagt (IO-26-0077)",
                "Nähstube, „Nähen“:\n\n"
                "Rückfrage beantwortet (Zoë Müller)\n"
                "Die Frage: Wie viele Tische?\nDie Antwort: Sechs.\n\n"
                "2 Termine zurückgezogen (Ali, zweite Person)\n"
                "Di, 2. Februar 2027, 10:00 bis 12:00 Uhr, Große Fläche\n"
                "Do, 4. Februar 2027, 10:00 bis 12:00 Uhr, Große Fläche\n\n"
                "1 Termin abgesagt (Zoë Müller)\n"
                "Di, 9. Februar 2027, 10:00 bis 12:00 Uhr, Große Fläche\n\n"
                "Ansehen und entscheiden: http://localhost/team/anfragen/IO-26-0077\n"
                "(Der Link allein entscheidet nichts, du meldest dich dort an.)",
            )
        ],
    ]


def test_what_happens_after_the_letter_has_left_is_in_the_next_one_alone(booking, smtp):
    changing.cancel_dates(booking, ids(booking), NOW)
    arrived(smtp, OFFICE)

    changing.answer_question(booking, "Sechs.", LATER)

    told = [text for _, text in arrived(smtp, OFFICE, LATER + timedelta(minutes=4))]
    assert [("abgesagt" in text, "Sechs" in text) for text in told] == [(True, False), (False, True)]


@pytest.mark.parametrize("number", [0, 2], ids=["moved", "wished"])
@pytest.mark.parametrize("seconds", [1, 59])
def test_nobody_hears_of_a_change_that_is_undone_while_it_can_be(booking, ali, smtp, number, seconds):
    begun = NOW + timedelta(seconds=175)  # the letter that waits would leave before it can be undone
    changing.answer_question(booking, "Sechs.", NOW, ali)
    [change] = wish(booking, number, begun, ali)
    told = arrived(smtp, OFFICE, begun + timedelta(seconds=seconds)), arrived(smtp, ZOE, NOW)

    changing.take_back_changes(booking, [change.id], begun + timedelta(seconds=seconds), booking.contact)

    assert told == ([], [])
    assert [subject for address in (OFFICE, ZOE) for subject, _ in arrived(smtp, address, begun + LONG)] == [
        "Nähstube: Rückfrage beantwortet (IO-26-0077)",
        "Von eurer zweiten Person: Rückfrage beantwortet (IO-26-0077)",
    ]


def test_change_that_alone_was_undone_leaves_no_letter(booking, smtp):
    changing.take_back_changes(booking, [each.id for each in wish(booking, 2)], NOW)

    assert arrived(smtp, OFFICE) == []
    assert db.session.scalars(db.select(Letter.id).where(Letter.kind == "news")).all() == []


def test_move_back_of_what_the_office_has_read_is_told(booking, smtp):
    date = booking.occurrences[0]
    back = Place(date.room_id, date.slot)
    wish(booking, 0)
    arrived(smtp, OFFICE)

    changing.ask_for_change(booking, {date.id: back}, "", LATER)

    assert "10:00 bis 12:00 Uhr statt 12:00 bis 14:00 Uhr" in arrived(smtp, OFFICE, LATER + LONG)[-1][1]


def test_news_are_true_of_what_was_done_whatever_the_team_has_done_since(booking, smtp):
    first, _, sure, maybe = booking.occurrences
    wish(booking, 0)
    wish(booking, 2)
    changing.cancel_dates(booking, [sure.id], NOW)
    changing.refuse(booking, [maybe.id], "Zu eng.", NOW)
    elsewhere = Place(first.room_id, make.slot("2027-02-02T16:00"))
    with transaction():
        lifecycle.take(booking, {Action.PROPOSE: [first]}, places={first.id: elsewhere}, now=NOW)
    make.change(maybe, maybe.room, make.slot("2027-02-11T20:00"), proposed_by="team", note="", state="expired")

    [(_, text)] = arrived(smtp, OFFICE)

    assert "Di, 2. Februar 2027: 12:00 bis 14:00 Uhr statt 10:00 bis 12:00 Uhr, Große Fläche\n" in text
    assert "Do, 11. Februar 2027, 10:00 bis 12:00 Uhr: Werkstatt statt Große Fläche\nDazu: Zu eng.\n" in text
    assert "16:00" not in text
    assert "20:00" not in text


def test_several_moves_of_a_date_are_told_as_one(booking, smtp):
    date = booking.occurrences[0]
    for hour in (12, 14):
        changing.ask_for_change(booking, {date.id: Place(date.room_id, make.slot(f"2027-02-02T{hour}:00"))}, "", NOW)

    [(_, text)] = arrived(smtp, OFFICE)

    assert "14:00 bis 16:00 Uhr statt 10:00 bis 12:00 Uhr" in text
    assert "12:00 bis 14:00 Uhr" not in text


def test_answer_is_not_told_beside_a_question_that_came_after_it(booking, smtp):
    changing.answer_question(booking, "Sechs.", NOW)
    with transaction():
        booking.question, booking.answer = "Und Stühle?", ""

    [(_, text)] = arrived(smtp, OFFICE)

    assert "Rückfrage beantwortet" in text
    assert "Und Stühle?" not in text


def test_who_has_handed_over_since_is_no_second_person(booking, ali, smtp):
    changing.answer_question(booking, "Sechs.", NOW, ali)
    wish(booking, 2, NOW, booking.contact)
    hand_over(booking)

    [(_, office)] = arrived(smtp, OFFICE)
    [(_, successor)] = arrived(smtp, "kim@example.org")

    assert "Rückfrage beantwortet (Ali, zweite Person)" in office
    assert "Änderung für 1 Termin angefragt (Zoë Müller)" in office
    assert "(Ali, zweite Person)" in successor
    assert "Änderung" not in successor


def test_letter_of_news_waits_for_what_is_just_being_stored(sending_on_each, smtp):
    booking = make.booking(make.room(), "2027-02-02T10:00", "2027-02-04T10:00", status=Status.APPROVED)
    first, second = booking.occurrences
    changing.cancel_dates(booking, [first.id], NOW)
    due = NOW + timedelta(seconds=180)
    looking = threading.Thread(target=lambda: in_context(sending_on_each, dispatch.deliver_due, due))

    with transaction():
        lifecycle.take(booking, {Action.CANCEL: [second]}, actor="group", now=due - timedelta(seconds=1))
        looking.start()
        looking.join(0.5)  # on SQLite it waits for its turn
    looking.join()
    dispatch.deliver_due(due + LONG)

    assert [plain(each).count("Februar 2027, 10:00") for each in smtp.to(OFFICE)] == [2]


def test_letter_that_is_tried_again_tells_nothing_that_the_next_one_tells(booking, smtp):
    changing.answer_question(booking, "Sechs.", NOW)
    with transaction():
        db.session.execute(db.update(Letter).where(Letter.kind == "news").values(attempts=1))
    changing.cancel_dates(booking, ids(booking), NOW + timedelta(seconds=1))

    assert [subject for subject, _ in arrived(smtp, OFFICE)] == [
        "Nähstube: Rückfrage beantwortet (IO-26-0077)",
        "Nähstube: 1 Termin abgesagt (IO-26-0077)",
    ]


def test_group_hears_what_its_second_person_does_and_nobody_is_thanked_for_it(booking, ali, smtp):
    changing.answer_question(booking, "Sechs.", NOW, ali)
    wished = booking.occurrences[2]
    changing.ask_for_change(booking, {wished.id: Place(wished.room_id, make.slot("2027-02-09T12:00"))}, "", NOW, ali)

    [(subject, text)] = arrived(smtp, ZOE)

    assert subject == ("Von eurer zweiten Person: Rückfrage beantwortet, Änderung für 1 Termin angefragt (IO-26-0077)")
    assert "Rückfrage beantwortet (Ali, zweite Person)" in text
    assert "Di, 9. Februar 2027: 12:00 bis 14:00 Uhr statt 10:00 bis 12:00 Uhr, Große Fläche" in text


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda booking, ali: changing.cancel_dates(booking, ids(booking), NOW, ali),
            "Ali (zweite Person) hat abgesagt:",
        ),
        (lambda booking, ali: requesting.withdraw(booking, NOW, None, ali), "Ali (zweite Person) hat zurückgezogen:"),
        (
            lambda booking, ali: changing.accept(booking, ids(booking), NOW, ali),
            "Ali (zweite Person) hat unseren Vorschlag angenommen.",
        ),
    ],
)
def test_letter_with_the_dates_says_that_it_was_the_second_person(booking, ali, smtp, act, said):
    act(booking, ali)
    dispatch.deliver_due(LATER)

    texts = [plain(each) for each in smtp.to(ZOE)]

    assert len([text for text in texts if said in text]) == 1
    assert [text for text in texts if "danke fürs Bescheidsagen" in text or "ihr habt" in text] == []
    assert arrived(smtp, ZOE) == []


def test_steps_of_two_people_are_two_letters_to_the_group(booking, ali, smtp):
    first, second = booking.dates(Status.REQUESTED)
    requesting.withdraw(booking, NOW, [first.id], ali)
    requesting.withdraw(booking, NOW, [second.id], booking.contact)

    dispatch.deliver_due(LATER)

    told = [plain(each) for each in smtp.to(ZOE) if "ückgezogen" in str(each["Subject"])]
    assert [("Ali" in text, "2. Februar" in text, "4. Februar" in text) for text in told] == [
        (True, True, False),
        (False, False, True),
    ]


def test_news_hold_no_name_until_they_leave_and_none_of_who_was_forgotten(booking, ali, smtp):
    changing.answer_question(booking, "Sechs.", NOW, ali)
    with transaction():
        ali.name = ali.email = None

    [(_, text)] = arrived(smtp, OFFICE)

    assert "Rückfrage beantwortet\n" in text
    assert [each for each in db.session.scalars(db.select(Letter.body)) if "Zoë" in each or "Ali" in each] == []
    assert db.session.scalars(db.select(Contact).where(Contact.name == "Ali")).all() == []
