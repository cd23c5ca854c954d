"""What the team does with dates that are approved, and around them: move, cancel, settle wishes, ask."""

from datetime import timedelta

import pytest

from booking import afterwards, changing, deciding
from booking.availability.check import Availability
from booking.database import RoomTaken, db, transaction
from booking.deciding import NotFree
from booking.domain.status import NotPossible, Status
from booking.letters import outbox
from booking.lifecycle import Place, Stale
from booking.models import House, Letter, LogEntry, occupancy
from tests import make
from tests.test_deciding import ids, places, statuses

REASON = "Wir brauchen den Raum an diesem Tag selbst."


@pytest.fixture
def hall(either_app):
    make.house()
    return make.room()


@pytest.fixture
def workshop(hall):
    return make.room("Werkstatt", 20)


@pytest.fixture
def by(either_app):
    return make.staff("Henrike")


@pytest.fixture
def series(hall):
    return make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", status=Status.APPROVED)


def letters():
    return [(letter.kind, letter.state) for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def logged():
    return [entry.action for entry in db.session.scalars(db.select(LogEntry).order_by(LogEntry.id))]


def wish(booking, number, place, clock):
    """The group asks for another place for one of its dates."""
    return changing.ask_for_change(booking, {ids(booking)[number]: place}, "Geht auch abends?", clock.now)[0]


# -- Moving


def test_move_puts_an_approved_date_elsewhere_and_tells_why(series, workshop, by, clock):
    letter = afterwards.move(
        series,
        {ids(series)[1]: Place(workshop.id, make.slot("2027-01-13T18:00"))},
        reason=REASON,
        message="Sorry!",
        seen_version=1,
        by=by,
        now=clock.now,
    )

    moved = series.occurrences[1]
    assert places(series)[1] == ("Werkstatt", "01-13 18:00")
    assert (moved.status, moved.is_moved, moved.reason) == (Status.APPROVED, True, REASON)
    assert letters() == [("moved", "waiting")]
    assert (REASON in letter.body, "Sorry!" in letter.body) == (True, True)
    assert letter.send_at == clock.now + timedelta(seconds=60)


def test_move_by_a_little_is_not_stopped_by_the_date_itself(hall, series, by, clock):
    afterwards.move(
        series,
        {ids(series)[0]: Place(hall.id, make.slot("2027-01-06T16:15"))},
        reason=REASON,
        seen_version=1,
        by=by,
        now=clock.now,
    )

    assert places(series)[0] == ("Große Fläche", "01-06 16:15")


@pytest.mark.parametrize(
    ("local", "state"),
    [
        pytest.param("2027-01-06T14:30", Availability.TAKEN, id="the other stands behind the date itself"),
        pytest.param("2027-01-14T16:00", Availability.CLOSED, id="closed"),
        pytest.param("2026-11-30T09:00", Availability.PAST, id="past"),
    ],
)
def test_move_is_refused_where_something_is_in_the_way(hall, series, by, clock, local, state):
    other = make.booking(hall, "2027-01-06T14:00", status=Status.APPROVED, group="OK Lab").occurrences[0].id
    make.closure("2027-01-14T00:00", "2027-01-15T00:00")
    before = places(series)

    with pytest.raises(NotFree) as refused:
        afterwards.move(
            series,
            {ids(series)[0]: Place(hall.id, make.slot(local))},
            reason=REASON,
            seen_version=1,
            by=by,
            now=clock.now,
        )

    found = refused.value.found
    assert (found.state, found.taken_by and found.taken_by.id) == (
        state,
        other if state is Availability.TAKEN else None,
    )
    assert (places(series), letters(), series.version) == (before, [], 1)


def test_move_and_cancel_refuse_a_date_that_is_not_approved(hall, by, clock):
    booking = make.booking(hall, "2027-01-06T16:00")
    date = ids(booking)[0]

    with pytest.raises(NotPossible):
        afterwards.move(
            booking,
            {date: Place(hall.id, make.slot("2027-01-06T18:00"))},
            reason=REASON,
            seen_version=1,
            by=by,
            now=clock.now,
        )
    with pytest.raises(NotPossible):
        afterwards.cancel(booking, {date: REASON}, seen_version=1, by=by, now=clock.now)

    assert (statuses(booking), letters()) == ([Status.REQUESTED], [])


def test_move_lets_a_decision_that_waits_go_first(hall, by, clock):
    booking = make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00")
    deciding.decide(booking, approve=ids(booking), seen_version=1, by=by, now=clock.now)

    afterwards.move(
        booking,
        {ids(booking)[0]: Place(hall.id, make.slot("2027-01-06T18:00"))},
        reason=REASON,
        seen_version=2,
        by=by,
        now=clock.now,
    )

    db.session.expire_all()
    assert letters() == [("approved", "waiting"), ("moved", "waiting")]
    decided, moved = db.session.scalars(db.select(Letter).order_by(Letter.id))
    assert decided.send_at <= clock.now
    assert deciding.waiting_letter(booking, deciding.letters_about(booking), clock.now) is moved
    assert logged() == ["approve", "send_now", "move"]


# -- Cancelling


def test_cancel_frees_the_rooms_and_tells_each_reason(series, by, clock):
    first, second, _ = ids(series)

    letter = afterwards.cancel(series, {first: REASON, second: "Wasserschaden."}, seen_version=1, by=by, now=clock.now)

    assert statuses(series) == [Status.CANCELLED, Status.CANCELLED, Status.APPROVED]
    assert [(date.reason, date.cancelled_by_group) for date in series.occurrences[:2]] == [
        (REASON, False),
        ("Wasserschaden.", False),
    ]
    assert letters() == [("cancelled_by_team", "waiting")]
    assert all(sentence in letter.body for sentence in (REASON, "Wasserschaden."))
    assert len(db.session.execute(occupancy.select()).all()) == 1


def test_cancel_refuses_a_date_that_is_over(series, by, clock):
    clock.set("2027-01-07T10:00")

    with pytest.raises(NotPossible):
        afterwards.cancel(series, dict.fromkeys(ids(series), REASON), seen_version=1, by=by, now=clock.now)

    assert statuses(series) == [Status.APPROVED] * 3


# -- Wishes of the group


def test_settle_changes_moves_the_date_as_the_group_wished(series, workshop, by, clock):
    change = wish(series, 1, Place(workshop.id, make.slot("2027-01-13T18:00")), clock)

    afterwards.settle_changes(series, [change.id], accept=True, seen_version=2, by=by, now=clock.now)

    assert places(series)[1] == ("Werkstatt", "01-13 18:00")
    assert [(each.proposed_by, each.state) for each in series.occurrences[1].changes] == [("group", "accepted")]
    assert letters()[-1] == ("moved", "waiting")


def test_settle_changes_can_refuse_and_the_date_stays(series, workshop, by, clock):
    before = places(series)
    change = wish(series, 1, Place(workshop.id, make.slot("2027-01-13T18:00")), clock)

    letter = afterwards.settle_changes(
        series, [change.id], accept=False, reason=REASON, seen_version=2, by=by, now=clock.now
    )

    assert (places(series), statuses(series)) == (before, [Status.APPROVED] * 3)
    assert [each.state for each in series.occurrences[1].changes] == ["refused"]
    assert (letter.kind, REASON in letter.body) == ("change_declined", True)
    assert logged()[-1] == "refuse_change"


def test_settle_changes_names_who_has_the_place_by_now(series, workshop, by, clock):
    change = wish(series, 1, Place(workshop.id, make.slot("2027-01-13T18:00")), clock)
    other = make.booking(workshop, "2027-01-13T19:00", status=Status.APPROVED, group="OK Lab").occurrences[0].id

    with pytest.raises(NotFree) as refused:
        afterwards.settle_changes(series, [change.id], accept=True, seen_version=2, by=by, now=clock.now)

    assert refused.value.found.taken_by.id == other
    assert series.occurrences[1].open_change.id == change.id


def test_settle_changes_knows_one_that_is_settled(series, workshop, by, clock):
    change = wish(series, 1, Place(workshop.id, make.slot("2027-01-13T18:00")), clock)
    changing.take_back_changes(series, [change.id], clock.now)

    with pytest.raises(Stale):
        afterwards.settle_changes(series, [change.id], accept=True, seen_version=3, by=by, now=clock.now)


@pytest.mark.parametrize("accept", [True, False])
def test_settle_changes_refuses_the_change_of_another_booking(hall, series, workshop, by, clock, accept):
    other = make.booking(hall, "2027-02-03T16:00", status=Status.APPROVED, group="OK Lab")
    change = wish(other, 0, Place(workshop.id, make.slot("2027-02-03T18:00")), clock)
    before = places(series), places(other), letters(), logged()

    with pytest.raises(Stale):
        afterwards.settle_changes(
            series, [change.id], accept=accept, reason=REASON, seen_version=series.version, by=by, now=clock.now
        )

    assert (places(series), places(other), letters(), logged()) == before
    assert (other.occurrences[0].open_change.id, series.version, other.version) == (change.id, 1, 2)


@pytest.mark.parametrize(
    ("accept", "title", "told"),
    [
        pytest.param(True, "Neuer Name", ["details_changed"], id="taken over"),
        pytest.param(False, "Treffen Gesundes Städte-Netzwerk", [], id="dropped"),
    ],
)
def test_settle_title(hall, by, clock, accept, title, told):
    booking = make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED, title_wish="Neuer Name")

    deciding.settle_title(booking, accept=accept, seen_version=1, by=by, now=clock.now)

    assert (booking.title, booking.title_wish, booking.version) == (title, "", 2)
    assert [kind for kind, _ in letters()] == told
    with pytest.raises(Stale):
        deciding.settle_title(booking, accept=True, seen_version=2, by=by, now=clock.now)


