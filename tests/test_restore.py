"""The way back from a backup: nothing is given away twice, and nobody comes back."""

from pathlib import Path

import pytest
from flask import Flask

from booking import clock as house_clock
from booking import guard, in_use, links, requesting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import house, public_changed
from booking.keeping.backup import make_backup
from booking.keeping.restore import next_number
from booking.letters import dispatch, outbox
from booking.models import Booking, Contact, Draft, House, Letter, Link, Passkey, StaffMember
from booking.sharing import erasing, people
from tests import make
from tests.support.app import ON_POSTGRESQL, Client, application
from tests.test_backup import writers


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.variant])],
)
def app(request: pytest.FixtureRequest, clock) -> Flask:
    """An application for commands, which does not count as a service that runs."""
    with application(request.getfixturevalue(f"{request.param}_url"), serving=False) as app:
        make.house()
        make.room()
        make.initiative()
        yield app


@pytest.fixture
def sqlite_app(sqlite_url, clock) -> Flask:
    with application(sqlite_url, serving=False) as app:
        make.house()
        make.room()
        make.initiative()
        yield app


def run(app: Flask, *arguments: object):
    db.session.remove()
    db.engine.dispose()
    return app.test_cli_runner().invoke(args=[str(each) for each in arguments])


def ask(email: str = "zoe@example.org", *days: str) -> Booking:
    """A request with its reference, its link and a letter that waits."""
    room = db.session.scalars(db.select(make.Room)).first()
    with transaction():
        reference = requesting.next_reference(2026)
    booking = make.booking(room, *(days or ("2027-01-06T16:00",)), email=email, reference=reference)
    with transaction():
        links.issue(booking, house_clock.now())
        letter(booking)
    return booking


def letter(booking: Booking | None, subject: str = "Eure Anfrage") -> Letter:
    now = house_clock.now()
    contact = booking.contact if booking else None
    return outbox.put(
        "requested", subject=subject, body="Danke!", language="de", now=now, booking=booking, contact=contact
    )


def count(table: str) -> int:
    return db.session.scalar(db.text(f"SELECT count(*) FROM {table}"))


def names() -> list[str | None]:
    return list(db.session.scalars(db.select(Contact.email).order_by(Contact.id)))


on_both = pytest.mark.parametrize("app", ["sqlite", ON_POSTGRESQL], indirect=True)


@on_both
def test_drill(app, clock, tmp_path):
    """A backup while four write; more happens; the way back; and the house goes on."""
    gone, stays = ask("gone@example.org").id, ask("stays@example.org").id
    with transaction():
        db.session.add(Draft(token_hash="x", form_id="y", data={}, created_at=clock.now, changed_at=clock.now))
    with writers(app):
        made = make_backup(tmp_path / "copy", clock.now)
    clock.set("2026-11-30T10:30")
    erasing.erase(db.session.get(Booking, gone), clock.now)
    later = ask("later@example.org").reference
    clock.set("2026-11-30T11:00")

    result = run(app, "restore", tmp_path / "copy")

    assert (result.exit_code, result.exception) == (0, None), result.output
    assert f"{made.bookings} bookings are back, checked, and ready to be served.\n" in result.output
    assert (count("booking"), count("draft")) == (made.bookings, 0)
    with db.engine.connect() as connection:
        assert (guard.missing(connection), guard.untruths(connection)) == ([], [])
    assert [db.session.get(Booking, number).contact.email for number in (gone, stays)] == [None, "stays@example.org"]
    assert db.session.get(Booking, gone).occurrences[0].status == Status.WITHDRAWN
    with transaction():
        guard.prove(db.session.connection())
    assert (later, ask().reference) == ("IO-26-0003", "IO-26-1004")


def test_restore_begins_a_version_that_nobody_has_seen_however_often(app, clock, tmp_path):
    make_backup(tmp_path / "copy", clock.now)
    seen = []
    for minute in range(1, 4):
        clock.set(f"2026-11-30T10:0{minute}")
        with transaction():
            public_changed()
        seen.append(house().version)
        result = run(app, "restore", tmp_path / "copy")
        assert (result.exit_code, result.exception) == (0, None), result.output
        seen.append(house().version)

    assert seen == sorted(set(seen))


