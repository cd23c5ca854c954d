"""What the public does: look, ask once, withdraw."""

from datetime import date, time, timedelta

import pytest

from booking import links, requesting
from booking.availability.wanted import Times, WishedDate
from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.models import Letter, Link, occupancy
from booking.requesting import ChangedMeanwhile, Refused, Wish
from tests import make
from tests.support.statements import statements

WEDNESDAYS = RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.WEEKLY, until=date(2027, 6, 30))
AFTERNOON = Times(time(16), 120)


@pytest.fixture
def hall(app):
    make.house()
    hall, _, _ = make.rooms()
    return hall


def wish(room, *days, rule=WEDNESDAYS, **changes):
    values = {
        "form_id": "form",
        "language": "de",
        "rule": rule,
        "times": AFTERNOON,
        "dates": [WishedDate(day, AFTERNOON.begins, AFTERNOON.minutes, room.id) for day in days],
        "room_id": room.id,
        "people": 15,
        "title": "Arbeitsgruppen",
        "group": "Gesundes Städte-Netzwerk",
        "kind": "initiative",
        "purpose": "Gesundheit",
        "is_open": True,
        "name": "Zoë Müller",
        "email": "zoe@example.org",
    }
    return Wish(**{**values, **changes})


def test_submit_stores_a_request_that_holds_no_room(hall, clock):
    booking, created = requesting.submit(wish(hall, date(2027, 1, 6), date(2027, 1, 13)), clock.now)

    assert created
    assert booking.reference == "IO-26-0001"
    assert [(each.status, make.ZONE.utcoffset(each.start) and each.slot.minutes) for each in booking.occurrences] == [
        (Status.REQUESTED, 120),
        (Status.REQUESTED, 120),
    ]
    assert db.session.execute(occupancy.select()).all() == []


def test_submit_owes_a_letter_to_the_group_and_one_to_the_office(hall, clock):
    booking, _ = requesting.submit(wish(hall, date(2027, 1, 6)), clock.now)

    letters = db.session.scalars(db.select(Letter).order_by(Letter.id)).all()
    assert [(letter.kind, letter.contact_id) for letter in letters] == [
        ("requested", booking.contact_id),
        ("new_request", None),
    ]


def test_submit_says_as_little_to_the_database_for_half_a_year_as_for_one_date(hall, clock):
    found = []
    for form_id, days in (("one", [date(2026, 12, 30)]), ("many", WEDNESDAYS.days())):
        with statements() as heard:
            requesting.submit(wish(hall, *days, form_id=form_id, group=f"Gruppe {form_id}"), clock.now)
        found.append(len(heard))

    one, many = found
    assert many == one <= 30


def test_submit_of_the_same_form_stores_it_once(hall, clock):
    first, _ = requesting.submit(wish(hall, date(2027, 1, 6)), clock.now)
    second, created = requesting.submit(wish(hall, date(2027, 1, 6)), clock.now)

    assert (second.id, created) == (first.id, False)
    assert db.session.scalar(db.select(db.func.count()).select_from(Letter)) == 2


def test_submit_numbers_run_on_and_begin_anew_with_the_year(hall, clock):
    references = [requesting.submit(wish(hall, date(2027, 1, 6), form_id="a"), clock.now)[0].reference]
    references.append(requesting.submit(wish(hall, date(2027, 1, 13), form_id="b"), clock.now)[0].reference)
    clock.set("2027-01-04T10:00")
    references.append(requesting.submit(wish(hall, date(2027, 1, 20), form_id="c"), clock.now)[0].reference)

    assert references == ["IO-26-0001", "IO-26-0002", "IO-27-0001"]


def test_submit_refuses_a_date_that_was_taken_meanwhile_and_stores_nothing(hall, clock):
    make.booking(hall, "2027-01-13T17:00", status=Status.APPROVED)

    with pytest.raises(ChangedMeanwhile) as refusal:
        requesting.submit(wish(hall, date(2027, 1, 6), date(2027, 1, 13)), clock.now)

    assert refusal.value.days == [date(2027, 1, 13)]
    assert db.session.scalar(db.select(db.func.count()).select_from(Letter)) == 0


def test_submit_refuses_two_dates_of_one_wish_in_one_room_at_one_time(hall, clock):
    with pytest.raises(ChangedMeanwhile):
        requesting.submit(wish(hall, date(2027, 1, 6), date(2027, 1, 6)), clock.now)