def test_settle_title_takes_the_link_over_that_is_wished_for(hall, by, clock):
    booking = make.booking(
        hall, "2027-01-06T16:00", status=Status.APPROVED, url="https://old.example", url_wish="https://new.example"
    )
    version = db.session.scalar(db.select(House.version))

    deciding.settle_title(booking, accept=True, seen_version=1, by=by, now=clock.now)

    assert (booking.url, booking.url_wish, booking.version, letters()) == ("https://new.example", "", 2, [])
    assert db.session.scalar(db.select(House.version)) == version + 1


# -- Questions


def test_ask_waits_for_an_answer_and_keeps_the_words_out_of_the_record(hall, by, clock):
    booking, now = make.booking(hall, "2027-01-06T16:00", answer="Alt", question="Alt?"), clock.now

    letter = deciding.ask(booking, "Bringt ihr Kinder mit?", seen_version=1, by=by, now=now)

    assert (booking.question, booking.answer, booking.waits_for_answer) == ("Bringt ihr Kinder mit?", "", True)
    assert booking.asked_at == now.replace(microsecond=0)
    assert (letter.kind, "Bringt ihr Kinder mit?" in letter.body) == ("question", True)
    entry = db.session.scalars(db.select(LogEntry)).one()
    assert (entry.action, entry.detail) == ("ask", {})


