"""The sentence that stands in form, letter, status page and team page, in both languages."""

from datetime import date, time, timedelta

import pytest
from icalendar import Calendar

from booking import ical, wording
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import WeekdayTimes
from booking.domain.status import Status
from tests import make

DAY = date(2026, 12, 8)


def rule(**changes):
    return RecurrenceRule(**{"start": DAY, "freq": Frequency.MONTHLY, "count": 7, **changes})


@pytest.mark.parametrize(
    ("rule", "german", "english"),
    [
        pytest.param(
            rule(),
            "Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr,"
            " vom 8. Dezember 2026 bis 8. Juni 2027 (7 Termine)",
            "On the second Tuesday of each month, 19:00 to 21:00, from 8 December 2026 to 8 June 2027 (7 dates)",
            id="second Tuesday",
        ),
        pytest.param(
            rule(freq=Frequency.WEEKLY, start=date(2027, 1, 6), count=None, until=date(2027, 6, 30)),
            "Jeden Mittwoch, 19:00 bis 21:00 Uhr, vom 6. Januar bis 30. Juni 2027 (26 Termine)",
            "Every Wednesday, 19:00 to 21:00, from 6 January to 30 June 2027 (26 dates)",
            id="every week, one year",
        ),
        pytest.param(
            rule(freq=Frequency.WEEKLY, interval=2),
            "Alle zwei Wochen am Dienstag, 19:00 bis 21:00 Uhr, vom 8. Dezember 2026 bis 2. März 2027 (7 Termine)",
            "Every two weeks on Tuesday, 19:00 to 21:00, from 8 December 2026 to 2 March 2027 (7 dates)",
            id="every two weeks",
        ),
        pytest.param(
            rule(freq=Frequency.WEEKLY, interval=6, weekdays=(1, 3, 4), count=4),
            "Alle 6 Wochen am Dienstag, Donnerstag und Freitag, 19:00 bis 21:00 Uhr,"
            " vom 8. Dezember 2026 bis 19. Januar 2027 (4 Termine)",
            "Every 6 weeks on Tuesday, Thursday and Friday, 19:00 to 21:00,"
            " from 8 December 2026 to 19 January 2027 (4 dates)",
            id="several weekdays, figures from five on",
        ),
        pytest.param(
            rule(freq=Frequency.WEEKLY, start=date(2026, 12, 7), weekdays=(0, 2), count=4),
            "Jeden Montag und Mittwoch, 19:00 bis 21:00 Uhr, vom 7. Dezember bis 16. Dezember 2026 (4 Termine)",
            "Every Monday and Wednesday, 19:00 to 21:00, from 7 December to 16 December 2026 (4 dates)",
            id="two weekdays",
        ),
        pytest.param(
            rule(freq=Frequency.WEEKLY, interval=2, start=date(2026, 12, 7), weekdays=(0, 2), count=4),
            "Alle zwei Wochen am Montag und Mittwoch, 19:00 bis 21:00 Uhr,"
            " vom 7. Dezember bis 23. Dezember 2026 (4 Termine)",
            "Every two weeks on Monday and Wednesday, 19:00 to 21:00, from 7 December to 23 December 2026 (4 dates)",
            id="two weekdays every two weeks",
        ),
        pytest.param(
            rule(start=date(2027, 1, 5), ordinals=(3, 1), count=3),
            "Immer am ersten und dritten Dienstag im Monat, 19:00 bis 21:00 Uhr,"
            " vom 5. Januar bis 2. Februar 2027 (3 Termine)",
            "On the first and third Tuesday of each month, 19:00 to 21:00, from 5 January to 2 February 2027 (3 dates)",
            id="first and third",
        ),
        pytest.param(
            rule(ordinals=(2, -1), count=3),
            "Immer am zweiten und letzten Dienstag im Monat, 19:00 bis 21:00 Uhr,"
            " vom 8. Dezember 2026 bis 12. Januar 2027 (3 Termine)",
            "On the second and last Tuesday of each month, 19:00 to 21:00,"
            " from 8 December 2026 to 12 January 2027 (3 dates)",
            id="second and last",
        ),
        pytest.param(
            rule(interval=3, count=2),
            "Alle drei Monate am zweiten Dienstag, 19:00 bis 21:00 Uhr,"
            " vom 8. Dezember 2026 bis 9. März 2027 (2 Termine)",
            "Every three months on the second Tuesday, 19:00 to 21:00, from 8 December 2026 to 9 March 2027 (2 dates)",
            id="every three months",
        ),
        pytest.param(
            rule(freq=Frequency.SINGLE, count=None),
            "Einmal, Di, 8. Dezember 2026, 19:00 bis 21:00 Uhr",
            "Once, Tue 8 December 2026, 19:00 to 21:00",
            id="once",
        ),
        pytest.param(
            rule(freq=Frequency.SINGLE, count=None, extra_dates=frozenset({date(2027, 1, 5), date(2027, 3, 1)})),
            "An 3 einzelnen Terminen, 19:00 bis 21:00 Uhr, vom 8. Dezember 2026 bis 1. März 2027",
            "On 3 single dates, 19:00 to 21:00, from 8 December 2026 to 1 March 2027",
            id="single dates",
        ),
        pytest.param(
            rule(count=1),
            "Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr, Di, 8. Dezember 2026 (1 Termin)",
            "On the second Tuesday of each month, 19:00 to 21:00, Tue 8 December 2026 (1 date)",
            id="a series of one",
        ),
    ],
)
def test_rule_sentence_says_rhythm_times_first_and_last(rule, german, english):
    said = [wording.rule_sentence(rule, time(19), 120, rule.days(), language) for language in ("de", "en")]

    assert said == [german, english]


