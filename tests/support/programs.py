"""What calendar programs read in a file of ours, by the libraries that they have."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from icalendar import Calendar


class Entry(NamedTuple):
    """An event of a file, as a library has read it."""

    method: str
    uid: str
    sequence: int
    stamp: datetime
    status: str
    start: datetime
    end: datetime
    room: str
    title: str


def with_icalendar(text):
    file = Calendar.from_ical(text)
    return [
        Entry(
            str(file.get("METHOD", "")), str(event["UID"]), event["SEQUENCE"], event["DTSTAMP"].dt,
            str(event["STATUS"]), event.start.astimezone(UTC), event.end.astimezone(UTC),
            str(event["LOCATION"]).partition(",")[0], str(event["SUMMARY"]),
        )
        for event in file.events
    ]  # fmt: skip


ICAL_JS = """async ([source, text]) => {
    const blob = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    window.ICAL ||= (await import(blob)).default;
    const file = new ICAL.Component(ICAL.parse(text));
    ICAL.TimezoneService.reset();
    file.getAllSubcomponents("vtimezone").forEach((zone) => ICAL.TimezoneService.register(zone));
    const method = file.getFirstPropertyValue("method") ?? "";
    return file.getAllSubcomponents("vevent").map((event) => {
        const value = (name) => event.getFirstPropertyValue(name);
        const instant = (name) => value(name).toUnixTime();
        return [method, value("uid"), value("sequence"), instant("dtstamp"), value("status"), instant("dtstart"),
            instant("dtend"), value("location").split(",")[0], value("summary")];
    });
}"""


@pytest.fixture
def with_ical_js(chromium):
    """The library of Thunderbird and Nextcloud, which knows no zone but the file's."""
    source = (Path(__file__).parents[2] / "node_modules" / "ical.js" / "dist" / "ical.min.js").read_text()
    page = chromium.new_page()

    def read(text):
        found = [Entry(*values) for values in page.evaluate(ICAL_JS, [source, text])]
        instants = ("stamp", "start", "end")
        return [
            entry._replace(**{name: datetime.fromtimestamp(getattr(entry, name), UTC) for name in instants})
            for entry in found
        ]

    yield read
    page.close()