def test_what_was_sent_ended_or_changed_since_stays_so(app, clock, tmp_path):
    booking = ask()
    other = make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD)
    make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
    before = db.session.scalars(db.select(StaffMember.fs_uniquifier)).all()
    make_backup(tmp_path / "copy", clock.now)
    dispatch.deliver_due(clock.now)
    with transaction():
        links.revoke(booking, booking.contact, clock.now)
    run(app, "staff", "disable", other.email)
    run(app, "staff", "password", "henrike@bielefeld.de", "--password", "Sparren-Senne-Linde-4")
    password = db.session.scalars(db.select(StaffMember.password).order_by(StaffMember.email)).first()
    clock.set("2026-11-30T11:00")

    result = run(app, "restore", tmp_path / "copy")

    assert "Who can sign in: henrike@bielefeld.de." in result.output
    assert [letter.state for letter in db.session.scalars(db.select(Letter))] == ["sent"]
    assert db.session.scalars(db.select(Link).where(Link.revoked_at.is_(None))).all() == []
    members = db.session.scalars(db.select(StaffMember).order_by(StaffMember.email)).all()
    assert [(member.name, member.active) for member in members] == [("Henrike", True), ("Jonas", False)]
    assert members[0].password == password
    assert {member.fs_uniquifier for member in members} & set(before) == set()


def test_what_a_colleague_has_given_up_since_opens_nothing(app, clock, tmp_path):
    member = make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
    kept, lost = (
        Passkey(name="Telefon", credential_id=key, public_key=b"2", sign_count=0, created_at=clock.now)
        for key in (b"kept", b"lost")
    )
    with transaction():
        member.passkeys += [kept, lost]
        member.totp_secret, member.totp_counter, member.mf_recovery_codes = "old", 7, ["a", "b"]
    make_backup(tmp_path / "copy", clock.now)
    with transaction():
        member.passkeys.remove(lost)
        member.totp_secret, member.totp_counter, member.mf_recovery_codes = "new", 9, ["b"]

    run(app, "restore", tmp_path / "copy")

    member = db.session.scalars(db.select(StaffMember)).one()
    assert [passkey.credential_id for passkey in member.passkeys] == [b"kept"]
    assert (member.totp_secret, member.totp_counter, member.mf_recovery_codes) == ("new", 9, ["b"])


def test_a_letter_that_may_have_left_waits_for_the_team(sqlite_app, clock, tmp_path):
    with transaction():
        letter(None, "Alt")
    clock.set("2026-11-30T10:50")
    with transaction():
        letter(None, "Neu")
    make_backup(tmp_path / "copy", clock.now)
    clock.set("2026-11-30T11:00")
    Path(db.engine.url.database).unlink()  # nothing tells what has left

    result = run(sqlite_app, "restore", tmp_path / "copy")

    assert "1 letters may have left before. They wait for the team on the page Ausgang.\n" in result.output
    states = {letter.subject: letter.state for letter in db.session.scalars(db.select(Letter))}
    assert states == {"Alt": "failed", "Neu": "waiting"}
    client = Client(sqlite_app, use_cookies=True)
    client.sign_in(make.staff())
    page = client.get("/team/ausgang").text
    page = page[page.index("<table") :]
    assert "Diese Mail stammt aus einer Sicherung und ist vielleicht schon angekommen." in page
    assert ("wartet auf dich" in page, "nicht angekommen" in page) == (True, False)


def test_a_log_of_sqlite_that_is_left_over_brings_nothing_back(sqlite_app, clock, tmp_path):
    """A copy over the file would: 140 bookings instead of 134."""
    ask()
    make_backup(tmp_path / "copy", clock.now)
    ask(), ask()
    path = Path(db.engine.url.database)
    hot = db.engine.raw_connection()  # as a service that was killed leaves it
    left = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("", "-wal") if Path(f"{path}{suffix}").exists()}
    hot.close()
    db.session.remove()
    db.engine.dispose()
    for suffix, stored in left.items():
        Path(f"{path}{suffix}").write_bytes(stored)

    result = run(sqlite_app, "restore", tmp_path / "copy")

    assert (result.exit_code, count("booking")) == (0, 1)
    former = Path(result.output.split("The former database is ")[1].partition(". Remove")[0])
    assert former.stat().st_mode & 0o777 == path.stat().st_mode & 0o777 == 0o600
    with application(f"sqlite:///{former}", own=True, serving=False):
        assert count("booking") == 3


def test_who_came_after_an_erasure_is_not_erased_for_another_ones_number(sqlite_app, clock, tmp_path):
    ask("first@example.org")
    make_backup(tmp_path / "one", clock.now)
    clock.set("2026-11-30T10:10")
    erasing.erase(ask("erased@example.org"), clock.now)
    clock.set("2026-11-30T10:20")
    run(sqlite_app, "restore", tmp_path / "one")
    ask("new@example.org")  # has the number of the one who is erased
    make_backup(tmp_path / "two", clock.now)

    run(sqlite_app, "restore", tmp_path / "two")

    assert names() == ["first@example.org", "new@example.org"]