@pytest.mark.parametrize(
    ("changes", "others", "german", "english"),
    [
        pytest.param(
            {"weekdays": (0, 3)},
            [(3, time(9), 90)],
            "Jeden Montag und Donnerstag, montags 19:00 bis 21:00 Uhr und donnerstags 09:00 bis 10:30 Uhr,"
            " vom 7. Dezember bis 17. Dezember 2026 (4 Termine)",
            "Every Monday and Thursday, Monday 19:00 to 21:00 and Thursday 09:00 to 10:30,"
            " from 7 December to 17 December 2026 (4 dates)",
            id="two",
        ),
        pytest.param(
            {"weekdays": (0, 1, 4, 5), "interval": 3},
            [(1, time(8), 60), (4, time(19), 60), (5, time(8), 60)],
            "Alle drei Wochen am Montag, Dienstag, Freitag und Samstag, montags 19:00 bis 21:00 Uhr,"
            " dienstags und samstags 08:00 bis 09:00 Uhr und freitags 19:00 bis 20:00 Uhr,"
            " vom 7. Dezember bis 12. Dezember 2026 (4 Termine)",
            "Every three weeks on Monday, Tuesday, Friday and Saturday, Monday 19:00 to 21:00,"
            " Tuesday and Saturday 08:00 to 09:00 and Friday 19:00 to 20:00,"
            " from 7 December to 12 December 2026 (4 dates)",
            id="days with the same times are named together",
        ),
    ],
)
def test_rule_sentence_says_the_times_of_each_weekday(changes, others, german, english):
    wanted = RecurrenceRule(start=date(2026, 12, 7), freq=Frequency.WEEKLY, count=4, **changes)
    others = [WeekdayTimes(*each) for each in others]

    said = [
        wording.rule_sentence(wanted, time(19), 120, wanted.days(), language, others=others)
        for language in ("de", "en")
    ]

    assert said == [german, english]


MONDAYS = RecurrenceRule(start=date(2027, 2, 1), freq=Frequency.WEEKLY, until=date(2027, 3, 29))  # nine


@pytest.mark.parametrize(
    ("without", "added", "german", "english"),
    [
        pytest.param("2-15", "", "außer am 15. Februar", "except on 15 February", id="one is left out"),
        pytest.param(
            "2-15 2-22 3-8",
            "",
            "außer am 15., 22. Februar und 8. März",
            "except on 15, 22 February and 8 March",
            id="several, and each month is named once",
        ),
        pytest.param("", "2-9", "dazu am 9. Februar", "and also on 9 February", id="one is added"),
        pytest.param(
            "3-1",
            "3-2",
            "außer am 1. März, dazu am 2. März",
            "except on 1 March, and also on 2 March",
            id="one is elsewhere",
        ),
        pytest.param("2-8 2-15 2-22", "2-9 2-16", "mit 5 Abweichungen", "with 5 exceptions", id="too many to be named"),
    ],
)
def test_rule_sentence_tells_what_differs_from_the_rule(without, added, german, english):
    gone, more = ({date(2027, *map(int, text.split("-"))) for text in texts.split()} for texts in (without, added))
    days = sorted({*MONDAYS.days(), *more} - gone)

    said = [wording.rule_sentence(MONDAYS, time(19), 120, days, language) for language in ("de", "en")]

    number = 9 - len(gone)
    assert said == [
        f"Jeden Montag, 19:00 bis 21:00 Uhr, vom 1. Februar bis 29. März 2027 ({number} Termine), {german}",
        f"Every Monday, 19:00 to 21:00, from 1 February to 29 March 2027 ({number} dates), {english}",
    ]