# -- Stale pages


def test_every_step_refuses_a_stale_page(series, hall, by, clock):
    date = ids(series)[0]
    known = {"seen_version": 7, "by": by, "now": clock.now}
    for step in (
        lambda: afterwards.move(series, {date: Place(hall.id, make.slot("2027-01-06T18:00"))}, reason=REASON, **known),
        lambda: afterwards.cancel(series, {date: REASON}, **known),
        lambda: deciding.ask(series, "Wie viele?", **known),
        lambda: deciding.settle_title(series, accept=True, **known),
    ):
        with pytest.raises(Stale):
            step()

    assert (statuses(series), letters(), logged()) == ([Status.APPROVED] * 3, [], [])


# -- Taking back


def undo(booking, by, clock):
    db.session.expire_all()
    return deciding.undo(booking, seen_version=booking.version, by=by, now=clock.now)


def test_undo_takes_a_move_back_to_where_the_date_was(hall, workshop, series, by, clock):
    before = places(series)
    place = Place(workshop.id, make.slot("2027-01-14T10:00"))
    afterwards.move(series, {ids(series)[0]: place}, reason=REASON, seen_version=1, by=by, now=clock.now)
    clock.set("2026-11-30T10:00:59")

    assert undo(series, by, clock) == 0

    moved = series.occurrences[0]
    assert (places(series), letters(), logged()) == (before, [("moved", "stopped")], ["move", "move_back"])
    assert (moved.status, moved.is_moved, moved.reason, moved.sequence) == (Status.APPROVED, False, "", 2)
    assert [change.state for change in moved.changes] == ["withdrawn"]


