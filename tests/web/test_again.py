"""A new request with the answers of an earlier one."""

import pytest

from booking import links
from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.models import Draft
from tests import make
from tests.support.group_page import ALI, words
from tests.support.pages import parse
from tests.support.request_form import ONCE, Asking, date_lines, value_of


def test_new_request_begins_with_the_old_answers(checked_client, address, approved):
    step_1 = checked_client.submit(address, form="again")
    asking = Asking(checked_client, step_1)
    asked = asking.sent("/anfrage", {"date": "3.2.2027"})
    check = asking.dates()

    assert (step_1.request.path, value_of(step_1, "date"), value_of(step_1, "start")) == ("/anfrage", "", "16:00")
    assert asked.request.path == "/anfrage/termine"
    assert (check.request.path, check.status_code) == ("/anfrage/pruefen", 200)
    for said in ("Netzwerktreffen", "Gesundes Städte-Netzwerk", "zoe@example.org", "0170 1234567", "Große Fläche"):
        assert said in words(check)


@pytest.fixture
def second_tuesdays(house_with_rooms):
    rule = RecurrenceRule(
        start=make.instant("2027-01-12T12:00").date(), freq=Frequency.MONTHLY, ordinals=(2,), weekdays=(1,), count=3
    )
    days = ("2027-01-12T19:00", "2027-02-09T19:00", "2027-03-09T19:00")
    return make.booking(house_with_rooms[1], *days, rule=rule, before_minutes=30, equipment=["Screen", "Flipchart"])


def test_rhythm_comes_along(checked_client, second_tuesdays):
    address = f"/a/{links.token(make.link(second_tuesdays))}"

    checked_client.submit(address, form="again")

    stored = db.session.scalars(db.select(Draft)).one().data
    names = ("rhythm", "start", "end", "before", "until_kind", "count", "room", "people", "date")
    assert {name: stored["when"][name] for name in names} == {
        "rhythm": ["month"],
        "start": ["19:00"],
        "end": ["21:00"],
        "before": ["30"],
        "until_kind": ["count"],
        "count": ["3"],
        "room": ["werkstatt"],
        "people": ["15"],
        "date": [],
    }
    assert (stored["about"]["equipment"], stored["about"]["equipment_other"]) == (["Screen"], ["Flipchart"])


@pytest.mark.parametrize(
    ("rule", "rhythm"),
    [
        ({"freq": Frequency.WEEKLY}, "week"),
        ({"freq": Frequency.WEEKLY, "interval": 2}, "two_weeks"),
        ({"freq": Frequency.WEEKLY, "interval": 3}, "few"),
        ({"freq": Frequency.WEEKLY, "weekdays": (1, 3)}, "weekdays"),
        ({"freq": Frequency.MONTHLY, "interval": 6}, "few"),
        ({"freq": Frequency.MONTHLY, "ordinals": (1, 3), "weekdays": (1,)}, "ordinals"),
        ({"freq": Frequency.SINGLE}, "once"),
    ],
)
def test_each_rhythm_is_found_again(checked_client, house_with_rooms, rule, rhythm):
    start = make.instant("2027-01-05T12:00").date()
    booking = make.booking(house_with_rooms[0], "2027-01-05T10:00", rule=RecurrenceRule(start=start, count=3, **rule))

    page = checked_client.submit(f"/a/{links.token(make.link(booking))}", form="again")

    chosen = [
        each.get("value")
        for each in parse(page.text)[0].iter("input")
        if each.get("name") == "rhythm" and "checked" in each.attrib
    ]
    assert chosen == [rhythm]


def test_other_times_of_a_weekday_come_along(checked_client, house_with_rooms):
    rule = RecurrenceRule(make.instant("2027-01-05T12:00").date(), Frequency.WEEKLY, weekdays=(1, 3), count=4)
    times = ("2027-01-05T18:00", "2027-01-07T09:00", "2027-01-12T18:00", "2027-01-14T09:00")
    booking = make.booking(house_with_rooms[0], *times, minutes=75, rule=rule)

    page = checked_client.submit(f"/a/{links.token(make.link(booking))}", form="again")

    names = ("start", "end", "own_times-1", "own_times-3")
    assert [value_of(page, name) for name in names] == ["18:00", "19:15", "", "09:00-10:15"]


def test_second_person_asks_again_under_their_own_name(checked_client, second):
    checked_client.submit(second, form="again")

    about = db.session.scalars(db.select(Draft)).one().data["about"]
    assert (about["name"], about["email"]) == ([ALI["name"]], [ALI["email"]])


def test_names_of_groups_bring_nothing_along(checked_client, approved):
    asking = Asking(checked_client)
    asking.when(ONCE)
    asking.dates()

    page = asking.about(group="Gesundes Städte-Netzwerk", title=None, name=None)

    assert "0170 1234567" not in page.text
    assert "Zoë" not in words(page)


def test_check_page_lists_the_new_dates(checked_client, second_tuesdays):
    page = checked_client.submit(f"/a/{links.token(make.link(second_tuesdays))}", form="again")
    asking = Asking(checked_client, page)
    asking.sent("/anfrage", {"date": "13.4.2027"})
    asking.dates()
    outside = {"way_in": "have", "onsite_name": "Zoë", "onsite_phone": "0170 1234567"}

    check = asking.sent("/anfrage/ueber-euch", outside)

    assert date_lines(check) == [
        f"Di, {day} 2027, 19:00 bis 21:00 Uhr, Werkstatt" for day in ("13. April", "11. Mai", "8. Juni")
    ]
