"""Displays that go silent: when the office is told, how often, and what its letters say."""

import pytest
from flask import Flask

from booking import displays, links
from booking.database import db
from booking.letters import dispatch
from booking.models import Display, Letter
from booking.morning import write_letters
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.letters import four_at_once, set_up
from tests.support.mail import MailServer, plain
from tests.support.pages import parse, text


def heard(display: Display, clock: Clock, at: str) -> None:
    displays.hear_of(links.token(display), {}, clock.set(at))


def owed() -> list[str]:
    db.session.rollback()
    return [each.kind for each in db.session.scalars(db.select(Letter).order_by(Letter.id))]


@pytest.mark.parametrize(
    ("seen", "now", "is_missed"),
    [
        pytest.param("2026-12-08T11:00", "2026-12-08T11:29", False, id="not for long"),
        pytest.param("2026-12-08T11:00", "2026-12-08T11:30", True, id="for half an hour"),
        pytest.param("2026-12-07T22:00", "2026-12-08T08:30", False, id="before the house opens"),
        pytest.param("2026-12-07T22:00", "2026-12-08T09:29", False, id="off at night, and not switched on yet"),
        pytest.param("2026-12-07T22:00", "2026-12-08T09:30", True, id="not switched on in the morning"),
        pytest.param("2026-12-08T16:45", "2026-12-08T17:15", False, id="after the house has closed"),
        pytest.param("2026-12-11T16:00", "2026-12-12T12:00", False, id="on a Saturday"),
        pytest.param("2026-12-23T16:00", "2026-12-25T12:00", False, id="on a holiday"),
        pytest.param("2026-12-08T16:00", "2026-12-09T12:15", False, id="a quarter of an hour after a closure"),
        pytest.param("2026-12-08T16:00", "2026-12-09T12:30", True, id="half an hour after a closure"),
    ],
)
def test_display_is_missed_while_the_house_is_open(
    app: Flask, clock: Clock, seen: str, now: str, is_missed: bool
) -> None:
    make.house()
    make.room()
    make.closure("2026-12-09T09:00", "2026-12-09T12:00")
    heard(make.display(), clock, seen)
    make.display("never set up")

    assert displays.tell_of_silence(clock.set(now)) == is_missed
    assert owed() == ["display_missed"] * is_missed


def test_office_hears_once_of_an_outage_and_once_of_its_end(app: Flask, clock: Clock, smtp: MailServer) -> None:
    set_up(app, smtp)
    member = make.staff("Henrike", "henrike@bielefeld.de")
    display = make.display("Eingang, www.example.org", by=member)
    heard(display, clock, "2026-12-08T11:00")

    counts = [displays.tell_of_silence(clock.set(f"2026-12-08T{at}")) for at in ("11:29", "11:30", "11:31", "16:00")]
    write_letters(clock.set("2026-12-09T07:30"))
    heard(display, clock, "2026-12-09T08:04")
    counts += [displays.tell_of_silence(clock.set(f"2026-12-09T08:{minute}")) for minute in ("04", "05")]
    dispatch.deliver_due(clock.now)

    assert counts == [0, 1, 0, 0, 1, 0]
    missed, daily, back = smtp.messages
    assert {missed["To"], back["To"]} == {"innovationen@bielefeld.de"}
    assert missed["Subject"] == "Anzeige „Eingang, www. example. org“ meldet sich nicht"
    assert "seit 30 Minuten nichts zu hören, zuletzt 08.12., 11:00 Uhr." in " ".join(plain(missed).split())
    assert f"http://localhost/team/haus/anzeigen/{display.id}" in plain(missed)
    assert back["Subject"] == "Anzeige „Eingang, www. example. org“ ist wieder da"
    assert "wieder, seit 09.12., 08:04 Uhr." in " ".join(plain(back).split())
    assert (daily["To"], daily["Subject"]) == (member.email, "Heute, Mi, 9. Dezember 2026: Liegengebliebenes")
    assert "Anzeigen, von denen nichts zu hören ist: Eingang, www. example. org" in " ".join(plain(daily).split())


def test_outage_brings_one_letter_however_many_look(engine_app: Flask, clock: Clock) -> None:
    make.house()
    heard(make.display(), clock, "2026-12-08T11:00")
    now = clock.set("2026-12-08T12:00")

    assert four_at_once(engine_app, displays.tell_of_silence, now) == [0, 0, 0, 1]


def test_running_order_of_today_tells_how_displays_are(app: Flask, staff_client: CheckedClient, clock: Clock) -> None:
    make.house()
    make.room()
    assert "Anzeigen" not in text(parse(staff_client.get("/team/heute").text)[0])
    make.display("1. Stock")
    heard(make.display("Eingang"), clock, "2026-12-08T11:00")
    clock.set("2026-12-08T11:00:25")

    assert "Anzeigen 1. Stock noch nicht gesehen Eingang zuletzt gesehen vor 25 Sekunden" in text(
        parse(staff_client.get("/team/heute").text)[0]
    )