def test_undo_opens_a_wish_again_that_was_met_or_refused(hall, workshop, series, by, clock):
    change = wish(series, 1, Place(workshop.id, make.slot("2027-01-13T19:00")), clock)
    before = places(series)
    for answer in ({"accept": True}, {"accept": False, "reason": REASON}):
        afterwards.settle_changes(series, [change.id], **answer, seen_version=series.version, by=by, now=clock.now)
        undo(series, by, clock)
        assert (places(series), change.state) == (before, "open")

    assert letters()[1:] == [("moved", "stopped"), ("change_declined", "stopped")]


def test_undo_of_a_refusal_leaves_what_the_group_has_asked_for_since(workshop, series, by, clock):
    first = wish(series, 0, Place(workshop.id, make.slot("2027-01-06T19:00")), clock)
    afterwards.settle_changes(
        series, [first.id], accept=False, reason=REASON, seen_version=series.version, by=by, now=clock.now
    )
    second = wish(series, 0, Place(workshop.id, make.slot("2027-01-06T20:00")), clock)

    undo(series, by, clock)

    assert (first.state, second.state) == ("refused", "open")


def elsewhere(workshop, hours):
    return Place(workshop.id, make.slot(f"2027-01-13T{hours}:00"))


#: What the team can do with a date of which the group wishes something, and take back.
ANSWERS = {
    "yes": lambda date, wish, room: (afterwards.settle_changes, [wish], {"accept": True}),
    "no": lambda date, wish, room: (afterwards.settle_changes, [wish], {"accept": False, "reason": REASON}),
    "move": lambda date, wish, room: (afterwards.move, {date: elsewhere(room, 10)}, {"reason": REASON}),
    "cancel": lambda date, wish, room: (afterwards.cancel, {date: REASON}, {}),
}


@pytest.mark.parametrize(
    ("answer", "since"),
    [*((answer, "nothing") for answer in ANSWERS), ("no", "taken back"), ("move", "wished again")],
)
def test_undo_brings_back_what_the_group_wished_for(workshop, series, by, clock, answer, since):
    before = places(series), statuses(series)
    change = wish(series, 1, elsewhere(workshop, 19), clock)
    act, what, how = ANSWERS[answer](ids(series)[1], change.id, workshop)
    act(series, what, **how, seen_version=series.version, by=by, now=clock.now)
    date = series.occurrences[1]
    if since != "nothing":
        again = wish(series, 1, elsewhere(workshop, 20), clock)
    if since == "taken back":
        changing.take_back_changes(series, [again.id], clock.now)
    elif since == "wished again":
        change = again

    undo(series, by, clock)

    assert (places(series), statuses(series)) == before
    assert date.open_change is change
    assert (change.former_room_id, change.former_slot) == (date.room_id, date.slot)
    afterwards.settle_changes(series, [change.id], accept=True, seen_version=series.version, by=by, now=clock.now)
    undo(series, by, clock)
    assert (places(series), date.open_change) == (before[0], change)


def test_undo_opens_no_wish_that_the_group_has_given_up(workshop, series, by, clock):
    change = wish(series, 1, elsewhere(workshop, 19), clock)
    changing.take_back_changes(series, [change.id], clock.now)
    how = {"reason": REASON, "seen_version": series.version, "by": by, "now": clock.now}
    afterwards.move(series, {ids(series)[1]: elsewhere(workshop, 10)}, **how)

    undo(series, by, clock)

    assert series.occurrences[1].open_change is None