def test_rule_sentence_tells_which_days_are_at_another_time():
    days = [day for day in MONDAYS.days() if day != date(2027, 2, 15)]
    times_of = dict.fromkeys(days, (time(19), 120)) | {
        date(2027, 3, 1): (time(18), 120),
        date(2027, 3, 8): (time(19), 90),
    }

    said = [wording.rule_sentence(MONDAYS, time(19), 120, days, each, times_of=times_of) for each in ("de", "en")]

    assert [sentence.split("), ", 1)[-1].split("dates), ")[-1] for sentence in said] == [
        "außer am 15. Februar, am 1. und 8. März zu anderer Zeit",
        "except on 15 February, at another time on 1 and 8 March",
    ]


def test_rule_that_no_date_follows_is_told_as_single_dates():
    days = [date(2027, 2, 9), date(2027, 2, 18)]

    said = wording.rule_sentence(MONDAYS, time(19), 120, days, "de")

    assert said == "An 2 einzelnen Terminen, 19:00 bis 21:00 Uhr, vom 9. Februar bis 18. Februar 2027"


def test_sentence_of_a_booking_leaves_out_what_is_cancelled_and_follows_what_was_moved(app):
    make.house()
    hall = make.room()
    booking = make.booking(hall, *(f"{day}T19:00" for day in MONDAYS.days()), rule=MONDAYS, status=Status.APPROVED)
    with transaction():
        dates = booking.occurrences
        dates[2].status = Status.CANCELLED
        dates[4].start, dates[4].end = make.slot("2027-03-02T19:00").start, make.slot("2027-03-02T19:00").end

    assert wording.booking_sentence(booking, make.ZONE, "de") == (
        "Jeden Montag, 19:00 bis 21:00 Uhr, vom 1. Februar bis 29. März 2027 (7 Termine),"
        " außer am 15. Februar und 1. März, dazu am 2. März"
    )


def test_rule_sentence_of_an_open_rule_has_no_last_date():
    open_rule = rule(count=None)

    said = wording.rule_sentence(open_rule, time(19), 120, open_rule.days(10), "de", is_open=True)

    assert said == "Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr, ab dem 8. Dezember 2026"


@pytest.mark.parametrize(
    ("function", "german", "english"),
    [
        (wording.day, "Di, 8. Dezember 2026", "Tue 8 December 2026"),
        (wording.long_day, "Dienstag, 8. Dezember 2026", "Tuesday 8 December 2026"),
        (wording.short_day, "Di, 8. Dezember", "Tue 8 December"),
        (wording.full_date, "8. Dezember 2026", "8 December 2026"),
        (wording.day_and_month, "8. Dezember", "8 December"),
        (wording.weekday, "Dienstag", "Tuesday"),
    ],
)
def test_days_are_said_in_both_languages(function, german, english):
    assert [function(DAY, "de"), function(DAY, "en")] == [german, english]


