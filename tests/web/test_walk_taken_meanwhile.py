"""Walk 9: a date is given to others while a group writes; nothing else is lost."""

import pytest
from playwright.sync_api import expect

from booking.database import db
from booking.domain.status import Status
from booking.house import rooms
from booking.models import Booking
from tests import make
from tests.support.visitor import ABOUT, Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["de", pytest.param("en", marks=pytest.mark.variant)])
def test_date_taken_while_a_group_writes_leads_back_to_the_dates(server, page, smtp, language):
    group = Visitor(page, language, looks=language == "de")
    write_everything(group)
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    make.booking(hall, "2027-04-14T16:30", status=Status.APPROVED, title="Klausur", group="OIC")

    group.agree()
    group.press("Anfrage absenden")

    group.is_at("Eure Termine")
    told = group.of(
        "Während du geschrieben hast, ist dieser Termin vergeben worden: Mittwoch, 14. April."
        " Deine anderen Angaben sind noch da.",
        "While you were writing, this date was taken: Wednesday 14 April. Your other details are still here.",
    )
    assert told in group.words()
    expect(page.locator("#error-summary")).to_be_focused()
    group.look("taken-meanwhile")
    assert ([each.title for each in db.session.scalars(db.select(Booking))], smtp.messages) == (["Klausur"], [])

    page.locator("#d-2027-04-14").get_by_text(group.word("Diesen Termin auslassen")).click()
    group.press("Weiter")
    group.is_at("Alles richtig?")
    said = group.words()
    assert [answer for answer in ABOUT.values() if answer not in said] == []
    assert [group.of(*day) in line for day, line in zip(LEFT, group.date_lines(), strict=True)] == [True] * 3
    reference = group.send()
    assert reference in smtp.wait_for(2)[0]["Subject"] + smtp.messages[1]["Subject"]
    db.session.rollback()
    asked = db.session.scalars(db.select(Booking).where(Booking.reference == reference)).one()
    assert [f"{date.start.astimezone(make.ZONE):%d.%m.}" for date in asked.occurrences] == [
        "07.04.",
        "21.04.",
        "28.04.",
    ]


LEFT = [("7. April 2027", "7 April 2027"), ("21. April 2027", "21 April 2027"), ("28. April 2027", "28 April 2027")]


def write_everything(group):
    group.open("/anfrage")
    group.tell_when("Jede Woche", "7.4.2027", "16", "18", "15", "Große Fläche")
    group.choose("Bis zu einem Datum")
    group.fill("Letzter möglicher Tag", "28.4.2027")
    group.press("Weiter")
    group.press("Weiter")
    group.tell_about_us()
    group.press("Weiter")
    group.is_at("Alles richtig?")
