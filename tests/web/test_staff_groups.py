"""The pages of the groups: what is known of each, its name and kind, contacts, and two that are one."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from booking import afterwards, changing, hosting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Initiative, LogEntry, Room, StaffMember
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import find_form, parse, text
from tests.web.test_decision import page_text

CHOIR = "/team/gruppen/chor-am-markt"


@pytest.fixture(autouse=True)
def hall(app: Flask) -> Room:
    make.house()
    return make.room()


@pytest.fixture
def choir(hall: Room, clock: Clock) -> Initiative:
    """Three uses, one date to which nobody came, two cancelled, one of them late, and one date to come."""
    days = ["2026-11-30", "2026-12-07", "2026-12-14", "2026-12-21", "2027-01-04", "2027-01-11", "2027-03-01"]
    booking = make.booking(
        hall,
        *(f"{day}T18:00" for day in days),
        status=Status.APPROVED,
        group="Chor am Markt",
        title="Probe",
        reference="IO-26-0142",
    )
    ids = [each.id for each in booking.occurrences]
    for now, cancelled in (("2026-12-10T10:00", ids[3]), ("2027-01-03T10:00", ids[4])):
        clock.set(now)
        changing.cancel_dates(booking, [cancelled], clock.now)
    with transaction():
        booking.occurrences[2].no_show = True
    clock.set("2027-02-01T10:00")
    return booking.initiative


def save(client: CheckedClient, values: dict[str, Any], path: str = CHOIR) -> TestResponse:
    return client.submit(path, values, form=path)


def figures(page: str) -> dict[str, list[int]]:
    (table,) = [each for each in parse(page)[0].iter("table") if each.get("class") == "by-year"]
    return {
        text(row.find("th")): [int(text(cell)) for cell in row.iter("td")] for row in table.find("tbody").iter("tr")
    }


def groups() -> list[tuple[str, str, str, bool, str]]:
    db.session.rollback()
    found = db.session.scalars(db.select(Initiative).order_by(Initiative.id))
    return [(each.slug, each.name, each.kind, each.is_public, each.notes) for each in found]


# -- The list


def test_list_tells_uses_and_is_searched_however_a_name_is_written(
    staff_client: CheckedClient, hall: Room, choir: Initiative
) -> None:
    make.initiative("Städte-Netzwerk", kind="department")

    rows = [text(row) for row in parse(staff_client.get("/team/gruppen").text)[0].iter("tr")][1:]
    assert rows == [
        "Chor am Marktwird mit Namen vorgeschlagen Initiative 1 und 1 kommt noch 11. Januar 2027",
        "Städte-Netzwerkwird mit Namen vorgeschlagen Fachamt 0 noch nicht",
    ]

    def names(query: str) -> list[str]:
        return [text(each) for each in parse(staff_client.get(f"/team/gruppen?{query}").text)[0].iter("th")][4:]

    assert [
        len(names(query)) for query in ("search=STÄDTE", "search=chor", "search=x&kind=own", "kind=department")
    ] == [
        1,
        1,
        0,
        1,
    ]
    assert "So heißt keine Gruppe." in page_text(staff_client.get("/team/gruppen?search=gibtsnicht"))


# -- What is known of one


def test_page_tells_plain_facts_by_year(staff_client: CheckedClient, choir: Initiative) -> None:
    page = staff_client.get(CHOIR)

    assert figures(page.text) == {
        "Nutzungen": [1, 2],
        "Niemand kam": [0, 1],
        "Von ihnen abgesagt": [1, 1],
        "davon weniger als 48 Stunden vorher": [1, 0],
    }
    said = page_text(page)
    for sentence in (
        "Mo, 11. Januar 2027 Große Fläche",
        "Mo, 4. Januar 2027 Große Fläche · spät von ihnen abgesagt",
        "Mo, 14. Dezember 2026 Große Fläche · niemand gekommen",
        "Probe IO-26-0142",
        "zoe@example.org",
    ):
        assert sentence in said.replace("\u00a0", " ")
    assert "Alles über Chor am Markt" in page_text(staff_client.get("/team/anfragen/IO-26-0142"))


def test_keys_that_are_out_are_named(staff_client: CheckedClient, choir: Initiative, clock: Clock) -> None:
    booking = db.session.scalars(db.select(Booking)).one()
    hosting.hand_out_key(booking, "17", by=db.session.get_one(StaffMember, 1), now=clock.now)

    assert "Schlüssel 17" in page_text(staff_client.get(CHOIR))


# -- What the office says of it


def test_name_kind_and_notes_are_saved_and_the_public_reads_them(
    staff_client: CheckedClient, choir: Initiative
) -> None:
    shown = db.session.get_one(make.House, 1).version
    save(staff_client, {"name": "Chöre am Markt", "kind": "department", "is_public": None, "notes": "Bringen Kuchen."})

    assert groups() == [("chor-am-markt", "Chöre am Markt", "department", False, "Bringen Kuchen.")]
    assert db.session.get_one(make.House, 1).version == shown + 1
    entry = db.session.scalars(db.select(LogEntry).order_by(LogEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.detail) == ("edit_group", {"group": choir.id})
    assert "Bringen Kuchen." in page_text(staff_client.get("/team/anfragen/IO-26-0142"))
    for address in ("/", "/kalender", "/anfrage/ueber-euch"):
        assert "Kuchen" not in staff_client.get(address, follow_redirects=True).text
    save(staff_client, {"other_names": "Chor am Markt\n  Die  Lerchen \ndie lerchen"}, CHOIR)
    for day, name in enumerate(("chöre am MARKT", "chor am markt", "DIE LERCHEN", "Andere"), 1):
        values = {"group": name, "start": "18", "end": "20", "people": "9", "is_open": "no", "date": f"{day}.3.2027"}
        staff_client.submit("/team/eintragen", values, button="Eintragen", form="/team/eintragen")
    assert [each[1] for each in groups()] == ["Chöre am Markt", "Andere"]
    db.session.rollback()
    assert choir.other_names == "Chor am Markt\nDie Lerchen"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Gib der Gruppe einen Namen."),
        ("RUNDER tisch", "So heißt schon eine andere Gruppe. Sind es dieselben, leg sie unten zusammen."),
    ],
)
def test_name_that_cannot_be_is_refused_and_nothing_is_lost(
    staff_client: CheckedClient, choir: Initiative, name: str, sentence: str
) -> None:
    make.initiative("Runder Tisch")

    answer = save(staff_client, {"name": name, "notes": "neu"})

    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert find_form(answer.text, CHOIR).filled({}, "Speichern").data["notes"] == "neu"
    assert groups()[0][1:] == ("Chor am Markt", "initiative", True, "")


def test_notes_of_a_colleague_are_not_overwritten(staff_client: CheckedClient, choir: Initiative) -> None:
    stale = find_form(staff_client.get(CHOIR).text, CHOIR).filled({"notes": "von mir"}, "Speichern").data
    save(staff_client, {"notes": "von der Kollegin"})

    answer = staff_client.post(CHOIR, data=stale)

    assert answer.status_code == 422
    assert "Jemand hat diese Gruppe inzwischen geändert." in page_text(answer)
    again = find_form(answer.text, CHOIR).filled({}, "Speichern").data
    assert (again["notes"], again["notes_seen"]) == ("von mir", "von der Kollegin")
    assert groups()[0][4] == "von der Kollegin"
    assert staff_client.post(CHOIR, data=again).status_code == 303
    assert staff_client.post(CHOIR, data=again).status_code == 303  # by a double click
    assert groups()[0][4] == "von mir"


# -- Contacts


def test_contact_is_erased_in_all_bookings_of_the_group(
    staff_client: CheckedClient, choir: Initiative, hall: Room
) -> None:
    make.booking(hall, "2027-04-05T18:00", group="Chor am Markt", email="Zoe@example.org", reference="IO-26-0150")
    other = make.booking(hall, "2027-04-06T18:00", group="Rat", email="rat@example.org")
    before = staff_client.get(CHOIR)
    (form,) = [each.get("action") for each in parse(before.text)[0].iter("form") if "kontakt" in each.get("action", "")]

    answer = staff_client.submit(CHOIR, form=form)

    assert "Der Kontakt ist gelöscht, an 2 Stellen." in page_text(answer)
    assert "zoe@example.org" not in answer.text.lower()
    assert "zoe@example.org" not in staff_client.get("/team/anfragen/IO-26-0142").text.lower()
    db.session.rollback()
    assert other.contact.email == "rat@example.org"
    assert staff_client.submit(CHOIR, form=f"{CHOIR}").status_code == 200


def test_contact_with_a_key_is_not_erased(staff_client: CheckedClient, choir: Initiative, clock: Clock) -> None:
    booking = db.session.scalars(db.select(Booking)).one()
    hosting.hand_out_key(booking, "17", by=db.session.get_one(StaffMember, 1), now=clock.now)

    answer = staff_client.submit(CHOIR, form=f"{CHOIR}/kontakt/{booking.contact_id}/loeschen")

    assert "Diese Person hat noch einen Schlüssel." in page_text(answer)
    db.session.rollback()
    assert booking.contact.email == "zoe@example.org"


def test_contact_of_another_group_cannot_be_erased_from_here(
    staff_client: CheckedClient, choir: Initiative, hall: Room
) -> None:
    other = make.booking(hall, "2027-04-06T18:00", group="Rat", email="rat@example.org")
    token = find_form(staff_client.get(CHOIR).text, CHOIR).filled({}, "Speichern").data["csrf_token"]

    staff_client.post(f"{CHOIR}/kontakt/{other.contact_id}/loeschen", data={"csrf_token": token})

    db.session.rollback()
    assert other.contact.email == "rat@example.org"


# -- Two that are one


@pytest.fixture
def double(choir: Initiative, hall: Room, clock: Clock) -> Initiative:
    """The same choir under another name, with two dates, one of them to come, a letter and a note."""
    row = make.booking(
        hall,
        "2027-01-20T18:00",
        "2027-05-03T18:00",
        status=Status.APPROVED,
        group="Chor am Alten Markt",
        reference="IO-26-0151",
    )
    make.link(row)
    with transaction():
        row.initiative.notes = "Noten im Schrank."
        choir.notes = "Bringen Kuchen."
    afterwards.cancel(
        row,
        {row.occurrences[1].id: "Umbau"},
        seen_version=row.version,
        by=make.staff("Ada"),
        now=clock.now,
    )
    return row.initiative


def test_merging_says_exactly_what_moves_and_moves_it(
    staff_client: CheckedClient, choir: Initiative, double: Initiative
) -> None:
    former = double.id
    page = staff_client.submit(CHOIR, {"mit": "Chor am Alten Markt"}, form=f"{CHOIR}/zusammenlegen")

    (stays, _) = [text(each) for each in parse(page.text)[0].iter("section")]
    assert stays == (
        "„Chor am Markt“ bleibt Von „Chor am Alten Markt“ zieht um:"
        " 1 Anfrage: 2 Termine, 0 davon zugesagt und kommen noch 1 Mail, 2 Links, die weiter gelten"
        " 0 ausgegebene Schlüssel der Name: Wer noch mit ihm anfragt, ist diese Gruppe"
        " die Notizen, unter die vorhandenen"
        " Art: Initiative, Verein oder freie Gruppe. Sie darf mit Namen vorgeschlagen werden."
        " „Chor am Markt“ behalten und zusammenlegen"
    )
    answer = staff_client.submit(page.request.full_path, form=f"{CHOIR}/zusammenlegen")

    assert "Chor am Alten Markt und Chor am Markt sind jetzt eine Gruppe." in page_text(answer)
    assert groups() == [("chor-am-markt", "Chor am Markt", "initiative", True, "Bringen Kuchen.\n\nNoten im Schrank.")]
    assert figures(answer.text)["Nutzungen"] == [2, 2]
    assert "IO-26-0151" in staff_client.get(CHOIR).text
    entry = db.session.scalars(db.select(LogEntry).where(LogEntry.action == "merge_groups")).one()
    assert (entry.count, entry.detail) == (2, {"group": choir.id, "former": former})
    assert staff_client.get("/team/gruppen/chor-am-alten-markt").status_code == 404
    assert choir.other_names == "Chor am Alten Markt"


def test_what_came_meanwhile_is_shown_before_it_moves(
    staff_client: CheckedClient, choir: Initiative, double: Initiative, hall: Room
) -> None:
    path = f"{CHOIR}/zusammenlegen?mit=Chor+am+Alten+Markt"
    form = find_form(staff_client.get(path).text, f"{CHOIR}/zusammenlegen").filled({}, "").data
    make.booking(hall, "2027-06-01T18:00", group="Chor am Alten Markt")

    answer = staff_client.post(f"{CHOIR}/zusammenlegen", data=form, follow_redirects=True)

    assert "Inzwischen hat sich etwas geändert." in page_text(answer)
    assert "2 Anfragen: 3 Termine" in page_text(answer)
    assert len(groups()) == 2


def test_double_click_merges_once(staff_client: CheckedClient, choir: Initiative, double: Initiative) -> None:
    path = f"{CHOIR}/zusammenlegen?mit=Chor+am+Alten+Markt"
    form = find_form(staff_client.get(path).text, f"{CHOIR}/zusammenlegen").filled({}, "").data

    first, second = (staff_client.post(f"{CHOIR}/zusammenlegen", data=form, follow_redirects=True) for _ in range(2))

    assert [each.status_code for each in (first, second)] == [200, 200]
    assert "Diese Gruppen sind schon zusammengelegt." in page_text(second)
    assert len(groups()) == 1


@pytest.mark.parametrize("name", ["", "gibt es nicht", "Chor am Markt"])
def test_group_is_merged_with_another_one_alone(staff_client: CheckedClient, choir: Initiative, name: str) -> None:
    answer = staff_client.submit(CHOIR, {"mit": name}, form=f"{CHOIR}/zusammenlegen")

    assert "Keine andere Gruppe heißt so." in page_text(answer)
    assert len(groups()) == 1


def test_public_pages_are_right_after_a_merge(
    staff_client: CheckedClient, choir: Initiative, double: Initiative, hall: Room
) -> None:
    make.booking(
        hall,
        *(f"2027-0{month}-{day}T18:00" for month, day in ((2, "17"), (2, "24"), (3, "17"), (3, "24"))),
        status=Status.APPROVED,
        group="Chor am Alten Markt",
        title="Singen",
        rule=make.RecurrenceRule(
            start=make.instant("2027-02-17T18:00").date(),
            freq=make.Frequency.WEEKLY,
            until=make.instant("2027-03-24T18:00").date(),
        ),
    )
    assert "Chor am Alten Markt" in staff_client.get("/").text

    path = f"{CHOIR}/zusammenlegen?mit=Chor+am+Alten+Markt"
    staff_client.submit(path, form=f"{CHOIR}/zusammenlegen")

    page = staff_client.get("/").text
    assert ("Chor am Alten Markt" in page, "Chor am Markt" in page) == (False, True)
