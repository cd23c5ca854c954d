"""The two nights of a year in which clocks are changed: what is stored, said and asked back."""

import re
from datetime import date, time

import pytest

from booking import requesting
from booking.availability.wanted import Times, WishedDate
from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.models import Letter, Occurrence
from booking.requesting import Wish
from tests.support.pages import parse, text
from tests.support.request_form import ONCE, WEEKLY, beside

SPRING = date(2027, 3, 28)  # 02:00 to 03:00 is skipped
AUTUMN = date(2027, 10, 31)  # 02:00 to 03:00 comes twice


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("day", "begins", "minutes", "stored", "said"),
    [
        pytest.param(SPRING, time(1, 30), 150, 90, ("01:30", "04:00"), id="over the skipped hour"),
        pytest.param(SPRING, time(3), 60, 60, ("03:00", "04:00"), id="after the skipped hour"),
        pytest.param(SPRING, time(2, 30), 60, 60, ("03:30", "04:30"), id="in the skipped hour, around the form"),
        pytest.param(SPRING, time(1, 30), 60, 60, ("01:30", "03:30"), id="into the skipped hour, around the form"),
        pytest.param(AUTUMN, time(1, 30), 150, 210, ("01:30", "04:00"), id="over the repeated hour"),
        pytest.param(AUTUMN, time(2, 30), 60, 120, ("02:30", "03:30"), id="in the repeated hour"),
        pytest.param(AUTUMN, time(1, 30), 60, 120, ("01:30", "02:30"), id="into the repeated hour"),
    ],
)
def test_letters_say_of_these_nights_what_is_stored(
    house_with_rooms, clock, language, day, begins, minutes, stored, said
):
    clock.set("2027-03-01T10:00" if day == SPRING else "2027-10-01T10:00")
    room = house_with_rooms[0]
    wish = Wish(
        form_id="form",
        language=language,
        rule=RecurrenceRule(start=day, freq=Frequency.SINGLE),
        times=Times(begins, minutes),
        dates=[WishedDate(day, begins, minutes, room.id)],
        room_id=room.id,
        people=15,
        title="Lange Nacht",
        group="Gesundes Städte-Netzwerk",
        kind="initiative",
        purpose="Gesundheit",
        is_open=True,
        name="Zoë Müller",
        email="zoe@example.org",
    )

    requesting.submit(wish, clock.now)

    [occurrence] = db.session.scalars(db.select(Occurrence))
    assert occurrence.slot.minutes == stored
    spoken = {"de": "{} bis {} Uhr", "en": "{} to {}"}
    for letter in db.session.scalars(db.select(Letter)):
        said_there = re.findall(r"\d\d:\d\d (?:bis|to) \d\d:\d\d(?: Uhr)?", letter.body)
        assert said_there
        assert set(said_there) <= {each.format(*said) for each in spoken.values()}


@pytest.mark.parametrize(
    ("prefix", "day", "sentence"),
    [
        (
            "",
            "28.3.2027",
            "In der Nacht zum 28. März 2027 springen die Uhren von 02:00 auf 03:00 Uhr, {} Uhr gibt es also"
            " nicht. Wähle eine Zeit vor 02:00 Uhr oder ab 03:00 Uhr.",
        ),
        (
            "/en",
            "28 March 2027",
            "In the night to 28 March 2027 the clocks go from 02:00 straight to 03:00, so there is no {}."
            " Choose a time before 02:00, or from 03:00 on.",
        ),
    ],
)
@pytest.mark.parametrize(
    ("start", "end", "field", "missing"), [("02:30", "04:00", "start", "02:30"), ("01:30", "02:00", "end", "02:00")]
)
def test_time_that_clocks_skip_is_asked_back(asking, prefix, day, sentence, start, end, field, missing):
    typed = {**ONCE, "date": day, "start": start, "end": end}

    response = asking.client.submit(f"{prefix}/anfrage", typed, form="request")
    response = asking.client.get(response.location) if response.status_code == 303 else response

    assert beside(response, field) == sentence.format(missing)
    assert asking.client.submit(f"{prefix}/anfrage", {**typed, "start": "03:00", "end": "04:00"}, form="request")


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        pytest.param("2026-11-30T10:00", "21.3.2027", "4.4.2027", id="in the school holidays"),
        pytest.param("2027-11-30T10:00", "19.3.2028", "2.4.2028", id="free"),
    ],
)
def test_date_of_a_series_in_the_skipped_hour_says_what_it_really_gets(asking, clock, today, first, last):
    clock.set(today)
    series = {**WEEKLY, "date": first, "start": "02:30", "end": "04:00", "until": last}

    response = asking.when(series)

    assert response.request.path == "/anfrage/termine"
    said = text(parse(response.text)[0]).replace("\u00a0", " ")
    assert "ie Uhren werden in dieser Nacht vorgestellt: 03:30 bis 05:00 Uhr" in said


def test_looking_at_a_series_says_what_the_skipped_hour_becomes(asking):
    series = {**WEEKLY, "date": "21.3.2027", "start": "02:30", "end": "04:00", "until": "4.4.2027"}

    response = asking.client.submit("/anfrage", series, button="Verfügbarkeit prüfen", form="request")

    said = text(parse(response.text)[0]).replace("\u00a0", " ")
    assert (
        "In der Nacht zum 28. März 2027 werden die Uhren vorgestellt: An diesem Termin wäre es 03:30 bis 05:00 Uhr."
        in said
    )
