"""What groups read when their dates change, word for word: the letters stand in ``tests/letters``."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from booking import lifecycle
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Action, Status
from booking.letters.html import LINE
from booking.lifecycle import Place
from booking.models import Booking, Letter, Room
from booking.notices.decision import render_decision
from booking.notices.frame import Proposal, Text, for_the_team, preview_letter, to_group
from tests import make
from tests.support.letters import expected, first_half

NOW = make.instant("2026-11-30T10:00")
ANSWER_BY = make.instant("2026-12-08T00:00")  # the end of Monday
WEDNESDAYS = ("2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00")
TAKEN = "Der Raum ist zu dieser Zeit schon vergeben."
OWN_NEED = {"de": "Wir brauchen den Raum an diesem Tag selbst.", "en": "We need the room ourselves that day."}


@pytest.fixture
def rooms(app) -> dict[str, Room]:
    make.house()
    return {room.name: room for room in make.rooms()}


@pytest.fixture
def booking(rooms, language) -> Booking:
    """Three Wednesdays that nobody has decided."""
    rule = RecurrenceRule(start=make.instant(WEDNESDAYS[0]).date(), freq=Frequency.WEEKLY, count=3)
    return make.booking(
        rooms["Große Fläche"],
        *WEDNESDAYS,
        rule=rule,
        title="Offener Stammtisch",
        reference="IO-26-0142",
        language=language,
    )


@pytest.fixture
def approved(booking) -> Booking:
    """The same, approved."""
    take(booking, {Action.APPROVE: booking.occurrences})
    return booking


def take(booking, steps, **more) -> Letter:
    with transaction():
        return lifecycle.take(booking, steps, now=NOW, **more)


def put(happened, *arguments, **more) -> Letter:
    with transaction():
        return happened(*arguments, **more)


def place(rooms, room, start, minutes=120) -> Place:
    return Place(rooms[room].id, make.slot(start, minutes))


def attached(letter) -> list[tuple[str, ...]]:
    """Method, status, sequence, begin and place of the dates in the files of a letter."""
    return [
        (
            str(calendar["METHOD"]),
            str(event["STATUS"]),
            int(event["SEQUENCE"]),
            f"{event.start:%m-%d %H:%M}",
            str(event["LOCATION"]).partition(",")[0],
        )
        for calendar in Calendar.from_ical(letter.calendar or "", multiple=True)
        for event in calendar.walk("VEVENT")
    ]


def test_proposal_says_what_is_instead_of_what(booking, rooms, language):
    date = booking.occurrences[0]

    letter = take(
        booking,
        {Action.PROPOSE: [date]},
        places={date.id: place(rooms, "Große Fläche", "2027-01-06T18:00")},
        answer_by=ANSWER_BY,
        message="Um 16 Uhr ist eine andere Gruppe da.",
    )

    assert (letter.kind, letter.send_at - NOW, attached(letter)) == ("proposal", timedelta(seconds=60), [])
    assert first_half(letter) == expected("proposal", language)


def test_decision_with_three_lists_is_one_letter(booking, rooms, language):
    yes, no, maybe = booking.occurrences

    letter = take(
        booking,
        {Action.APPROVE: [yes], Action.DECLINE: [no], Action.PROPOSE: [maybe]},
        reasons={no.id: TAKEN},
        places={maybe.id: place(rooms, "Werkstatt", "2027-01-21T16:00")},
        answer_by=ANSWER_BY,
    )

    assert letter.kind == "partly_approved"
    assert first_half(letter) == expected("partly_approved", language)
    assert attached(letter) == [("PUBLISH", "CONFIRMED", 1, "01-06 16:00", "Große Fläche")]


def test_proposals_with_a_refusal_and_an_open_date_name_all_three(booking, rooms, language):
    maybe, no, _ = booking.occurrences

    letter = take(
        booking,
        {Action.DECLINE: [no], Action.PROPOSE: [maybe]},
        reasons={no.id: TAKEN},
        places={maybe.id: place(rooms, "Werkstatt", "2027-01-06T16:00")},
    )

    assert first_half(letter) == expected("proposal_and_refusal", language)


@pytest.mark.parametrize("approve", [0, 1])
def test_preview_of_proposals_is_the_letter_itself(booking, rooms, approve):
    approved, (no, maybe) = booking.occurrences[:approve], booking.occurrences[1:]
    wanted = place(rooms, "Werkstatt", "2027-01-20T18:00")
    proposal = Proposal(maybe, rooms["Werkstatt"], wanted.slot, ANSWER_BY)
    preview = render_decision(booking, approved, [no], [proposal], "Gruß", {no.id: TAKEN}, NOW)

    letter = take(
        booking,
        {Action.APPROVE: approved, Action.DECLINE: [no], Action.PROPOSE: [maybe]},
        reasons={no.id: TAKEN},
        places={maybe.id: wanted},
        answer_by=ANSWER_BY,
        message="Gruß",
    )

    assert preview == as_the_team_reads_it(letter)


def as_the_team_reads_it(letter) -> Text:
    return Text(letter.subject, for_the_team(letter.body, letter.contact))


def test_question_is_asked(booking, language):
    with transaction():
        booking.question = "Braucht ihr den Beamer?\r\nUnd Mikrofone?"

    assert first_half(put(to_group, "question", booking, question=booking.question, now=NOW)) == expected(
        "question", language
    )


def test_yes_to_a_proposal_is_confirmed_with_the_dates(booking, rooms, language):
    date = booking.occurrences[0]
    take(booking, {Action.PROPOSE: [date]}, places={date.id: place(rooms, "Werkstatt", "2027-01-06T18:00")})

    letter = take(booking, {Action.ACCEPT: [date]}, actor="group")

    assert first_half(letter) == expected("accepted", language)
    assert attached(letter) == [("PUBLISH", "CONFIRMED", 2, "01-06 18:00", "Werkstatt")]


def test_proposal_that_ran_out_is_told(booking, rooms, language):
    date = booking.occurrences[0]
    take(
        booking,
        {Action.PROPOSE: [date]},
        places={date.id: place(rooms, "Werkstatt", "2027-01-06T18:00")},
        answer_by=ANSWER_BY,
    )

    letter = take(booking, {Action.EXPIRE: [date]}, actor="system")

    assert (first_half(letter), attached(letter)) == (expected("proposal_expired", language), [])


def test_move_says_what_is_new_and_what_was_before(approved, rooms, language):
    date = approved.occurrences[0]
    wanted = place(rooms, "Werkstatt", WEDNESDAYS[0])
    reasons = {date.id: OWN_NEED[language]}
    moves = [Proposal(date, rooms["Werkstatt"], wanted.slot)]
    preview = preview_letter("moved", approved, [date], changes=moves, reasons=reasons, message="Bis bald!", now=NOW)

    letter = take(approved, {Action.MOVE: [date]}, places={date.id: wanted}, reasons=reasons, message="Bis bald!")

    assert first_half(letter) == expected("moved", language)
    assert attached(letter) == [("PUBLISH", "CONFIRMED", 2, "01-06 16:00", "Werkstatt")]
    assert preview == as_the_team_reads_it(letter)


def test_move_of_several_dates_tells_each(approved, rooms, language):
    first, second, _ = approved.occurrences

    letter = take(
        approved,
        {Action.MOVE: [first, second]},
        places={
            first.id: place(rooms, "Werkstatt", "2027-01-07T16:00"),
            second.id: place(rooms, "Große Fläche", "2027-01-13T17:00", 90),
        },
        reasons={first.id: OWN_NEED[language], second.id: "Wir räumen um."},
    )

    assert first_half(letter) == expected("moved_several", language)
    assert attached(letter) == [
        ("PUBLISH", "CONFIRMED", 2, "01-07 16:00", "Werkstatt"),
        ("PUBLISH", "CONFIRMED", 2, "01-13 17:00", "Große Fläche"),
    ]


def test_move_that_the_group_asked_for_is_as_wished(approved, rooms, language):
    date, wanted = approved.occurrences[0], place(rooms, "Werkstatt", "2027-01-06T18:00")
    make.change(date, rooms["Werkstatt"], wanted.slot)
    preview = preview_letter(
        "moved", approved, [date], changes=[Proposal(date, rooms["Werkstatt"], wanted.slot)], now=NOW
    )

    letter = take(approved, {Action.MOVE: [date]}, places={date.id: wanted})

    assert first_half(letter) == expected("moved_as_wished", language)
    assert preview == as_the_team_reads_it(letter)


def test_move_elsewhere_than_the_group_asked_for_is_not_as_wished(approved, rooms):
    date, wanted = approved.occurrences[0], place(rooms, "Besprechung", "2027-01-06T18:00")
    make.change(date, rooms["Werkstatt"], wanted.slot)

    letter = take(approved, {Action.MOVE: [date]}, places={date.id: wanted})

    assert letter.subject in (
        "Geändert: Offener Stammtisch am Mi, 6. Januar 2027 (IO-26-0142)",
        "Changed: Offener Stammtisch on Wed 6 January 2027 (IO-26-0142)",
    )


def test_change_that_is_not_possible_leaves_the_date(approved, rooms, language):
    date = approved.occurrences[0]
    make.change(date, rooms["Besprechung"], make.slot("2027-01-06T16:00"), state="refused")

    letter = put(to_group, "change_declined", approved, [date], reason=TAKEN, with_calendar=False, now=NOW)

    assert (first_half(letter), attached(letter)) == (expected("change_declined", language), [])


def test_cancellation_by_the_team_gives_the_reason(approved, language):
    date = approved.occurrences[0]
    reasons = {date.id: OWN_NEED[language]}
    preview = preview_letter(
        "cancelled_by_team", approved, [date], reasons=reasons, message="Meldet euch gern!", now=NOW
    )

    letter = take(approved, {Action.CANCEL: [date]}, reasons=reasons, message="Meldet euch gern!")

    assert first_half(letter) == expected("cancelled_by_team", language)
    assert attached(letter) == [("CANCEL", "CANCELLED", 2, "01-06 16:00", "Große Fläche")]
    assert preview == as_the_team_reads_it(letter)


def test_cancellation_of_several_dates_gives_each_its_reason(approved, language):
    first, second, _ = approved.occurrences

    letter = take(
        approved,
        {Action.CANCEL: [first, second]},
        reasons={first.id: OWN_NEED[language], second.id: "Das Wasser steht im Keller."},
    )

    assert first_half(letter) == expected("cancelled_by_team_several", language)
    assert [entry[:3] for entry in attached(letter)] == [("CANCEL", "CANCELLED", 2)] * 2


def test_cancellation_by_the_group_can_be_undone_for_ten_minutes(approved, language):
    letter = take(approved, {Action.CANCEL: approved.occurrences[:2]}, actor="group")

    assert first_half(letter) == expected("cancelled_by_group", language)


def test_cancellation_that_cannot_be_undone_does_not_say_so(rooms, language):
    booking = make.booking(
        rooms["Werkstatt"],
        "2026-11-30T08:05",
        status=Status.APPROVED,
        title="Beratung",
        reference="IO-26-0142",
        language=language,
    )

    letter = take(booking, {Action.CANCEL: booking.occurrences}, actor="group")

    assert first_half(letter) == expected("cancelled_by_group_at_the_end", language)


def test_cancellation_that_was_taken_back_is_confirmed(approved, language):
    take(approved, {Action.CANCEL: approved.occurrences[:1]}, actor="group")

    letter = take(approved, {Action.RESTORE: approved.occurrences[:1]}, actor="group")

    assert first_half(letter) == expected("restored", language)
    assert attached(letter) == [("PUBLISH", "CONFIRMED", 3, "01-06 16:00", "Große Fläche")]


def test_what_the_team_puts_back_is_confirmed_in_its_own_words(approved, language):
    first = approved.occurrences[:1]
    take(approved, {Action.CANCEL: first}, reasons={first[0].id: OWN_NEED[language]})
    take(approved, {Action.RESTORE: first})

    letter = put(to_group, "put_back", approved, first, message="Der Keller ist trocken.", now=NOW)

    assert first_half(letter) == expected("put_back", language)
    assert attached(letter) == [("PUBLISH", "CONFIRMED", 3, "01-06 16:00", "Große Fläche")]


def test_new_title_comes_with_the_dates_to_come(approved, language):
    with transaction():
        letter = lifecycle.rename(approved, "Stammtisch für alle", NOW)

    assert first_half(letter) == expected("details_changed", language)
    assert [entry[:4] for entry in attached(letter)] == [
        ("PUBLISH", "CONFIRMED", 2, f"01-{day} 16:00") for day in ("06", "13", "20")
    ]
    summaries = {str(event["SUMMARY"]) for event in Calendar.from_ical(letter.calendar).walk("VEVENT")}
    assert summaries == {"Stammtisch für alle"}


def test_reminder_says_how_to_get_in(rooms, language):
    booking = make.booking(
        rooms["Werkstatt"],
        "2026-12-08T19:00",
        status=Status.APPROVED,
        title="Schreibwerkstatt",
        reference="IO-26-0142",
        way_in="need",
        language=language,
    )

    assert first_half(
        put(to_group, "reminder", booking, booking.occurrences[:1], with_calendar=False, now=NOW)
    ) == expected("reminder", language)


def test_group_is_asked_whether_its_series_goes_on(approved, language):
    letter = put(to_group, "series_ends", approved, approved.occurrences[-1:], with_calendar=False, now=NOW)

    assert first_half(letter) == expected("series_ends", language)


def test_group_that_asked_in_english_reads_german_below(approved, rooms):
    letter = put(to_group, "series_ends", approved, approved.occurrences[-1:], with_calendar=False, now=NOW)
    german = expected("series_ends", "de").partition("\n\n")[2]

    assert letter.body.endswith(german)
    assert (LINE in letter.body) == (approved.language == "en")


def test_booking_without_contact_gets_no_letter_of_any_kind(rooms):
    booking = make.booking(rooms["Werkstatt"], "2027-01-06T10:00", status=Status.APPROVED, contact=None)
    date = booking.occurrences[0]
    elsewhere = place(rooms, "Werkstatt", "2027-01-06T12:00")

    take(booking, {Action.MOVE: [date]}, places={date.id: elsewhere})
    take(booking, {Action.CANCEL: [date]})

    assert db.session.scalars(db.select(Letter)).all() == []
