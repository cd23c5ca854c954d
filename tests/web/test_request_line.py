"""The line above step 1: a whole wish in one sentence."""

from urllib.parse import quote

import pytest

from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Draft
from tests import make
from tests.support.pages import parse, text
from tests.support.request_form import OUTSIDE, by_id, main_of, value_of

WISH = "jeden zweiten Dienstag im Monat von 19 bis 21 Uhr, Januar bis März, so 12 Leute, Werkstatt"


@pytest.fixture(autouse=True)
def today(clock):
    clock.set("2026-11-30T09:00")


def follow(asking, line, prefix=""):
    return asking.client.get(f"{prefix}/anfrage?line={quote(line)}")


def continued(asking, page, **more):
    """The page that follows, sent as it stands."""
    response = asking.client.submit(page.request.full_path, more, form="request")
    asking.draft = response.request.args.get("draft", "")
    return response


def pairs(page):
    """What was understood, by the words of the line."""
    root, _ = parse(page.text)
    (listed,) = [each for each in root.iter("dl") if each.get("class") == "line-said__pairs"]
    told = zip(listed.iter("dt"), listed.iter("dd"), strict=True)
    return {text(quote): text(words).replace("\u00a0", " ") for quote, words in told}


def test_line_fills_in_the_form_and_is_said_back_with_its_dates(asking):
    page = follow(asking, WISH)

    assert pairs(page) == {
        "jeden zweiten Dienstag im Monat … Januar … bis März": "12. Januar, 9. Februar, 9. März 2027",
        "von 19 bis 21 Uhr": "19:00 bis 21:00 Uhr",
        "so 12 Leute": "12 Personen",
        "Werkstatt": "Werkstatt",
    }
    assert [value_of(page, name) for name in ("date", "start", "until", "people", "line")] == [
        "12.1.2027", "19:00", "31.3.2027", "12", WISH,
    ]  # fmt: skip
    assert [text(each) for each in parse(page.text)[0].iter("mark")] == [
        "jeden zweiten Dienstag im Monat", "von 19 bis 21 Uhr", "Januar", "bis März", "so 12 Leute", "Werkstatt",
    ]  # fmt: skip
    assert "Di, 12. Januar 2027 Di, 9. Februar 2027 Di, 9. März 2027" in by_id(page, "line-said").replace("\u00a0", " ")
    assert db.session.scalars(db.select(Draft)).all() == []


def test_free_dates_that_were_seen_beside_the_line_need_no_page_of_their_own(asking):
    about = continued(asking, follow(asking, WISH))
    assert about.request.path == "/anfrage/ueber-euch"

    asking.about(**OUTSIDE)
    asking.send()

    booking = db.session.scalars(db.select(Booking)).one()
    assert [f"{each.original_start:%d.%m.}" for each in booking.occurrences] == ["12.01.", "09.02.", "09.03."]


def test_dates_that_clash_are_decided_as_always(asking, house_with_rooms):
    _, workshop, _ = house_with_rooms
    make.booking(workshop, "2027-02-09T19:00", status=Status.APPROVED)
    page = follow(asking, WISH)

    assert "9. Februar 2027 (belegt)" in by_id(page, "line-said").replace("\u00a0", " ")
    assert continued(asking, page).request.path == "/anfrage/termine"


def test_what_a_line_leaves_out_stays_out_and_what_changes_below_is_looked_at_again(asking):
    line = "jeden Dienstag 19-21 Uhr vom 5.1. bis 26.1., nicht am 12. Januar, 12 Leute"
    page = follow(asking, line)

    changed = continued(asking, page, start="18:00")
    assert changed.request.path == "/anfrage/termine"
    assert continued(asking, follow(asking, line)).request.path == "/anfrage/ueber-euch"
    kept = [row.data["dates"] for row in db.session.scalars(db.select(Draft))]
    assert [each["unwanted"] for each in kept] == [["2027-01-12"], ["2027-01-12"]]
    assert kept[1]["accepted"] == ["2027-01-05", "2027-01-19", "2027-01-26"]


