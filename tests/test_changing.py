"""What a group does with its dates: cancel and take back, move, answer, go on."""

from datetime import date, timedelta

import pytest

from booking import changing, deciding, lifecycle, news
from booking.changing import TooLate
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Action, Status
from booking.lifecycle import Place
from booking.models import Letter, LogEntry, occupancy
from booking.requesting import ChangedMeanwhile, Refused
from tests import make

WEDNESDAYS = RecurrenceRule(start=date(2026, 12, 9), freq=Frequency.WEEKLY, until=date(2026, 12, 30))
SERIES = ("2026-12-09T16:00", "2026-12-16T16:00", "2026-12-30T16:00")


@pytest.fixture
def rooms(app):
    make.house()
    return make.rooms()


def letters():
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def office_reads(now):
    """Whether the letter that waits for the office has anything to tell, and what."""
    with transaction():
        letter = db.session.scalars(db.select(Letter).where(Letter.kind == "news", Letter.state == "waiting")).one()
        return news.write_news(letter, now), letter


def actions():
    return [(entry.action, entry.count) for entry in db.session.scalars(db.select(LogEntry).order_by(LogEntry.id))]


def sitting():
    return sorted(db.session.scalars(db.select(occupancy.c.occurrence_id)))


def local(instant):
    return f"{instant.astimezone(make.ZONE):%Y-%m-%dT%H:%M}"


def place(room, start, minutes=120):
    return Place(room.id, make.slot(start, minutes))


def propose(booking, occurrence, where, answer_by, now):
    with transaction():
        lifecycle.take(
            booking,
            {Action.PROPOSE: [occurrence]},
            places={occurrence.id: where},
            answer_by=make.instant(answer_by),
            now=now,
        )


# ---- cancel, and take it back


