"""The start page: what is on today, who may come along, who meets here regularly."""

from datetime import timedelta

import pytest

from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.web.public import groups
from tests import make
from tests.support.pages import parse, text


@pytest.fixture
def hall(app):
    make.house()
    return make.rooms()[0]


def section(response, heading):
    """The words of the part of a page below this heading."""
    root, _ = parse(response.text)
    for element in root.iter():
        if element.tag in ("section", "aside", "article") and heading in [
            text(child) for child in element.iter() if child.tag in ("h2", "h3")
        ]:
            found = text(element)
    return found


@pytest.mark.parametrize(
    ("now", "word"),
    [
        pytest.param("2026-12-08T18:00", "Treffen Utopisches Schreiben Utopisches Schreiben Große Fläche", id="later"),
        pytest.param("2026-12-08T18:46", "in 14 Minuten", id="soon"),
        pytest.param("2026-12-08T19:00", "läuft bis 21:00", id="running"),
        pytest.param("2026-12-08T20:52", "noch 8 Minuten", id="ending"),
        pytest.param("2026-12-08T21:06", "Für heute war es das.", id="over"),
        pytest.param("2026-12-09T09:00", "Heute ist nichts eingetragen. Vielleicht euer nächstes Treffen?", id="empty"),
    ],
)
def test_today_says_what_happens_now(checked_client, hall, clock, now, word):
    make.booking(hall, "2026-12-08T19:00", status=Status.APPROVED, group="Utopisches Schreiben")
    clock.set(now)

    today = section(checked_client.get("/"), "Heute im Haus")

    assert word in today


def test_today_hides_who_a_closed_group_is(checked_client, hall, clock):
    make.booking(hall, "2026-12-08T19:00", status=Status.APPROVED, group="Anonyme Runde", is_open=False)
    clock.set("2026-12-08T12:00")

    page = checked_client.get("/")

    assert "Geschlossenes Treffen" in section(page, "Heute im Haus")
    assert "Anonyme Runde" not in page.text


def test_today_shows_no_request_and_nothing_declined_or_withdrawn(checked_client, hall, clock):
    for status in (Status.REQUESTED, Status.DECLINED, Status.WITHDRAWN):
        make.booking(hall, "2026-12-08T19:00", "2026-12-10T19:00", status=status, group=f"Gruppe {status}")
    clock.set("2026-12-08T12:00")

    assert "Gruppe " not in checked_client.get("/").text


def test_start_page_holds_no_personal_data(checked_client, hall, clock):
    make.booking(hall, "2026-12-08T19:00", status=Status.APPROVED)
    clock.set("2026-12-08T12:00")

    page = checked_client.get("/").text

    assert [word for word in ("Zoë", "zoe@example.org", "0521 123456") if word in page] == []


def test_cancelled_date_stays_with_a_word(checked_client, hall):
    booking = make.booking(hall, "2026-12-02T16:00", status=Status.APPROVED)
    with transaction():
        booking.occurrences[0].status = Status.CANCELLED
        db.session.add(booking)

    meetings = section(checked_client.get("/"), "Die nächsten offenen Treffen")

    assert "Treffen Gesundes Städte-Netzwerk fällt aus" in meetings


def test_moved_date_says_so_on_both_days(checked_client, hall):
    booking = make.booking(hall, "2026-12-02T16:00", status=Status.APPROVED)
    with transaction():
        date = booking.occurrences[0]
        date.start, date.end = make.instant("2026-12-03T17:00"), make.instant("2026-12-03T19:00")
        db.session.add(date)

    meetings = section(checked_client.get("/"), "Die nächsten offenen Treffen")

    assert "verlegt auf Do, 3. Dezember, 17:00" in meetings
    assert "verlegt, statt Mi, 2. Dezember" in meetings


def test_open_end_is_public_as_a_beginning_only(checked_client, hall):
    make.booking(hall, "2026-12-03T18:30", minutes=150, status=Status.APPROVED, group="OK Lab", open_end=True)

    meetings = section(checked_client.get("/"), "Die nächsten offenen Treffen")

    assert "ab 18:30" in meetings
    assert "21:00" not in meetings