@pytest.mark.parametrize(
    ("day", "times", "code"),
    [
        pytest.param(date(2026, 11, 25), AFTERNOON, "past", id="in the past"),
        pytest.param(date(2026, 12, 2), AFTERNOON, "too_soon", id="two working days are not over"),
        pytest.param(date(2027, 7, 7), AFTERNOON, "too_far", id="beyond the next half-year"),
        pytest.param(date(2027, 1, 6), Times(time(21), 90), "too_late", id="after 22:00"),
    ],
)
def test_submit_refuses_what_the_house_rules_forbid(hall, clock, day, times, code):
    single = RecurrenceRule(start=day, freq=Frequency.SINGLE)
    dates = [WishedDate(day, times.begins, times.minutes, hall.id)]

    with pytest.raises(Refused) as refusal:
        requesting.submit(wish(hall, rule=single, times=times, dates=dates), clock.now)

    assert [objection.code for objection in refusal.value.objections] == [code]


def test_submit_refuses_more_dates_than_the_house_allows(hall, clock):
    days = [date(2026, 12, 7) + timedelta(days=n) for n in range(61)]
    rule = RecurrenceRule(start=days[0], freq=Frequency.SINGLE, extra_dates=frozenset(days[1:]))

    with pytest.raises(Refused) as refusal:
        requesting.submit(wish(hall, *days, rule=rule), clock.now)

    assert refusal.value.objections == [("too_many", {"number": 61, "most": 60})]


def test_submit_keeps_what_was_left_out_and_moved_with_the_rule(hall, clock):
    moved = WishedDate(date(2027, 1, 14), time(16), 120, hall.id, rule_day=date(2027, 1, 13))
    rule = RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.WEEKLY, count=3)

    booking, _ = requesting.submit(
        wish(
            hall,
            rule=rule,
            dates=[WishedDate(date(2027, 1, 6), time(16), 120, hall.id), moved],
            skipped={date(2027, 1, 20): "taken"},
        ),
        clock.now,
    )

    assert booking.recurrence_rule.days() == [date(2027, 1, 6), date(2027, 1, 14)]
    assert booking.skipped == [{"day": "2027-01-20", "reason": "taken"}]


def test_submit_finds_a_known_group_whatever_the_case_of_its_name(hall, clock):
    known = make.initiative("Café Çelebi e. V.")

    booking, _ = requesting.submit(wish(hall, date(2027, 1, 6), group="CAFÉ ÇELEBI E. V."), clock.now)

    assert booking.initiative_id == known.id


def test_submit_keeps_a_new_group_to_itself(hall, clock):
    booking, _ = requesting.submit(wish(hall, date(2027, 1, 6), group="Größe & Über-Mut"), clock.now)

    assert (booking.initiative.slug, booking.initiative.is_public) == ("groesse-ueber-mut", False)


def test_withdraw_takes_back_what_is_undecided_and_leaves_the_rest(hall, clock):
    booking, _ = requesting.submit(wish(hall, date(2027, 1, 6), date(2027, 1, 13)), clock.now)

    assert requesting.withdraw(booking, clock.now) == 2
    assert requesting.withdraw(booking, clock.now) == 0
    assert {each.status for each in booking.occurrences} == {Status.WITHDRAWN}


def test_withdraw_takes_back_single_dates(hall, clock):
    booking, _ = requesting.submit(wish(hall, date(2027, 1, 6), date(2027, 1, 13)), clock.now)

    assert requesting.withdraw(booking, clock.now, {booking.occurrences[0].id}) == 1
    assert [each.status for each in booking.occurrences] == [Status.WITHDRAWN, Status.REQUESTED]


def test_link_is_found_by_its_token_and_by_nothing_else(hall, clock):
    booking, _ = requesting.submit(wish(hall, date(2027, 1, 6)), clock.now)
    link = links.current(booking)

    assert links.find(links.token(link)).booking_id == booking.id
    assert [links.find(text) for text in ("", "x" * 43, links.token(link)[:-1], "ä\udc80")] == [None] * 4
    assert links.token(link) not in "".join(
        str(value) for row in db.session.execute(db.select(Link.__table__)) for value in row
    )
