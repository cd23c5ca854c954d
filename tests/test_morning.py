"""The letter in the morning: to whom, once, when there is something to tell, and what stands in it."""

import pytest
from flask import Flask

from booking import hosting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.letters import dispatch
from booking.models import Letter, StaffMember
from booking.morning import write_letters
from tests import make
from tests.support.app import CheckedClient, Clock, on_both
from tests.support.letters import four_at_once, put_raw, set_up
from tests.support.mail import MailServer, plain

MORNING = "2026-12-09T07:30"


@pytest.fixture
def henrike(either_app: Flask) -> StaffMember:
    make.house()
    return make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)


def meeting(**changes: object) -> None:
    make.booking(make.room(), "2026-12-09T16:00", status=Status.APPROVED, group="Chor", title="Probe", **changes)


def written() -> dict[str, str]:
    """The letters, by whom they are to."""
    db.session.rollback()
    letters = db.session.scalars(db.select(Letter).where(Letter.kind == "daily"))
    return {each.staff_member.name: f"{each.subject}\n{each.body}" for each in letters if each.staff_member}


def test_letter_tells_of_the_day_and_of_what_was_left(app: Flask, clock: Clock, smtp: MailServer) -> None:
    set_up(app, smtp)
    room = make.room()
    make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
    make.booking(room, "2027-01-06T16:00", group="Nähcafé", reference="IO-26-0007")  # on Monday, 30 November
    clock.set("2026-12-08T09:00")
    make.booking(room, "2027-01-08T16:00", group="Frisch")
    theirs = make.booking(
        room, "2026-12-09T18:00", status=Status.APPROVED, group="Chor", title="Probe auf chor.example", way_in="need"
    )
    late = make.booking(room, "2026-11-27T18:00", status=Status.APPROVED, group="Schach")
    hosting.hand_out_key(late, "17", by=make.staff("Jonas"), now=make.instant("2026-11-20T10:00"))
    put_raw(state="failed", error="550 5.1.1")
    with transaction():
        db.session.execute(db.update(StaffMember).where(StaffMember.name == "Jonas").values(language="en"))
    assert theirs.contact

    assert write_letters(clock.set(MORNING)) == 2
    dispatch.deliver_due(clock.now)

    german, english = sorted(smtp.messages, key=lambda message: "Today" in message["Subject"])
    assert (german["To"], german["Subject"]) == (
        "henrike@bielefeld.de",
        "Heute, Mi, 9. Dezember 2026: 1 Treffen, Schlüssel, Liegengebliebenes",
    )
    assert plain(german).splitlines() == [
        "Guten Morgen Henrike,",
        "",
        "heute im Haus:",
        "18:00 bis 20:00 Uhr, Große Fläche: Probe auf chor. example (Chor)",
        "http://localhost/team/heute",
        "",
        "Schlüssel:",
        "Chor braucht heute einen.",
        "Schlüssel 17 soll bis Fr, 4. Dezember 2026 zurück sein: Schach",
        "http://localhost/team/schluessel",
        "",
        "Länger als 3 Arbeitstage ohne Antwort:",
        "Nähcafé: http://localhost/team/anfragen/IO-26-0007",
        "",
        "Eine Mail ist nicht angekommen:",
        "http://localhost/team/ausgang",
        "",
        "Diese Mail kommt morgens, wenn es etwas zu sagen gibt. Abstellen kannst du sie hier:"
        " http://localhost/team/konto",
    ]
    assert english["Subject"] == "Today, Wed 9 December 2026: 1 meeting, keys, things left lying"
    assert "Good morning Jonas," in plain(english)
    assert "http://localhost/en/team/ausgang" in plain(english)
    assert "Zoë" not in plain(german) + plain(english)


@pytest.mark.parametrize(
    ("local", "is_written"),
    [("07:29", False), ("07:30", True), ("11:59", True), ("12:00", False), ("23:00", False), ("00:30", False)],
)
def test_letter_comes_in_the_morning_alone(henrike: StaffMember, clock: Clock, local: str, is_written: bool) -> None:
    meeting()

    write_letters(clock.set(f"2026-12-09T{local}"))

    assert (list(written()) == ["Henrike"]) is is_written


@on_both
def test_letter_comes_once_a_day_however_many_look(either_app: Flask, henrike: StaffMember, clock: Clock) -> None:
    make.booking(make.room(), "2026-12-09T16:00", "2026-12-10T16:00", status=Status.APPROVED)
    now = clock.set(MORNING)

    assert four_at_once(either_app, write_letters, now) == [0, 0, 0, 1]
    assert write_letters(clock.set("2026-12-09T09:00")) == 0
    assert write_letters(clock.set("2026-12-10T08:00")) == 1, "and again the next day"


def test_letter_goes_to_those_who_want_it_and_have_something_to_read(henrike: StaffMember, clock: Clock) -> None:
    make.booking(make.room(), "2027-01-06T16:00", group="Wartet")
    make.staff("Kim", role="reception")
    gone, quiet, invited = make.staff("Gone"), make.staff("Quiet"), make.staff("Invited")
    with transaction():
        for member, values in (
            (gone, {"active": False}),
            (quiet, {"hears_daily": False}),
            (invited, {"invited_at": clock.now}),
        ):
            db.session.execute(db.update(StaffMember).where(StaffMember.id == member.id).values(values))

    write_letters(clock.set(MORNING))

    assert list(written()) == ["Henrike"], "of a request nobody at the reception has to know"


def test_day_with_nothing_to_tell_brings_no_letter(henrike: StaffMember, clock: Clock) -> None:
    assert write_letters(clock.set(MORNING)) == 0
    meeting()
    assert write_letters(clock.set("2026-12-09T09:00")) == 0, "what came in since is for tomorrow"


def test_everybody_can_switch_it_off(henrike: StaffMember, either_app: Flask, clock: Clock) -> None:
    client = CheckedClient(either_app, use_cookies=True)
    client.sign_in(henrike)

    client.submit("/team/konto", {"hears_daily": None}, form="/team/konto")
    meeting()
    write_letters(clock.set(MORNING))

    assert written() == {}