WEDNESDAYS = ["2026-12-02T16:00", "2026-12-09T16:00", "2026-12-16T16:00", "2026-12-30T16:00"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({}, "jeden Mittwoch, 16:00 bis 18:00 Uhr", id="every week"),
        pytest.param({"open_end": True}, "jeden Mittwoch ab 16:00 Uhr", id="open end"),
        pytest.param(
            {"skipped": [{"day": "2026-12-23", "reason": "holiday"}], "open_end": True},
            "(fast) jeden Mittwoch ab 16:00 Uhr",
            id="dates left out",
        ),
    ],
)
def test_regular_group_is_told_in_a_sentence(checked_client, hall, changes, sentence):
    rule = RecurrenceRule(make.instant(WEDNESDAYS[0]).date(), Frequency.WEEKLY, count=5)
    make.booking(hall, *WEDNESDAYS, status=Status.APPROVED, rule=rule, title="Werktag", **changes)

    regular = section(checked_client.get("/"), "Regelmäßig im Haus")

    assert f"Werktag {sentence} Gesundes Städte-Netzwerk" in regular


@pytest.mark.parametrize(
    ("open_end", "sentence"),
    [
        (False, "jeden Montag und Donnerstag, montags 18:00 bis 20:00 Uhr und donnerstags 09:00 bis 11:00 Uhr"),
        (True, "jeden Montag und Donnerstag"),
    ],
)
def test_regular_group_with_other_times_on_a_weekday_is_told_both(checked_client, hall, open_end, sentence):
    times = ("2026-12-07T18:00", "2026-12-10T09:00", "2026-12-14T18:00", "2026-12-17T09:00", "2026-12-21T18:00")
    rule = RecurrenceRule(make.instant(times[0]).date(), Frequency.WEEKLY, weekdays=(0, 3), count=5)
    make.booking(hall, *times, status=Status.APPROVED, rule=rule, title="Werktag", open_end=open_end)

    regular = section(checked_client.get("/"), "Regelmäßig im Haus")

    assert f"Werktag {sentence} Gesundes Städte-Netzwerk" in regular


def move_all(booking, **later):
    with transaction():
        for each in booking.occurrences:
            each.start, each.end = each.start + timedelta(**later), each.end + timedelta(**later)
            each.original_start = each.start
            db.session.add(each)


def test_regular_group_is_told_at_the_time_that_its_dates_have(checked_client, hall):
    rule = RecurrenceRule(make.instant(WEDNESDAYS[0]).date(), Frequency.WEEKLY, count=5)
    move_all(make.booking(hall, *WEDNESDAYS, status=Status.APPROVED, rule=rule, title="Werktag"), hours=2)

    assert "Werktag jeden Mittwoch, 18:00 bis 20:00 Uhr" in section(checked_client.get("/"), "Regelmäßig im Haus")


def test_group_whose_dates_have_left_their_weekday_is_not_sent_there(checked_client, hall):
    rule = RecurrenceRule(make.instant(WEDNESDAYS[0]).date(), Frequency.WEEKLY, count=5)
    move_all(make.booking(hall, *WEDNESDAYS, status=Status.APPROVED, rule=rule, title="Werktag"), days=1)

    regular = section(checked_client.get("/"), "Regelmäßig im Haus")

    assert ("Mittwoch" in regular, "kommt auch diese Gruppe zusammen: Werktag." in regular) == (False, True)


def test_regular_group_shows_a_dot_for_each_week(checked_client, hall):
    rule = RecurrenceRule(make.instant(WEDNESDAYS[0]).date(), Frequency.WEEKLY, count=5)
    make.booking(hall, *WEDNESDAYS, status=Status.APPROVED, rule=rule)

    root, _ = parse(checked_client.get("/").text)

    (drawing,) = [element for element in root.iter() if element.get("class") == "rhythm"]
    assert [dot.get("class") for dot in drawing] == ["on", "on", "on", None, "on", None, None, None, None]