def test_what_was_chosen_beside_a_line_outlives_a_change_of_the_form(asking):
    line = "jeden Dienstag 19-21 Uhr vom 5.1. bis 26.1., nicht am 12. Januar, 12 Leute"
    asking.when({"line": line}, "Formular ausfüllen")
    asking.when({"people": "13"})
    asking.dates({"keep": ["2027-01-12", "2027-01-26"]})

    asking.when({"people": "14"})

    (kept,) = [row.data["dates"] for row in db.session.scalars(db.select(Draft))]
    assert kept["unwanted"] == ["2027-01-05", "2027-01-19"]


def test_line_without_a_first_day_begins_on_one_that_can_be_asked_for(asking, clock):
    clock.set("2026-12-24T09:00")  # two working days, and the public holiday between, come before it

    page = follow(asking, "jeden Dienstag 19-21 Uhr bis Ende Januar, 12 Leute")

    assert value_of(page, "date") == "5.1.2027"


def test_two_readings_stand_side_by_side_and_the_pressed_one_fills_in_the_form(asking):
    page = follow(asking, "Strickkreis: jeden zweiten Dienstag 19-21 Uhr, 3 Mal ab 12. Januar, 8 Leute")

    said = by_id(page, "line-said").replace("\u00a0", " ")
    assert "Das verstehen wir nicht: Strickkreis." in said
    assert "12. Januar, 9. Februar, 9. März 2027" in said
    assert "12. Januar, 26. Januar, 9. Februar 2027" in said
    assert (value_of(page, "date"), value_of(page, "start")) == ("", "19:00")

    chosen = asking.client.submit(
        page.request.full_path,
        button="Das ist gemeint: Alle zwei Wochen am Dienstag, 19:00 bis 21:00 Uhr,"
        " 12. Januar, 26. Januar, 9. Februar 2027",
        form="request",
    )

    assert (chosen.request.path, value_of(chosen, "date")) == ("/anfrage", "12.1.2027")
    assert pairs(chosen)["jeden zweiten Dienstag … 3 Mal … ab 12. Januar"] == "12. Januar, 26. Januar, 9. Februar 2027"
    assert continued(asking, chosen).request.path == "/anfrage/ueber-euch"


def test_line_read_from_the_form_keeps_what_was_typed_besides(asking):
    typed = {"people": "7", "room": "besprechung", "line": "jeden Dienstag um 19 Uhr ab Januar, 20 Minuten Aufbau"}
    page = asking.when(typed, "Formular ausfüllen")

    assert (value_of(page, "people"), value_of(page, "date"), value_of(page, "start")) == ("7", "5.1.2027", "19:00")
    said = by_id(page, "line-said")
    assert "Bis wie viel Uhr?" in said
    assert "Bis zu welchem Tag, oder wie oft?" in said
    assert "Wir planen mit 15, 30, 45, 60, 90." in said


def test_line_that_was_changed_is_read_before_anything_goes_on(asking):
    page = follow(asking, WISH)

    again = continued(asking, page, line="am 8. Dezember\r\n19 bis\u200b 21 Uhr")

    assert (again.request.path, value_of(again, "date")) == ("/anfrage", "8.12.2026")
    assert continued(asking, again).request.path == "/anfrage/ueber-euch"


@pytest.mark.parametrize(
    "line", ["x" * 5000, "jeden Dienstag 19-21 Uhr 400 Mal ab 1.1.2027", "am 1.1.1971", "\x00 ;;; ☃"]
)
def test_any_line_is_answered_with_the_form(asking, line):
    assert follow(asking, line).status_code == 200
    assert follow(asking, line, "/en").status_code == 200


def test_form_alone_is_as_before(asking):
    page = asking.open()

    assert "So verstehen wir das" not in main_of(page)
    assert "seen_dates" not in page.text