@pytest.mark.parametrize(
    ("start", "room", "german", "english", "before"),
    [
        pytest.param(
            "2026-12-08T18:00",
            "Werkstatt",
            "Di, 8. Dezember 2026: 18:00 bis 20:00 Uhr statt 19:00 bis 21:00 Uhr, Werkstatt",
            "Tue 8 December 2026: 18:00 to 20:00 instead of 19:00 to 21:00, Werkstatt",
            "19:00 bis 21:00 Uhr",
            id="time",
        ),
        pytest.param(
            "2026-12-08T19:00",
            "Besprechung",
            "Di, 8. Dezember 2026, 19:00 bis 21:00 Uhr: Besprechung statt Werkstatt",
            "Tue 8 December 2026, 19:00 to 21:00: Besprechung instead of Werkstatt",
            "Werkstatt",
            id="room",
        ),
        pytest.param(
            "2026-12-08T18:00",
            "Besprechung",
            "Di, 8. Dezember 2026: 18:00 bis 20:00 Uhr, Besprechung statt 19:00 bis 21:00 Uhr, Werkstatt",
            "Tue 8 December 2026: 18:00 to 20:00, Besprechung instead of 19:00 to 21:00, Werkstatt",
            "19:00 bis 21:00 Uhr, Werkstatt",
            id="time and room",
        ),
        pytest.param(
            "2026-12-09T19:00",
            "Werkstatt",
            "Mi, 9. Dezember 2026, 19:00 bis 21:00 Uhr, Werkstatt statt Di, 8. Dezember 2026, 19:00 bis 21:00 Uhr",
            "Wed 9 December 2026, 19:00 to 21:00, Werkstatt instead of Tue 8 December 2026, 19:00 to 21:00",
            "Di, 8. Dezember 2026, 19:00 bis 21:00 Uhr",
            id="day",
        ),
    ],
)
def test_change_tells_twice_only_what_differs(app, start, room, german, english, before):
    make.house()
    _, workshop, meeting = make.rooms()
    date = make.booking(workshop, "2026-12-08T19:00").occurrences[0]
    change = make.change(date, workshop if room == "Werkstatt" else meeting, make.slot(start))

    assert wording.change_line(change, make.ZONE, "de") == german
    assert wording.change_line(change, make.ZONE, "en") == english
    assert wording.before_line(change, make.ZONE, "de") == before


@pytest.mark.parametrize(
    ("end", "day"),
    [("2026-12-08T00:00", "2026-12-07"), ("2026-12-07T23:59", "2026-12-07"), ("2026-12-08T00:01", "2026-12-08")],
)
def test_what_ends_at_midnight_holds_until_the_day_before(end, day):
    assert wording.last_day(make.instant(end), make.ZONE).isoformat() == day


def test_booking_sentence_tells_the_times_that_most_of_its_dates_have(app):
    make.house()
    rule = RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.WEEKLY, count=3)
    days = ("2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00")
    booking = make.booking(make.room(), *days, rule=rule)
    told = []
    for number in (1, 2):
        with transaction():
            date_ = booking.occurrences[number]
            date_.start += timedelta(hours=2)
            date_.end += timedelta(hours=3)
            db.session.add(date_)
        told += [wording.booking_sentence(booking, make.ZONE, "de"), wording.in_short(booking, make.ZONE, "de")]

    assert told == [
        "Jeden Mittwoch, 16:00 bis 18:00 Uhr, vom 6. Januar bis 20. Januar 2027 (3 Termine),"
        " am 13. Januar zu anderer Zeit",
        "Mi 16–18 Uhr, 3 Termine",
        "Jeden Mittwoch, 18:00 bis 21:00 Uhr, vom 6. Januar bis 20. Januar 2027 (3 Termine),"
        " am 6. Januar zu anderer Zeit",
        "Mi 18–21 Uhr, 3 Termine",
    ]


@pytest.mark.parametrize(
    ("before", "after", "doors", "german", "english"),
    [
        (0, 0, None, "", ""),
        (45, 0, None, "Aufbau ab 18:15 Uhr", "Set-up from 18:15"),
        (
            45,
            30,
            20,
            "Einlass ab 18:40 Uhr · Aufbau ab 18:15 Uhr · Aufräumen bis 21:30 Uhr",
            "Doors 18:40 · Set-up from 18:15 · Tidying until 21:30",
        ),
    ],
)
def test_times_around_a_meeting_are_said_and_stand_in_calendars(app, before, after, doors, german, english):
    make.house()
    booking = make.booking(
        make.room(), "2027-02-02T19:00", status=Status.APPROVED, before_minutes=before, after_minutes=after
    )
    date = booking.occurrences[0]
    with transaction():
        date.doors = date.start - timedelta(minutes=doors) if doors else None

    assert [wording.times_around(date, make.ZONE, language) for language in ("de", "en")] == [german, english]
    [event] = Calendar.from_ical(ical.feed(booking, "de")).walk("VEVENT")
    assert str(event.get("DESCRIPTION", "")) == german


@pytest.mark.parametrize(("at", "said"), [(time(0), "0:00"), (time(9, 5), "9:05"), (time(18), "18:00")])
def test_clock_in_sentence_has_no_zero_before_the_hour(at, said):
    assert wording.clock_in_sentence(at) == said