def test_groups_without_rhythm_are_named_in_a_sentence(checked_client, hall):
    make.booking(hall, "2026-12-03T10:00", status=Status.APPROVED, title="Ernährungsrat", group="Ernährungsrat")
    make.booking(hall, "2026-12-04T10:00", status=Status.APPROVED, title="Stadtteilmütter", group="Stadtteilmütter")
    make.booking(hall, "2026-12-05T10:00", status=Status.APPROVED, title="Geheim", group="Geheim", is_open=False)

    regular = section(checked_client.get("/"), "Regelmäßig im Haus")

    assert regular == (
        "Regelmäßig im Haus In unregelmäßigen Abständen kommen auch diese Gruppen zusammen:"
        " Ernährungsrat und Stadtteilmütter. Die nächsten Termine stehen im Kalender."
    )


def test_group_that_meets_by_rule_a_few_times_only_is_not_called_regular(checked_client, hall):
    rule = RecurrenceRule(make.instant(WEDNESDAYS[0]).date(), Frequency.WEEKLY, count=3)
    make.booking(hall, *WEDNESDAYS[:3], status=Status.APPROVED, rule=rule, title="Kurzer Kurs")

    regular = section(checked_client.get("/"), "Regelmäßig im Haus")

    assert "In unregelmäßigen Abständen kommt auch diese Gruppe zusammen: Kurzer Kurs." in regular


def test_house_without_any_meeting_has_a_start_page(checked_client, hall):
    page = checked_client.get("/")

    assert "In den nächsten vier Wochen ist kein offenes Treffen eingetragen." in page.text
    assert "Regelmäßig im Haus" not in page.text


def test_start_page_speaks_english_below_its_prefix(checked_client, hall):
    make.booking(hall, "2026-12-01T19:00", status=Status.APPROVED)

    page = checked_client.get("/en/")

    assert 'lang="en"' in page.text
    assert "The next open meetings" in page.text
    assert 'href="/anfrage"' not in page.text
    assert 'href="/" lang="de" hreflang="de">Deutsch' in page.text


@pytest.mark.parametrize(
    ("hours", "lines"),
    [
        pytest.param(dict.fromkeys(range(5), make.HOURS), ["Montag bis Freitag, 9 bis 17 Uhr"], id="a week"),
        pytest.param(
            {0: make.HOURS, 2: make.HOURS, 5: (make.time(10, 30), make.time(14))},
            ["Montag und Mittwoch, 9 bis 17 Uhr", "Samstag, 10:30 bis 14 Uhr"],
            id="single days",
        ),
    ],
)
def test_footer_tells_the_opening_hours_of_the_house(checked_client, app, hours, lines):
    make.house(hours)

    root, _ = parse(checked_client.get("/").text)

    footer = text(root.find("body/footer"))
    assert [line for line in lines if line in footer] == lines


def test_today_of_a_large_house_is_cut_and_leads_to_the_rest(checked_client, hall, clock):
    for n in range(14):
        make.booking(make.room(f"Kabinett {n}"), "2026-11-30T16:00", status=Status.APPROVED, title=f"Runde {n}")

    page = checked_client.get("/")

    assert [f"Runde {n}" in section(page, "Heute im Haus") for n in range(14)] == [True] * 12 + [False] * 2
    assert "2 weitere Treffen heute" in section(page, "Heute im Haus")
    assert len(parse(page.text)[0].findall(".//article[@class='card card--line room-tile']")) == 12
    assert "Alle Räume" in section(page, "Unsere Räume")


def test_groups_of_a_large_house_are_those_that_meet_next(checked_client, hall, monkeypatch):
    monkeypatch.setattr(groups, "MOST_GROUPS", 2)
    for title, start in (("Spät", "2026-12-20T16:00"), ("Früh", "2026-12-02T16:00"), ("Bald", "2026-12-03T16:00")):
        make.booking(hall, start, status=Status.APPROVED, title=title)

    told = section(checked_client.get("/"), "Regelmäßig im Haus")

    assert [title in told for title in ("Früh", "Bald", "Spät")] == [True, True, False]
