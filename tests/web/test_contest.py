"""Requests for the same times side by side: who gets which date, decided at once with all letters."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from booking import contesting, deciding
from booking.contesting import Ruling
from booking.database import db
from booking.deciding import NotFree
from booking.domain.status import Status
from booking.lifecycle import Place, Stale
from booking.models import Booking, Letter, Room, StaffMember
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import find_form, parse, text
from tests.web.test_decision import hall, ids, page_text, states

__all__ = ["hall"]

FIRST, SECOND = "IO-26-0142", "IO-26-0143"
BOTH = f"/team/anfragen/{FIRST}/nebeneinander?mit={SECOND}"
TAKEN = "Der Raum ist zu dieser Zeit schon vergeben."


@pytest.fixture
def network(hall: Room, clock: Clock) -> Booking:
    """Three Wednesdays, of which the council wants two as well, half an hour later."""
    asked = make.booking(
        hall, "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", reference=FIRST, title="Arbeitsgruppen"
    )
    clock.set("2026-11-30T10:00:07")
    return asked


@pytest.fixture
def council(network: Booking, hall: Room) -> Booking:
    return make.booking(
        hall, "2027-01-06T16:30", "2027-01-13T16:30", reference=SECOND, title="Runder Tisch", group="Ernährungsrat"
    )


@pytest.fixture
def meetup(network: Booking, hall: Room) -> Booking:
    """An approved date on the second Wednesday."""
    make.room("Werkstatt", 20)
    return make.booking(
        hall, "2027-01-13T17:00", reference=SECOND, title="KI-Meetup", group="eigenes Team", status=Status.APPROVED
    )


def choose(first: Booking, *winners: Booking | str) -> dict[str, Any]:
    """The choices for the contested times, by their first dates."""
    return {
        f"choice-{id_}": winner if isinstance(winner, str) else str(winner.id)
        for id_, winner in zip(ids(first), winners, strict=False)
        if winner
    }


def send(client: CheckedClient, values: dict[str, Any]) -> TestResponse:
    """Look at the letters, then send them."""
    shown = client.submit(BOTH, values, form="panel", button="show")
    filled = find_form(shown.text, "panel").filled({}, "send")
    return client.post(filled.target, data=filled.data, follow_redirects=True)


def letters() -> list[tuple[str, str]]:
    db.session.rollback()
    return [(each.booking.reference, each.kind) for each in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def test_page_of_a_request_leads_to_both(staff_client: CheckedClient, network: Booking, council: Booking) -> None:
    page = staff_client.get(f"/team/anfragen/{FIRST}")

    assert f'href="{BOTH}"' in page.text
    assert "Beide Anfragen nebeneinander ansehen" in page_text(page)


def test_both_stand_side_by_side_with_what_is_known(
    staff_client: CheckedClient, network: Booking, council: Booking, hall: Room, clock: Clock
) -> None:
    member = make.staff("Jonas")
    earlier = make.booking(hall, "2026-11-30T11:00", minutes=30, group="Ernährungsrat")
    deciding.decide(earlier, approve=[int(id_) for id_ in ids(earlier)], seen_version=1, by=member, now=clock.now)
    clock.set("2026-12-01T09:00")

    page = staff_client.get(BOTH)

    assert [text(each) for each in parse(page.text)[0].iter("dd")] == [
        *("Mo, 30. November 2026, 10:00:00 Uhr zuerst", "0", "bisher keine"),
        *("Mo, 30. November 2026, 10:00:07 Uhr am selben Tag angefragt", "1"),
        "1 Termin zugesagt, Mo, 30. November 2026",
    ]
    assert [text(each) for each in parse(page.text)[0].iter("legend")] == [
        "Mi, 6. Januar 2027",
        "Mi, 13. Januar 2027",
    ]


def test_each_date_is_given_to_one_of_them_with_one_send(
    staff_client: CheckedClient, network: Booking, council: Booking
) -> None:
    shown = staff_client.submit(BOTH, choose(network, network, council), form="panel", button="show")
    done = send(staff_client, choose(network, network, council))

    assert "Mi, 6. Januar, 16:30 bis 18:30 Uhr: nicht möglich" in page_text(shown)
    assert "Entscheiden und 2 Mails senden" in page_text(shown)
    assert states(network) == [("approved", ""), ("declined", TAKEN), ("requested", "")]
    assert states(council) == [("declined", TAKEN), ("approved", "")]
    assert letters() == [(FIRST, "partly_approved"), (SECOND, "partly_approved")]
    assert "Auch entschieden: Runder Tisch, IO-26-0143." in page_text(done)


def test_other_free_dates_are_confirmed_in_the_same_letter(
    staff_client: CheckedClient, network: Booking, council: Booking
) -> None:
    values = {**choose(network, "nobody", network), f"side-{network.id}-free": ids(network)[2]}

    send(staff_client, values)

    assert [state for state, _ in states(network)] == ["declined", "approved", "approved"]
    assert [state for state, _ in states(council)] == ["declined", "declined"]


def test_nothing_is_sent_before_something_is_chosen_and_read(
    staff_client: CheckedClient, network: Booking, council: Booking
) -> None:
    nothing = staff_client.submit(BOTH, {}, form="panel", button="send")
    unread = staff_client.submit(BOTH, choose(network, network), form="panel", button="send")

    assert (nothing.status_code, unread.status_code) == (422, 422)
    assert "Wähl zuerst, wer welchen Termin bekommt." in page_text(nothing)
    assert "Schau dir die Mail an und schick sie dann los." in page_text(unread)
    assert letters() == []


def test_sent_twice_decides_once(staff_client: CheckedClient, network: Booking, council: Booking) -> None:
    shown = staff_client.submit(BOTH, choose(network, network, network), form="panel", button="show")
    filled = find_form(shown.text, "panel").filled({}, "send")

    answers = [staff_client.post(filled.target, data=filled.data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(letters()) == 2


def test_stale_page_keeps_what_was_chosen_and_written(
    staff_client: CheckedClient, network: Booking, council: Booking, clock: Clock
) -> None:
    values = {**choose(network, network, council), f"side-{council.id}-message": "Schade!"}
    shown = staff_client.submit(BOTH, values, form="panel", button="show")
    first, _ = map(int, ids(council))
    deciding.decide(council, decline={first: "Zu klein."}, seen_version=1, by=make.staff("Jonas"), now=clock.now)

    filled = find_form(shown.text, "panel").filled({}, "send")
    answer = staff_client.post(filled.target, data=filled.data)

    assert answer.status_code == 409
    assert "Jemand war schneller. Es wurde nichts gespeichert" in page_text(answer)
    assert "Schade!" in answer.text
    assert [state for state, _ in states(network)] == ["requested"] * 3


def test_approved_date_gives_way_by_moving(staff_client: CheckedClient, network: Booking, meetup: Booking) -> None:
    second = ids(network)[1]
    assert "trotzdem zusagen …" in page_text(staff_client.get(f"/team/anfragen/{FIRST}"))
    values = {f"choice-{second}": str(network.id), f"side-{meetup.id}-reason": "own_need"}

    shown = staff_client.submit(BOTH, values, form="panel", button="show")
    send(staff_client, values)

    assert (
        "Mi, 13. Januar, 17:00 bis 19:00 Uhr: verlegt auf Mi, 13. Januar, 17:00 bis 19:00 Uhr, Werkstatt"
        in page_text(shown)
    )
    assert states(network)[1][0] == "approved"
    assert (states(meetup)[0][0], meetup.occurrences[0].room.name) == ("approved", "Werkstatt")
    assert letters() == [(SECOND, "moved"), (FIRST, "partly_approved")]


def test_approved_date_gives_way_by_not_taking_place(
    staff_client: CheckedClient, network: Booking, meetup: Booking
) -> None:
    way = f"way-{ids(meetup)[0]}"
    values = {f"choice-{ids(network)[1]}": str(network.id), way: "cancel"}

    without_reason = send(staff_client, values)
    send(staff_client, {**values, f"side-{meetup.id}-reason": "own_need"})

    assert without_reason.status_code == 422
    assert "Wähl einen Grund aus." in page_text(without_reason)
    assert states(meetup) == [("cancelled", "Wir brauchen den Raum an diesem Tag selbst.")]
    assert letters() == [(SECOND, "cancelled_by_team"), (FIRST, "partly_approved")]


def test_approved_date_stays_with_those_who_have_it(
    staff_client: CheckedClient, network: Booking, meetup: Booking
) -> None:
    send(staff_client, {f"choice-{ids(network)[1]}": str(meetup.id)})

    assert states(network)[1] == ("declined", TAKEN)
    assert letters() == [(FIRST, "declined")]


def test_who_cannot_have_it_is_no_choice(
    staff_client: CheckedClient, network: Booking, council: Booking, hall: Room
) -> None:
    make.booking(hall, "2027-01-06T18:00", minutes=30, status=Status.APPROVED, group="Chor", title="Probe")

    page = staff_client.get(BOTH)

    assert "Probe (Chor), 18:00 bis 18:30 Uhr." in page_text(page)
    controls = [each.get("value") for each in parse(page.text)[0].iter("input") if each.get("type") == "radio"]
    assert controls == [str(network.id), "nobody", str(network.id), str(council.id), "nobody"]


def test_requests_that_want_different_times_lead_back(
    staff_client: CheckedClient, network: Booking, hall: Room
) -> None:
    make.booking(hall, "2027-01-06T09:00", reference=SECOND, group="Chor")

    assert staff_client.get(BOTH).location == f"/team/anfragen/{FIRST}"
    assert staff_client.get(f"/team/anfragen/{FIRST}/nebeneinander?mit=IO-99-0001").status_code == 404


def test_page_can_be_read_in_english(staff_client: CheckedClient, network: Booking, council: Booking) -> None:
    assert "Who gets which date?" in page_text(staff_client.get(f"/en{BOTH}"))


@pytest.mark.postgresql
def test_three_are_decided_at_once_on_postgresql_too(app_pg: Flask) -> None:
    make.house()
    hall = make.room()
    make.room("Werkstatt", 20)
    asked = make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", reference=FIRST)
    rival = make.booking(hall, "2027-01-06T16:30", reference=SECOND, group="Chor")
    holder = make.booking(hall, "2027-01-13T17:00", reference="IO-26-0144", group="Kreis", status=Status.APPROVED)
    make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
    client = CheckedClient(app_pg)
    client.submit("/team", {"email": "henrike@bielefeld.de", "password": make.PASSWORD})
    values = {**choose(asked, asked, asked), f"side-{holder.id}-reason": "own_need"}

    shown = client.submit(f"{BOTH}&mit=IO-26-0144", values, form="panel", button="show")
    filled = find_form(shown.text, "panel").filled({}, "send")
    client.post(filled.target, data=filled.data)

    found = [state for each in (asked, rival, holder) for state, _ in states(each)]
    assert found == ["approved", "approved", "declined", "approved"]
    assert holder.occurrences[0].room.name == "Werkstatt"


# -- In one transaction


@pytest.fixture
def by(hall: Room) -> StaffMember:
    return make.staff("Henrike")


def test_decision_is_never_half(network: Booking, meetup: Booking, by: StaffMember, clock: Clock, hall: Room) -> None:
    (moved,), (_, second, third) = (map(int, ids(each)) for each in (meetup, network))
    make.booking(hall, "2027-01-20T17:00", status=Status.APPROVED, group="Chor")
    moves = Ruling(meetup, meetup.version, move={moved: Place(hall.id, make.slot("2027-01-13T19:00"))})
    takes = Ruling(network, network.version, approve=[second, third])

    with pytest.raises(NotFree):
        contesting.decide_together([takes, moves], by=by, now=clock.now)

    assert (states(network)[1][0], meetup.occurrences[0].start) == ("requested", make.instant("2027-01-13T17:00"))
    assert letters() == []


def test_decision_on_a_version_that_nobody_has_seen_changes_neither(
    network: Booking, council: Booking, by: StaffMember, clock: Clock
) -> None:
    first = Ruling(network, network.version, approve=[int(ids(network)[0])])
    second = Ruling(council, council.version - 1, decline={int(ids(council)[0]): TAKEN})

    with pytest.raises(Stale):
        contesting.decide_together([first, second], by=by, now=clock.now)

    assert [state for state, _ in (*states(network), *states(council))] == ["requested"] * 5