def test_the_list_of_erasures_holds_numbers_and_is_nobody_elses(sqlite_app, clock):
    booking = ask()
    second = "Ali"
    people.share(booking, second, "ali@example.org", clock.now)
    other = people.seconds(booking)[0]
    people.take_link_back(booking, other.id, clock.now)
    erasing.erase(booking, clock.now)
    erasing.erase(booking, clock.now)

    path = Path(sqlite_app.instance_path) / "erased.log"

    lines = [line.split() for line in path.read_text().splitlines()]
    assert [line[1:] for line in lines[:3]] == [
        ["contact", str(other.id)],
        ["booking", str(booking.id)],
        ["contact", str(booking.contact.id)],
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_person_whose_link_was_taken_back_stays_forgotten(sqlite_app, clock, tmp_path):
    booking = ask()
    number = booking.id
    people.share(booking, "Ali", "ali@example.org", clock.now)
    make_backup(tmp_path / "copy", clock.now)
    clock.set("2026-11-30T10:10")
    people.take_link_back(booking, people.seconds(booking)[0].id, clock.now)
    Path(db.engine.url.database).unlink()

    run(sqlite_app, "restore", tmp_path / "copy")

    assert names() == ["zoe@example.org", None]
    assert people.seconds(db.session.get(Booking, number)) == []


@pytest.mark.parametrize(
    ("mine", "elsewhere", "now", "next_"),
    [
        pytest.param((2026, 140), (2026, 146), "2026-12-01T10:00", (2026, 1146), id="the other has more"),
        pytest.param((2026, 140), (0, 0), "2026-12-01T10:00", (2026, 1140), id="nothing is known"),
        pytest.param((2026, 140), (0, 0), "2027-01-04T10:00", (2027, 1000), id="from last year"),
        pytest.param((2026, 140), (2027, 3), "2027-01-04T10:00", (2027, 1003), id="the other is in the new year"),
    ],
)
def test_references_run_on_beyond_all_that_may_be_out(mine, elsewhere, now, next_):
    house = House(zone_name="Europe/Berlin", reference_year=mine[0], reference_number=mine[1])

    assert next_number(house, elsewhere, make.instant(now)) == next_


@on_both
def test_restore_waits_until_the_service_is_stopped(app, clock, tmp_path):
    ask()
    made = make_backup(tmp_path / "copy", clock.now)
    ask()
    if db.engine.dialect.name == "sqlite":
        with in_use.alone(Path(db.engine.url.database)):
            result = run(app, "restore", made.path)
    else:
        with application(app.config["DATABASE_URL"], own=True) as service, service.app_context():
            db.session.connection()
            with app.app_context():
                result = run(app, "restore", made.path)

    assert (result.exit_code, "in use" in result.output, "Stop the service" in result.output) == (1, True, True)
    assert count("booking") == 2


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"Hallo", "is no backup.", id="something else"),
        pytest.param(b"PGDMP and more", "is a backup of PostgreSQL, and DATABASE_URL names SQLite.", id="of the other"),
        pytest.param(b"SQLite format 3\0 and no more", "is damaged", id="cut off"),
    ],
)
def test_restore_leaves_all_as_it_is_where_the_backup_is_none(sqlite_app, tmp_path, content, complaint):
    ask()
    (tmp_path / "copy").write_bytes(content)

    result = run(sqlite_app, "restore", tmp_path / "copy")

    assert (result.exit_code, complaint in result.output) == (1, True), result.output
    assert count("booking") == 1
    assert [path.name for path in Path(db.engine.url.database).parent.glob("*replaced*")] == []


def test_a_backup_of_a_newer_version_wants_the_service_updated(sqlite_app, clock, tmp_path):
    with transaction():
        db.session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    make_backup(tmp_path / "copy", clock.now)

    results = [run(sqlite_app, *arguments) for arguments in (("restore", tmp_path / "copy"), ("staff", "list"))]

    sentence = "Error: The database comes from a newer version of the service. Update the service first.\n"
    assert [(result.exit_code, result.output) for result in results] == [(1, sentence)] * 2


def test_another_secret_key_is_told(sqlite_app, clock, tmp_path):
    ask()
    make_backup(tmp_path / "copy", clock.now)
    sqlite_app.config["SECRET_KEY"] = "another one, with enough letters"

    result = run(sqlite_app, "restore", tmp_path / "copy")

    assert "The secret key is not the one of this backup" in result.output
