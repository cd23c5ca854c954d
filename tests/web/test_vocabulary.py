"""What search engines read of dates and rooms, held to schema.org's own definitions of what it uses."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from booking.database import transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.models import Booking
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import parse

URL, TEXT, DAY = r"https?://\S+", r"\S(.*\S)?", r"\d{4}-\d\d-\d\d"
MOMENT = DAY + r"T\d\d:\d\d:\d\d[+-]\d\d:\d\d"
ONE_OF = r"https://schema\.org/({})".format
#: By type: what schema.org lets it say, and how. A type for a thing, a pattern for a word.
VOCABULARY: dict[str, dict[str, Any]] = {
    "Event": {
        "name": TEXT,
        "startDate": MOMENT,
        "endDate": MOMENT,
        "doorTime": MOMENT,
        "previousStartDate": MOMENT,
        "eventStatus": ONE_OF("EventScheduled|EventCancelled|EventRescheduled"),
        "eventAttendanceMode": ONE_OF("OfflineEventAttendanceMode"),
        "isAccessibleForFree": bool,
        "url": URL,
        "location": ("Place",),
        "organizer": ("Organization",),
        "superEvent": ("EventSeries",),
    },
    "EventSeries": {"name": TEXT, "eventSchedule": ("Schedule",)},
    "Schedule": {
        "repeatFrequency": r"P\d+[WM]",
        "byDay": ONE_OF("(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"),
        "byMonthWeek": range(1, 6),
        "startDate": DAY,
        "endDate": DAY,
        "startTime": r"\d\d:\d\d:\d\d",
        "endTime": r"\d\d:\d\d:\d\d",
        "scheduleTimezone": r"\w+/\w+",
        "exceptDate": DAY,
    },
    "Place": {"name": TEXT, "address": ("PostalAddress",), "maximumAttendeeCapacity": range(1, 10_000), "url": URL},
    "Room": {
        "name": TEXT,
        "description": TEXT,
        "url": URL,
        "image": URL,
        "maximumAttendeeCapacity": range(1, 10_000),
        "isAccessibleForFree": bool,
        "amenityFeature": ("LocationFeatureSpecification",),
        "containedInPlace": ("Place",),
    },
    "LocationFeatureSpecification": {"name": TEXT, "value": bool},
    "Organization": {"name": TEXT, "url": URL},
    "PostalAddress": dict.fromkeys(("streetAddress", "postalCode", "addressLocality"), TEXT)
    | {"addressCountry": r"[A-Z]{2}"},
}


def facts(client: CheckedClient, path: str) -> dict[str, Any]:
    """What a page says, once all of it is as the vocabulary has it."""
    root, _ = parse(client.get(path).text)
    (element,) = [each for each in root.iter("script") if each.get("type") == "application/ld+json"]
    told: dict[str, Any] = json.loads(element.text or "")
    assert told.pop("@context") == "https://schema.org"
    assert list(against_vocabulary(told)) == []
    return told


def against_vocabulary(thing: dict[str, Any]) -> Any:
    known = VOCABULARY[thing["@type"]]
    for name, values in thing.items():
        for value in values if isinstance(values, list) else [values]:
            wanted = known.get(name, () if name != "@type" else TEXT)
            if isinstance(wanted, tuple):
                yield from (
                    against_vocabulary(value)
                    if isinstance(value, dict) and value.get("@type") in wanted
                    else [(thing["@type"], name, value)]
                )
            elif isinstance(wanted, str):
                yield from [] if isinstance(value, str) and re.fullmatch(wanted, value) else [(name, value)]
            else:
                fits = value in wanted if isinstance(wanted, range) else isinstance(value, wanted)
                yield from [] if fits else [(name, value)]


@pytest.fixture
def series(app: Flask, clock: Clock) -> Booking:
    """Every second Tuesday of a month; once cancelled, once a day later, once with its doors."""
    clock.set("2027-01-04T09:00")
    make.house()
    rule = RecurrenceRule(date(2027, 1, 12), Frequency.MONTHLY, weekdays=(1,), ordinals=(2,), count=5)
    days = [f"{day.isoformat()}T19:00" for day in rule.days()]
    return make.booking(
        make.room("Werkstatt", 20),
        *days,
        status=Status.APPROVED,
        title="Schreiben",
        group="Gruppe",
        rule=rule,
    )


def test_date_of_a_series_tells_its_rhythm_and_what_is_left_out(checked_client: CheckedClient, series: Booking) -> None:
    first, second, third, _, last = series.occurrences
    with transaction():
        second.status = Status.CANCELLED
        third.start, third.end = third.start + timedelta(days=1), third.end + timedelta(days=1)

    told = facts(checked_client, f"/termine/{first.id}")

    assert (told["startDate"], told["endDate"]) == ("2027-01-12T19:00:00+01:00", "2027-01-12T21:00:00+01:00")
    assert told["superEvent"] == {
        "@type": "EventSeries",
        "name": "Schreiben",
        "eventSchedule": {
            "@type": "Schedule",
            "repeatFrequency": "P1M",
            "byDay": ["https://schema.org/Tuesday"],
            "byMonthWeek": [2],
            "startDate": "2027-01-12",
            "endDate": "2027-05-11",
            "startTime": "19:00:00",
            "endTime": "21:00:00",
            "scheduleTimezone": "Europe/Berlin",
            "exceptDate": ["2027-02-09", "2027-03-09"],
        },
    }
    states = {id_: facts(checked_client, f"/en/termine/{id_}")["eventStatus"] for id_ in (second.id, third.id, last.id)}
    assert [each.rpartition("/")[2] for each in states.values()] == [
        "EventCancelled",
        "EventRescheduled",
        "EventScheduled",
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"freq": "single", "ordinals": []}, None, id="no series"),
        pytest.param({"ordinals": [-1], "start": "2027-01-26"}, False, id="the last of a month has no word"),
        pytest.param({"freq": "weekly", "interval": 4, "ordinals": []}, True, id="every fourth week"),
    ],
)
def test_series_says_no_rhythm_that_the_vocabulary_has_no_words_for(
    checked_client: CheckedClient, series: Booking, changes: dict[str, Any], says: bool | None
) -> None:
    with transaction():
        series.rule = {**series.rule, **changes}

    told = facts(checked_client, f"/termine/{series.occurrences[0].id}")

    assert (told["superEvent"].get("eventSchedule") is not None if "superEvent" in told else None) == says


def test_open_end_is_not_told_and_neither_is_a_language(checked_client: CheckedClient, series: Booking) -> None:
    with transaction():
        series.open_end = True

    told = facts(checked_client, f"/en/termine/{series.occurrences[0].id}")

    assert {"endDate", "inLanguage"} & told.keys() == set()
    assert "endTime" not in told["superEvent"]["eventSchedule"]


@pytest.mark.parametrize(("prefix", "step_free"), [("", "stufenlos erreichbar"), ("/en", "step-free access")])
def test_room_tells_its_seats_what_is_there_and_where_it_is(
    checked_client: CheckedClient, series: Booking, prefix: str, step_free: str
) -> None:
    told = facts(checked_client, f"{prefix}/raeume/werkstatt")

    assert (told["@type"], told["name"], told["maximumAttendeeCapacity"]) == ("Room", "Werkstatt", 20)
    assert told["url"] == f"http://localhost{prefix}/raeume/werkstatt"
    assert told["amenityFeature"][0] == {"@type": "LocationFeatureSpecification", "name": step_free, "value": True}
    assert told["containedInPlace"]["address"]["streetAddress"] == "Alter Markt 13"
