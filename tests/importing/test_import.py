"""Bookings from elsewhere: read, planned, stored once, and taken back."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from booking import clock, exporting, lifecycle
from booking.database import db, transaction
from booking.domain.recurrence import Frequency
from booking.domain.status import Action, Status
from booking.importing import calendars, reading, storing
from booking.importing.documents import read_document
from booking.importing.entries import UnreadableFile
from booking.importing.planning import plan_import, read_file
from booking.importing.storing import NoSuchRun, bring_in, runs, undo_import
from booking.importing.tables import read_table
from booking.models import Booking, Contact, Initiative, Letter, LogEntry, Occurrence
from tests import make
from tests.importing import files
from tests.support.app import on_either

ROOM_NAMES = ("Große Fläche", "Werkstatt", "Kleiner Raum")


def premises() -> None:
    make.house()
    for name in ROOM_NAMES:
        make.room(name)


def planned(file, **options):
    now = clock.now()
    return plan_import(read_file(file.name, file.content, now), now, **options)


def line(title, room, slot):
    start, end = (at.astimezone(make.ZONE) for at in (slot.start, slot.end))
    return f"{title}, {room.slug}, {start:%Y-%m-%d %H:%M}–{end:%Y-%m-%d %H:%M}"


def lines_planned(plan):
    return sorted(line(booking.title, each.room, each.slot) for booking in plan.bookings for each in booking.dates)


def lines_stored(*statuses):
    dates = db.session.scalars(sa.select(Occurrence).where(Occurrence.status.in_(statuses or [*Status])))
    return sorted(line(each.booking.title, each.room, each.slot) for each in dates)


def counts():
    kinds = (Booking, Occurrence, Initiative, Letter, Contact)
    return [db.session.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in kinds]


@pytest.mark.parametrize("file", files.FILES, ids=lambda file: file.name)
def test_file_from_elsewhere_gives_the_dates_counted_by_hand_once_and_is_taken_back(app, file):
    premises()

    plan = planned(file)
    done = bring_in(plan, with_texts=False, now=clock.now())
    once = counts()
    again = planned(file)
    nothing = bring_in(again, with_texts=False, now=clock.now())

    assert (lines_planned(plan), sorted(each.say("en") for each in plan.faults)) == (file.dates, file.faults)
    assert lines_stored() == file.dates
    assert (nothing.dates, again.bookings, again.known, counts()) == (0, [], len(file.dates), once)
    assert once[3:] == [0, 0]  # nobody is written to, and nobody's data are kept

    undo_import(done.run, now=clock.now())

    assert counts() == [0, 0, 0, 0, 0]
    with pytest.raises(NoSuchRun):
        undo_import(done.run, now=clock.now())


def test_rows_of_a_table_become_the_series_they_are(app):
    premises()

    bring_in(planned(files.EXCEL), with_texts=False, now=clock.now())

    series = db.session.scalars(sa.select(Booking).where(Booking.title.contains("Runde"))).one()
    assert (series.recurrence_rule.freq, len(series.occurrences)) == (Frequency.WEEKLY, 3)
    assert (series.initiative.name, series.people, series.is_open) == ("Gesundes Netz", 12, True)
    assert lines_stored(Status.REQUESTED) == ["Repair-Café, werkstatt, 2027-01-28 18:30–2027-01-28 20:30"]  # vorgemerkt


def test_series_with_a_moved_date_is_one_booking(app):
    premises()

    bring_in(planned(files.OUTLOOK), with_texts=False, now=clock.now())

    of_room = {each.room_wish.slug: len(each.occurrences) for each in db.session.scalars(sa.select(Booking))}
    assert of_room == {"werkstatt": 4, "kleiner-raum": 3}


@on_either
def test_dates_that_are_taken_or_closed_are_left_to_the_office(engine_app):
    premises()
    room = db.session.scalars(sa.select(make.Room).where(make.Room.slug == "werkstatt")).one()
    make.booking(room, "2027-03-09T20:00", status=Status.APPROVED)
    make.closure("2027-04-13T00:00", "2027-04-14T00:00")
    twin = files.GOOGLE.content.replace(b"abc@", b"other@").replace(b"SUMMARY:Werkstatt: N", b"SUMMARY:Werkstatt: X")
    both = b"".join([files.GOOGLE.content, twin])
    now = clock.now()

    plan = plan_import(read_file("two.ics", both, now), now)
    done = bring_in(plan, with_texts=False, now=now)

    states = {
        (booking.title[0], each.slot.start.month): each.is_approved
        for booking in plan.bookings
        for each in booking.dates
    }
    first, other = plan.bookings
    assert states == {
        (first.title[0], 1): True,
        (first.title[0], 3): False,
        (first.title[0], 4): False,
        (other.title[0], 1): False,
        (other.title[0], 3): False,
        (other.title[0], 4): False,
    }
    assert (done.dates, done.undecided) == (6, 5)
    assert len(lines_stored(Status.APPROVED)) == 2


@on_either
def test_import_is_taken_back_but_for_what_has_changed_since(engine_app, monkeypatch):
    premises()
    monkeypatch.setattr(storing, "REMOVED", 2)
    make.staff()
    done = bring_in(planned(files.DAYS), with_texts=False, now=clock.now())
    party = db.session.scalars(sa.select(Booking).where(Booking.title == "Treff")).one()
    with transaction():
        lifecycle.take(party, {Action.CANCEL: party.occurrences}, now=clock.now(), is_told=False)

    gone = undo_import(done.run, now=clock.now())

    assert (gone.bookings, gone.dates, gone.kept) == (4, 6, [party.reference])
    assert [each.title for each in db.session.scalars(sa.select(Booking))] == ["Treff"]
    said = [
        (each.action, each.count, each.detail["run"])
        for each in db.session.scalars(sa.select(LogEntry))
        if each.detail.get("run")
    ]
    assert said == [("bring_in", 7, done.run), ("take_back_import", 6, done.run)]


def test_import_that_is_interrupted_can_be_taken_back_and_goes_on(app, monkeypatch):
    premises()
    monkeypatch.setattr(storing, "BATCH", 1)

    def interrupt(_dates):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(planned(files.DAYS), with_texts=False, now=clock.now(), progress=interrupt)

    entry = db.session.scalars(sa.select(LogEntry)).one()
    assert (entry.action, entry.count, len(lines_stored())) == ("bring_in", 1, 1)
    undo_import(entry.detail["run"], now=clock.now())
    bring_in(planned(files.DAYS), with_texts=False, now=clock.now())
    assert lines_stored() == files.DAYS.dates


KILLED = """
import sys
from booking import clock, create_app
from booking.importing import storing
from booking.importing.planning import plan_import, read_file
from tests.support.app import settings

