"""Spellings that people use on phones and out of calendars: read in the one way they can be meant, or asked back."""

from datetime import date, time

import pytest

from booking.database import db
from booking.domain.typed import NotReadable, dates_in, from_to, read_date, read_number, read_time
from booking.models import Booking
from booking.web.forms.texts import is_phone, written_address
from tests.support.request_form import ONCE, beside, mistakes, value_of

TODAY = date(2026, 12, 9)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *[(text, 9) for text in ("heute", "Heute", "today")],
        *[(text, 10) for text in ("morgen", " Tomorrow ", "Donnerstag", "ab Donnerstag")],
        ("übermorgen", 11),
        *[(text, 14) for text in ("nächsten Montag", "kommender Montag", "next Monday", "am Montag", "diesen Montag")],
        *[(text, 16) for text in ("Mittwoch", "nächster Mittwoch", "this Wednesday")],
        ("Sonnabend", 12),
    ],
)
def test_day_said_from_today_is_the_next_such_day(text, day):
    assert read_date(text, TODAY) == date(2026, 12, day)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        *[(text, time(19, 30)) for text in ("halb acht", "um halb 8", "Halb Acht abends", "half past seven")],
        *[(text, time(18, 45)) for text in ("dreiviertel sieben", "viertel vor 7", "quarter to seven")],
        *[(text, time(17, 15)) for text in ("Viertel nach fünf", "quarter past five")],
        *[(text, time(12, 30)) for text in ("halb eins", "half past twelve in the afternoon")],
        ("halb neun abends", time(20, 30)),
        ("halb neun morgens", time(8, 30)),
    ],
)
def test_time_in_words_is_read_where_it_can_be_one_only(text, at):
    assert read_time(text) == at


def test_time_in_words_that_can_be_two_is_asked_back(asking):
    page = asking.when(ONCE, start="halb zehn", end="11")

    assert beside(page, "start") == "„halb zehn“ kann 09:30 oder 21:30 sein. Schreib, was du meinst."


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("18-20", ("18", "20")),
        ("18:00 – 20:15 Uhr", ("18:00", "20:15 uhr")),
        ("9 bis 11", ("9", "11")),
        ("7-9 pm", ("7 pm", "9 pm")),
        ("11 am to 1 pm", ("11 am", "1 pm")),
        *[(text, None) for text in ("18", "18-", "bis 20", "8-10-12", "halb acht")],
    ],
)
def test_start_and_end_in_one_field_are_told_apart(text, both):
    assert from_to(text) == both


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("10-15 Leute", 15), ("10 bis 15", 15), ("10 Mal", 10), ("6x", 6), ("8 Treffen", 8)],
        *[("max. 30", 30), ("bis zu 30", 30), ("20-25 TN", 25)],
    ],
)
def test_number_with_its_word_is_read_and_of_people_the_most(text, number):
    assert read_number(text, at_most=True) == number


@pytest.mark.parametrize("text", ["5-6 Treffen", "15-10", "0 mal"])
def test_number_that_can_be_two_is_none(text):
    with pytest.raises(NotReadable):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("10.12., 11.12. und 20.1.", ["10.12.", "11.12.", "20.1."]),
        ("Do, 10.12.; Fr, 11.12.", ["Do 10.12.", "Fr 11.12."]),
        ("10.12.\n11.12.", ["10.12.", "11.12."]),
        ("10.12. 11.12.  20.1.", ["10.12.", "11.12.", "20.1."]),
        ("10.12.26 + 20.1.27", ["10.12.26", "20.1.27"]),
        ("11., 18. und 25. Februar", ["11. Februar", "18. Februar", "25. Februar"]),
        ("29. und 30. Januar, 5. Februar 2027", ["29. Januar", "30. Januar", "5. Februar 2027"]),
        *[(text, []) for text in ("10.12.", "Do, 10.12.", "10.12., bald", "", "," * 500)],
    ],
)
def test_list_of_days_in_one_field_is_read_day_by_day(text, days):
    assert dates_in(text, TODAY) == days


@pytest.mark.parametrize(
    "text",
    [
        *("zoe@example.org", " zoe@example.org,", "mailto:zoe@example.org", "Zoë Müller <zoe@example.org>"),
        *("<zoe@example.org>;", "zoe@exam\u00adple.org", "\u200bzoe@example.org\ufeff", "zoe@example.org."),
    ],
)
def test_what_clings_to_a_copied_address_is_left_out(text):
    assert written_address(text) == "zoe@example.org"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *[(text, True) for text in ("0521 51-3440", "0170 1234567 (abends)", "0521 123456 oder 0170 1234567")],
        *[(text, True) for text in ("+49 (0)521 1234, 0170 123456", "0521/12345 (ab 18 Uhr)")],
        *[(text, True) for text in ("Tel. 0521 12345", "Handy: 0170 1234567, Tel.: 0521 12345")],
        *[(text, False) for text in ("abends", "(abends)", "0521 123456 oder", "112", "ruf 0170 an")],
    ],
)
def test_telephone_may_be_two_numbers_with_remarks(text, is_one):
    assert is_phone(text) is is_one


def test_spellings_lead_on_and_are_stored_as_they_were_meant(asking):
    asking.when({**ONCE, "date": "nächsten Donnerstag", "start": "14–16", "end": "", "people": "6-8 Leute"})
    asking.about(email="Zoë <zoe@example.org>,", phone="0521 51\u20113440 (vormittags)")
    asking.send()

    booking = db.session.scalars(db.select(Booking)).one()
    (kept,) = booking.occurrences
    assert (f"{kept.start:%d.%m. %H:%M}", f"{kept.end:%H:%M}", booking.people) == ("03.12. 13:00", "15:00", 8)
    assert (booking.contact.email, booking.contact.phone) == ("zoe@example.org", "0521 51-3440 (vormittags)")


def test_list_that_was_pasted_into_one_field_stands_in_several(asking):
    page = asking.when({**ONCE, "date": "9.12., 16.12. und 20.1."})
    back = asking.open()

    assert page.request.path == "/anfrage/termine"
    assert [value_of(back, name) for name in ("date", "more-0", "more-1", "more-2")] == ["9.12.", "16.12.", "20.1.", ""]
    assert 'id="rhythm-single" value="single" checked' in back.text


def test_all_that_is_missing_is_said_in_one_round(asking):
    page = asking.when({"rhythm": "week", "date": "25.11.2026"})

    assert [control for control, _ in mistakes(page)] == ["start", "end", "until_kind-date", "people"]


def test_day_that_cannot_be_is_said_although_times_are_missing(asking):
    page = asking.when({"rhythm": "once", "date": "25.11.2026"})

    assert [control for control, _ in mistakes(page)] == ["date", "start", "end", "people"]


@pytest.mark.parametrize("now", ["2026-11-30T10:00", "2026-12-22T18:00", "2027-03-25T09:00"])
def test_day_of_the_hint_is_one_that_can_be_asked_for(asking, clock, now):
    clock.set(now)
    hint = asking.client.get("/anfrage").text.partition("Zum Beispiel ")[2].partition("<")[0]

    page = asking.when(ONCE, date=hint, start="10", end="11")

    assert page.request.path in ("/anfrage/ueber-euch", "/anfrage/termine")