def test_cancel_frees_the_room_and_writes_it_down(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    first, second = booking.occurrences

    cancelled = changing.cancel_dates(booking, {first.id}, clock.now)

    assert [each.id for each in cancelled] == [first.id]
    assert (first.status, first.cancelled_by_group, first.sequence) == (Status.CANCELLED, True, 1)
    assert sitting() == [second.id]
    assert actions() == [("cancel", 1)]


def test_cancel_leaves_dates_that_are_over(rooms, clock):
    booking = make.booking(rooms[0], "2026-11-25T16:00", status=Status.APPROVED)

    assert changing.cancel_dates(booking, {booking.occurrences[0].id}, clock.now) == []


def test_restore_takes_a_cancellation_back_within_ten_minutes(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]
    changing.cancel_dates(booking, {only.id}, clock.set("2026-12-01T10:00"))

    restored = changing.restore_dates(booking, {only.id}, clock.set("2026-12-01T10:09"))

    assert (restored.back, restored.taken) == ((only,), ())
    assert (only.status, only.cancelled_by_group, sitting()) == (Status.APPROVED, False, [only.id])
    assert letters() == ["news", "cancelled_by_group", "restored"]


def test_restore_names_dates_that_others_have_by_now_and_restores_the_rest(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    first, second = booking.occurrences
    changing.cancel_dates(booking, {first.id, second.id}, clock.now)
    make.booking(rooms[0], "2027-01-06T17:00", status=Status.APPROVED, group="Andere")

    restored = changing.restore_dates(booking, {first.id, second.id}, clock.now)

    assert (restored.back, restored.taken) == ((second,), (first,))
    assert [each.status for each in booking.occurrences] == [Status.CANCELLED, Status.APPROVED]


def test_restore_is_possible_until_the_date_is_over(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    first, second = booking.occurrences
    changing.cancel_dates(booking, {first.id, second.id}, clock.set("2026-12-01T10:00"))

    restored = changing.restore_dates(booking, {second.id}, clock.set("2027-01-06T18:00"))
    with pytest.raises(TooLate):
        changing.restore_dates(booking, {first.id}, clock.now)

    assert restored.back == (second,)
    assert [each.status for each in booking.occurrences] == [Status.CANCELLED, Status.APPROVED]


def test_restore_keeps_what_the_house_has_closed_since_cancelled(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]
    changing.cancel_dates(booking, {only.id}, clock.now)
    make.closure("2027-01-06T00:00", "2027-01-07T00:00")

    assert changing.restore_dates(booking, {only.id}, clock.now) == ((), (only,))
    assert only.status is Status.CANCELLED


def test_restore_of_what_is_restored_already_does_nothing(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]
    changing.cancel_dates(booking, {only.id}, clock.now)
    changing.restore_dates(booking, {only.id}, clock.now)

    assert changing.restore_dates(booking, {only.id}, clock.now) == ((), ())
    assert letters() == ["news", "cancelled_by_group", "restored"]


def test_wish_that_is_taken_back_at_once_never_reaches_the_office(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    first, second = (each.id for each in booking.occurrences)
    at = {
        first: Place(rooms[1].id, make.slot("2027-01-06T16:00")),
        second: Place(rooms[1].id, make.slot("2027-01-13T16:00")),
    }
    one, other = changing.ask_for_change(booking, at, "", clock.now)

    assert changing.take_back_changes(booking, [one.id], clock.now) == 1
    told, waiting = office_reads(clock.now)
    assert told
    assert ": Änderung für 1 Termin angefragt (" in waiting.subject
    assert ("6. Januar" in waiting.body, "13. Januar" in waiting.body) == (False, True)
    assert waiting.send_at >= clock.now + timedelta(minutes=1)

    assert changing.take_back_changes(booking, [other.id], clock.now) == 1
    assert not office_reads(clock.now)[0]


@pytest.mark.parametrize(
    ("after", "place", "told"),
    [
        pytest.param("2026-12-01T10:00:59", "Große Fläche", False, id="at once"),
        pytest.param("2026-12-01T10:01", "Werkstatt", True, id="later it stays"),
    ],
)
def test_move_of_a_date_under_review_is_undone_while_its_letter_waits(rooms, clock, after, place, told):
    booking = make.booking(rooms[0], "2027-01-06T16:00")
    only = booking.occurrences[0]
    at = {only.id: Place(rooms[1].id, make.slot("2027-01-06T18:00"))}
    (change,) = changing.ask_for_change(booking, at, "", clock.set("2026-12-01T10:00"))

    changing.take_back_changes(booking, [change.id], clock.set(after))

    assert only.room.name == place
    assert office_reads(clock.now)[0] is told
    assert changing.fresh_changes(booking, clock.now) == []


def test_only_a_move_that_was_made_can_be_undone(rooms, clock):
    """Not a wish that went with the approval it was about."""
    by, booking = make.staff(), make.booking(rooms[0], "2027-02-10T16:00")
    [date] = booking.occurrences
    deciding.decide(booking, approve=[date.id], seen_version=1, by=by, now=clock.now)
    changing.ask_for_change(booking, {date.id: Place(rooms[0].id, make.slot("2027-02-10T18:00"))}, "", clock.now)
    deciding.undo(booking, seen_version=booking.version, by=by, now=clock.now)

    assert changing.fresh_changes(booking, clock.now) == []


def test_restore_leaves_what_the_team_has_cancelled(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    with transaction():
        lifecycle.take(booking, {Action.CANCEL: booking.occurrences}, now=clock.now)

    with pytest.raises(TooLate):
        changing.restore_dates(booking, {booking.occurrences[0].id}, clock.now)


# ---- another time or room


def test_change_of_an_approved_date_waits_for_the_team(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]

    (change,) = changing.ask_for_change(
        booking, {only.id: place(rooms[1], "2027-01-06T17:00")}, "Der Zug kommt später.", clock.now
    )

    assert (change.state, change.proposed_by, change.note) == ("open", "group", "Der Zug kommt später.")
    assert (change.room_id, local(change.start), change.former_room_id) == (
        rooms[1].id,
        "2027-01-06T17:00",
        rooms[0].id,
    )
    assert (only.status, only.room_id, local(only.start)) == (Status.APPROVED, rooms[0].id, "2027-01-06T16:00")
    assert (letters(), actions()) == (["news"], [("ask_for_change", 1)])


def test_change_of_a_date_that_nobody_has_promised_is_made_at_once(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00")
    only = booking.occurrences[0]

    (change,) = changing.ask_for_change(booking, {only.id: place(rooms[0], "2027-01-07T16:00")}, "", clock.now)

    assert (change.state, change.proposed_by) == ("accepted", "group")
    assert (only.status, local(only.start), only.is_moved) == (Status.REQUESTED, "2027-01-07T16:00", False)
    assert (letters(), actions()) == (["news"], [("move", 1)])


def test_change_may_overlap_where_the_date_sits_itself(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]

    assert len(changing.ask_for_change(booking, {only.id: place(rooms[0], "2027-01-06T17:00")}, "", clock.now)) == 1


def test_later_wish_takes_the_place_of_an_earlier_one_and_the_same_is_noted_once(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]
    for start in ("2027-01-06T17:00", "2027-01-06T18:00", "2027-01-06T18:00"):
        changing.ask_for_change(booking, {only.id: place(rooms[0], start)}, "", clock.now)

    assert [(each.state, local(each.start)) for each in only.changes] == [
        ("withdrawn", "2027-01-06T17:00"),
        ("open", "2027-01-06T18:00"),
    ]
    assert letters() == ["news"]


def test_changes_of_several_dates_make_one_letter(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    make.occurrence(booking, "2027-01-20T16:00")
    places = {each.id: Place(rooms[1].id, each.slot) for each in booking.occurrences}

    changes = changing.ask_for_change(booking, places, "", clock.now)

    assert [each.state for each in changes] == ["open", "open", "accepted"]
    assert letters() == ["news"]


@pytest.mark.parametrize(
    ("start", "minutes", "code"),
    [
        pytest.param("2026-11-27T16:00", 120, "past", id="in the past"),
        pytest.param("2026-12-02T16:00", 120, "too_soon", id="too soon"),
        pytest.param("2027-07-07T16:00", 120, "too_far", id="beyond the next half-year"),
        pytest.param("2027-01-06T21:00", 90, "too_late", id="after 22:00"),
    ],
)
def test_change_refuses_what_the_house_rules_forbid(rooms, clock, start, minutes, code):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]

    with pytest.raises(Refused) as refusal:
        changing.ask_for_change(booking, {only.id: place(rooms[0], start, minutes)}, "", clock.now)

    assert [objection.code for objection in refusal.value.objections] == [code]
    assert (only.changes, letters()) == ([], [])


def test_change_on_the_same_day_is_never_too_far_away(rooms, clock):
    booking = make.booking(rooms[0], "2027-11-03T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]

    assert len(changing.ask_for_change(booking, {only.id: place(rooms[0], "2027-11-03T17:00")}, "", clock.now)) == 1


@pytest.mark.parametrize("others", ["approved", "own approved", "own requested", "closure"])
def test_change_refuses_a_place_that_cannot_be_had(rooms, clock, others):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]
    if others == "approved":
        make.booking(rooms[0], "2027-01-06T18:00", status=Status.APPROVED, group="Andere")
    elif others == "closure":
        make.closure("2027-01-06T18:00", "2027-01-07T00:00")
    else:
        make.occurrence(booking, "2027-01-06T18:00", status=Status(others.split()[1]))

    with pytest.raises(ChangedMeanwhile) as refusal:
        changing.ask_for_change(booking, {only.id: place(rooms[0], "2027-01-06T17:00")}, "", clock.now)

    assert (refusal.value.days, letters()) == ([date(2027, 1, 6)], [])


def test_change_that_others_have_only_asked_for_can_be_asked_for(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    make.booking(rooms[0], "2027-01-06T18:00", group="Andere")
    only = booking.occurrences[0]

    assert len(changing.ask_for_change(booking, {only.id: place(rooms[0], "2027-01-06T17:00")}, "", clock.now)) == 1


def test_change_refuses_two_dates_at_one_place(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    places = {each.id: place(rooms[1], "2027-01-20T16:00") for each in booking.occurrences}

    with pytest.raises(ChangedMeanwhile):
        changing.ask_for_change(booking, places, "", clock.now)


def test_change_leaves_dates_that_nobody_can_move_any_more(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.DECLINED)

    places = {booking.occurrences[0].id: place(rooms[0], "2027-01-07T16:00")}

    assert changing.ask_for_change(booking, places, "", clock.now) == []


def test_wish_for_a_change_is_taken_back_once(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", status=Status.APPROVED)
    only = booking.occurrences[0]
    (change,) = changing.ask_for_change(booking, {only.id: place(rooms[0], "2027-01-06T17:00")}, "", clock.now)

    assert changing.take_back_changes(booking, [change.id], clock.now)
    assert not changing.take_back_changes(booking, [change.id], clock.now)
    assert (change.state, only.open_change) == ("withdrawn", None)
    assert actions() == [("ask_for_change", 1), ("take_back_change", 1)]


# ---- the team's proposals and questions


@pytest.fixture
def proposed(rooms, clock):
    """A date that was asked for at 19:00 in the hall, and proposed at 18:00 in the workshop until 7 December."""
    booking = make.booking(rooms[0], "2027-01-12T19:00")
    where = place(rooms[1], "2027-01-12T18:00")
    propose(booking, booking.occurrences[0], where, "2026-12-07T17:00", clock.now)
    return booking


def test_proposal_that_is_accepted_is_approved_where_it_was_proposed(rooms, clock, proposed):
    only = proposed.occurrences[0]

    assert changing.accept(proposed, {only.id}, clock.now) == [only]
    assert (only.status, only.room_id, local(only.start), only.is_moved) == (
        Status.APPROVED,
        rooms[1].id,
        "2027-01-12T18:00",
        False,
    )
    assert (letters(), actions()[1:]) == (["proposal", "news", "accepted"], [("accept", 1)])


def test_proposal_is_accepted_once(clock, proposed):
    ids = {proposed.occurrences[0].id}
    changing.accept(proposed, ids, clock.now)

    assert changing.accept(proposed, ids, clock.now) == []
    assert changing.refuse(proposed, ids, "", clock.now) == []
    assert letters() == ["proposal", "news", "accepted"]


def test_proposal_that_is_refused_goes_back_and_the_office_reads_why(rooms, clock, proposed):
    only = proposed.occurrences[0]

    assert changing.refuse(proposed, {only.id}, "Um 18 Uhr arbeiten wir noch.", clock.now) == [only]
    assert (only.status, only.room_id, local(only.start)) == (Status.DECLINED, rooms[0].id, "2027-01-12T19:00")
    assert (only.changes[-1].state, only.changes[-1].note) == ("refused", "Um 18 Uhr arbeiten wir noch.")
    assert (letters(), sitting()) == (["proposal", "news"], [])


@pytest.mark.parametrize("is_noticed", [False, True], ids=["not noticed yet", "expired"])
def test_proposal_cannot_be_answered_once_it_has_run_out(clock, proposed, is_noticed):
    ids = {proposed.occurrences[0].id}
    now = clock.set("2026-12-07T17:01")
    if is_noticed:
        with transaction():
            lifecycle.take(proposed, {Action.EXPIRE: proposed.occurrences}, actor="system", now=now)

    with pytest.raises(TooLate):
        changing.accept(proposed, ids, now)
    with pytest.raises(TooLate):
        changing.refuse(proposed, ids, "", now)


def test_answer_goes_to_the_office_and_not_into_the_record(rooms, clock):
    booking = make.booking(rooms[0], "2027-01-06T16:00", question="Braucht ihr die Leinwand?", asked_at=clock.now)

    assert changing.answer_question(booking, "Ja, bitte.", clock.now)
    assert not changing.answer_question(booking, "Doch nicht.", clock.now)
    assert (booking.answer, booking.waits_for_answer) == ("Ja, bitte.", False)
    (entry,) = db.session.scalars(db.select(LogEntry)).all()
    assert (entry.action, entry.detail, letters()) == ("answer", {}, ["news"])