@pytest.mark.parametrize("turn", [1, -1])
def test_dates_that_go_where_others_of_them_are_move_together(hall, series, by, clock, turn):
    """Be it round in a circle: no row can move before another one has."""
    before = places(series)
    slots = [each.slot for each in series.occurrences]
    turned = slots[turn:] + slots[:turn]
    wished = {number: Place(hall.id, slot) for number, slot in zip(ids(series), turned, strict=True)}
    changes = [each.id for each in changing.ask_for_change(series, wished, "", clock.now)]

    afterwards.settle_changes(series, changes, accept=True, seen_version=series.version, by=by, now=clock.now)

    db.session.expire_all()
    moved = {each.id: each.slot for each in series.occurrences}
    assert [moved[number] for number in wished] == turned
    undo(series, by, clock)
    assert places(series) == before


def test_undo_takes_a_cancellation_back_unless_others_have_the_room(hall, series, by, clock):
    for others_come in (False, True):
        afterwards.cancel(series, {ids(series)[2]: REASON}, seen_version=series.version, by=by, now=clock.now)
        if others_come:
            make.booking(hall, "2027-01-20T17:00", status=Status.APPROVED, group="Chor")
            with pytest.raises(RoomTaken):
                undo(series, by, clock)
            db.session.expire_all()
        else:
            undo(series, by, clock)
        date = series.occurrences[2]
        assert date.status is (Status.CANCELLED if others_come else Status.APPROVED)

    assert letters() == [("cancelled_by_team", "stopped"), ("cancelled_by_team", "waiting")]


def test_undo_takes_a_question_back_before_it_is_read(hall, by, clock):
    booking = make.booking(hall, "2027-01-06T16:00")
    deciding.ask(booking, "Kocht ihr?", seen_version=1, by=by, now=clock.now)

    undo(booking, by, clock)

    assert (booking.question, booking.asked_at, letters()) == ("", None, [("question", "stopped")])


def test_question_in_place_of_another_leaves_at_once(hall, by, clock):
    booking = make.booking(hall, "2027-01-06T16:00")
    for question in ("Kocht ihr?", "Wie viele seid ihr?"):
        deciding.ask(booking, question, seen_version=booking.version, by=by, now=clock.now)

    assert [letter.send_at for letter in db.session.scalars(db.select(Letter))] == [clock.now, clock.now]


def test_letter_is_held_back_for_ten_minutes_at_a_time(hall, series, by, clock):
    letter = afterwards.cancel(series, {ids(series)[0]: REASON}, seen_version=1, by=by, now=clock.now)
    clock.set("2026-11-30T10:00:50")

    deciding.hold(series, by=by, now=clock.now)

    db.session.expire_all()
    assert letter.send_at == clock.now + timedelta(minutes=10)

    clock.set("2026-11-30T10:10:49")
    assert deciding.waiting_letter(series, deciding.letters_about(series), clock.now) is letter
    undo(series, by, clock)
    with pytest.raises(deciding.LetterHasLeft):
        deciding.hold(series, by=by, now=clock.now)


def test_letter_is_held_back_with_those_after_it_and_leaves_no_earlier_than_it_would(hall, series, by, clock):
    tomorrow = clock.now + timedelta(days=1)
    afterwards.cancel(series, {ids(series)[0]: REASON}, seen_version=1, by=by, now=clock.now)
    with transaction():  # what follows waits for other reasons: the mailbox is sent few, or a group goes on
        for kind, send_at in (("restored", clock.now), ("question", tomorrow)):
            of = {"booking": series, "contact": series.contact, "language": "de", "now": clock.now}
            outbox.put(kind, subject="s", body="b", **of).send_at = send_at

    deciding.hold(series, by=by, now=clock.now)
    deciding.hold(series, by=by, now=clock.now)

    held = clock.now + deciding.HOLD
    db.session.expire_all()
    found = {letter.kind: letter.send_at for letter in db.session.scalars(db.select(Letter))}
    assert found == {"cancelled_by_team": held, "restored": held, "question": tomorrow}


def test_letter_that_waits_for_its_mailbox_is_not_sent_earlier_by_holding_it(hall, series, by, clock):
    letter = afterwards.cancel(series, {ids(series)[0]: REASON}, seen_version=1, by=by, now=clock.now)
    tomorrow = clock.now + timedelta(days=1)
    with transaction():
        letter.send_at = tomorrow

    deciding.hold(series, by=by, now=clock.now)

    db.session.expire_all()
    assert letter.send_at == tomorrow