def wait(dates):
    print(dates, flush=True)
    sys.stdin.readline()

storing.BATCH = 2
with create_app(settings(sys.argv[1]), serving=False).app_context():
    now = clock.now()
    plan = plan_import(read_file("a.csv", sys.stdin.buffer.raw.read(10_000), now), now)
    storing.bring_in(plan, run="abcd1234", with_texts=False, now=now, progress=wait)
"""


@on_either
def test_import_that_was_killed_is_there_to_be_taken_back(engine_app):
    """After the second of three transactions; nobody could write anything down any more."""
    premises()
    days = "".join(f"{day}.7.2027;Treff {day};Werkstatt\n" for day in range(1, 6))
    command = [sys.executable, "-c", KILLED, engine_app.config["DATABASE_URL"]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=engine_app.root_path) as process:
        os.write(process.stdin.fileno(), f"Datum;Titel;Raum\n{days}".encode())
        told = [process.stdout.readline()]
        os.write(process.stdin.fileno(), b"\n")
        told.append(process.stdout.readline())
        process.kill()

    db.session.rollback()
    assert told == [b"2\n", b"2\n"]
    assert db.session.scalars(sa.select(LogEntry)).all() == []
    assert [(each.run, each.dates) for each in runs(5)] == [("abcd1234", 4)]
    assert undo_import("abcd1234", now=clock.now()).dates == 4
    assert (runs(5), counts()) == ([], [0, 0, 0, 0, 0])


def test_dates_of_later_years_come_in_and_series_without_an_end_for_one(app):
    premises()
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{title}\r\nSUMMARY:{title}\r\nLOCATION:Werkstatt\r\nDTSTART:{day}T180000Z\r\n"
        f"DURATION:PT1H\r\n{rule}END:VEVENT\r\n"
        for title, day, rule in (
            ("Fest", "20290705", ""),
            ("Chor", "20270105", "RRULE:FREQ=YEARLY;COUNT=3\r\n"),
            ("Rat", "20270107", "RRULE:FREQ=YEARLY\r\n"),
        )
    )
    calendar = f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n".encode()
    table = b"Datum;Titel;Raum\n5.7.2029;Treff;Werkstatt"

    plans = [planned(files.ForeignFile(*file, [], [])) for file in (("a.ics", calendar), ("a.csv", table))]

    years = {
        booking.title: [each.slot.start.year for each in booking.dates] for plan in plans for booking in plan.bookings
    }
    assert years == {"Chor": [2027, 2028, 2029], "Rat": [2027], "Fest": [2029], "Treff": [2029]}


def test_descriptions_come_in_only_when_they_are_asked_for(app):
    premises()

    bring_in(planned(files.OUTLOOK_TABLE), with_texts=False, now=clock.now())
    without = set(db.session.scalars(sa.select(Booking.note)))
    run = db.session.scalars(sa.select(LogEntry)).one().detail["run"]
    undo_import(run, now=clock.now())
    bring_in(planned(files.OUTLOOK_TABLE), with_texts=True, now=clock.now())

    assert (without, set(db.session.scalars(sa.select(Booking.note)))) == ({""}, {"", "Ring Kim: 0521 123\ntwice"})


def test_endless_series_is_followed_for_a_year_and_said_to_be_endless(app):
    premises()
    start = clock.now() + timedelta(days=1)
    endless = files.calendar(
        *files.event(
            "x",
            "SUMMARY:Ewig",
            f"DTSTART:{start:%Y%m%dT180000}",
            "DURATION:PT1H",
            "RRULE:FREQ=WEEKLY",
            "LOCATION:Werkstatt",
        )
    )
    now = clock.now()

    plan = plan_import(read_file("x.ics", endless, now), now)

    assert (plan.endless, plan.number) == (["Ewig"], 53)


def test_room_is_given_for_entries_that_name_none(app):
    premises()
    room = db.session.scalars(sa.select(make.Room).where(make.Room.slug == "werkstatt")).one()

    plan = planned(files.ODD, room_id=room.id)

    assert lines_planned(plan) == [
        "Sonstwo, werkstatt, 2027-07-01 18:00–2027-07-01 19:00",
        "Zone, werkstatt, 2027-07-02 18:00–2027-07-02 19:00",
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.ics", b"<html>", "This is no calendar that can be read. Export it once more"),
        ("x.ics", files.calendar(), "There is no date in this file."),
        ("x.csv", b"Datum;Titel", "There is no date in this file."),
        ("x.csv", b"Wann;Was\n1;2", "The table has no column for Datum."),
        ("x.csv", b"", "There is no date in this file."),
        ("x.json", b'{"bookings": [1]}', "This is no calendar that can be read."),
        ("x.csv", b"Datum;Titel\n" + b"1.1.2027;x\n" * 20_001, "There are more than 20000 dates in this file."),
    ],
    ids=["web page", "no event", "no line", "no column", "empty", "other JSON", "too long"],
)
def test_file_that_holds_no_dates_is_refused_with_a_sentence(app, name, content, said):
    premises()

    with pytest.raises(UnreadableFile) as refusal:
        read_file(name, content, clock.now())

    assert refusal.value.fault.say("en").startswith(said)


def meeting(title, *lines, start="20270701T180000", end="20270701T190000"):
    times = (f"DTSTART:{start}", *([f"DTEND:{end}"] if end else []))
    return files.event(title, f"SUMMARY:{title}", "LOCATION:Werkstatt", *times, *lines)


def document(**values):
    told = {"title": "Treff", "reference": "", "group": "", "kind": "", "note": "", "people": 1, "is_open": True}
    date = {"room": "werkstatt", "start": "2027-07-01T18:00+02:00", "end": "2027-07-01T19:00+02:00"}
    date = {**date, "status": "approved", **{name: values.pop(name) for name in {*date} & {*values}}}
    return json.dumps({"bookings": [{**told, **values, "dates": [date]}]}).encode()


#: Files that would go on for ever, fill the memory, or hold what no database stores; and what is told of each.
HOSTILE = {
    "never.ics": (
        files.calendar(*meeting("A", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")),
        "This calendar takes too long to read",
    ),
    "odd.ics": (
        files.calendar(
            *meeting("A", "RRULE:FREQ=DAILY;INTERVAL=0"),
            *meeting("B", "RRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE=1,2"),
            *meeting("C", "RRULE:FREQ=DAILY;UNTIL=never"),
            *meeting("D", "DTSTART:20270702T180000"),
            *meeting("E", end="99991231T235959"),
            *meeting("F", end=""),
        ),
        "“A” comes back in a way that no meeting does. Enter it by hand."
        " “B” comes back in a way that no meeting does. Enter it by hand."
        " “C” cannot be read. Enter it by hand. “D” cannot be read. Enter it by hand."
        " “E” lasts too long. Enter it by hand. “F” has no end. Enter it by hand.",
    ),
    "years.csv": (b"Datum;Enddatum;Titel\n1.1.1970;31.12.2099;x", "Line 2: It lasts longer than a year."),
    "last.csv": (b"Datum;Titel\n31.12.9999;x", "Line 2: “31.12.9999” is no date."),
    "all.csv": (b"Datum;Enddatum;Titel\n" + b"1.1.2026;31.12.2026;x\n" * 100, "There are more than"),
    "deep.json": (b'{"bookings":' + b"[" * 100_000, "This is no calendar"),
    "infinite.json": (document(people=float("inf")), "This is no calendar"),
    "first.json": (document(start="0001-01-01T00:00+10:00"), "This is no calendar"),
    "long.json": (document(start="1990-01-01T00:00"), "“Treff” lasts too long."),
    "wide.json": (document(title=f"A{' ' * 100_000}B\0\ud800", people=10**20), ""),
}


def test_hostile_file_is_refused_or_told_of_in_bounded_time(app, monkeypatch):
    premises()
    monkeypatch.setattr(calendars, "CPU_SECONDS", 1)
    now, told = clock.now(), {}
    for name, (content, _) in HOSTILE.items():
        try:
            plan = plan_import(read_file(name, content, now), now)
            told[name] = " ".join(each.say("en") for each in plan.faults)
        except UnreadableFile as refusal:
            told[name] = refusal.fault.say("en")

    assert {name: said[: len(HOSTILE[name][1])] for name, said in told.items()} == {
        name: said for name, (_, said) in HOSTILE.items()
    }
    bring_in(plan, with_texts=True, now=now)
    stored = db.session.scalars(sa.select(Booking)).one()
    assert (stored.title, stored.people) == ("A B", 9999)


def read_calendar(content, zone, horizon):
    """Without a process of its own for each."""
    reading.read_events(content, zone, horizon, 20_000)


@given(st.sampled_from([read_table, read_calendar, read_document]), st.sampled_from(files.FILES), st.data())
def test_damaged_file_is_read_or_refused(read, file, data):
    at = data.draw(st.integers(0, len(file.content)))
    damage = data.draw(st.binary(max_size=6))
    with suppress(UnreadableFile):
        read(file.content[:at] + damage + file.content[at + len(damage) :], make.ZONE, make.instant("2028-01-01T00:00"))


@pytest.mark.parametrize("suffix", exporting.suffixes())
def test_export_of_a_year_comes_in_again_as_the_same(app, suffix):
    premises()
    formula = files.ForeignFile(
        "f.ics", files.calendar(*meeting("=1+2", start="20270701T170000", end="20270701T180000")), [], []
    )
    for file in (files.OUTLOOK, files.DAYS, files.EXCEL, formula):
        bring_in(planned(file), with_texts=False, now=clock.now())

    def told():
        rows = db.session.scalars(sa.select(Occurrence)).all()
        return sorted(
            (
                each.booking.title,
                each.booking.initiative.name,
                each.booking.is_open,
                each.booking.people,
                each.room.slug,
                each.slot,
                each.status,
            )
            for each in rows
        )

    before = told()
    content = exporting.export(suffix)
    assert suffix != ".csv" or b";'=1+2;'=1+2;" in content
    now = clock.now()
    assert plan_import(read_file(f"all{suffix}", content, now), now).number == 0  # they are there

    for entry in db.session.scalars(sa.select(LogEntry.detail)).all():
        undo_import(entry["run"], now=now)
    assert told() == []
    bring_in(plan_import(read_file(f"all{suffix}", content, now), now), with_texts=False, now=now)

    assert told() == before


def test_commands_show_bring_in_take_back_and_write_a_file(app, tmp_path):
    premises()
    file, out = tmp_path / files.GOOGLE.name, tmp_path / "out.csv"
    file.write_bytes(files.GOOGLE.content)

    def run(*arguments):
        result = app.test_cli_runner().invoke(args=["bookings", *map(str, arguments)])
        return result.exit_code, result.output

    shown = "Nähcafé: Tue 12 January 2027, 19:00 to 21:00, Werkstatt, 3 dates"
    assert run("import", file, "--dry-run") == (0, f"{shown}\nNothing was changed.\n")
    assert counts() == [0, 0, 0, 0, 0]
    code, said = run("import", file)
    assert (code, shown in said, "3 dates of 1 bookings" in said) == (0, True, True)
    assert run("import", file) == (0, "3 dates are there already.\nThere is nothing new to bring in.\n")
    assert run("export", out) == (0, f"{out} is written.\n")
    assert out.read_text("utf-8-sig").splitlines()[1] == (
        "2027-01-12;19:00;2027-01-12;21:00;werkstatt;Nähcafé;Nähcafé;initiative;0;nein;zugesagt"
    )
    assert run("export", tmp_path / "out.doc") == (1, "Error: FILE ends with one of .ics, .csv, .json.\n")
    nowhere = tmp_path / "nowhere/out.csv"
    assert run("export", nowhere) == (1, f"Error: {nowhere} cannot be written: No such file or directory.\n")
    assert run("import", file, "--room", "keller") == (1, "Error: There is no room with the slug keller.\n")
    there = f"There are: {said.split()[-1]} (3 dates, 2026-11-30)."
    assert run("take-back", "that") == (1, f"Error: Nothing is there of an import that. {there}\n")
    assert f"also where it does not come to its end: flask --app app bookings take-back {said.split()[-1]}" in said
    assert run("take-back", said.split()[-1]) == (0, "3 dates of 1 bookings are gone.\n")
    assert run("take-back", "nothing") == (1, "Error: Nothing is there of an import nothing.\n")
    file.write_bytes(b"")
    assert run("import", file) == (1, "Error: There is no date in this file.\n")
