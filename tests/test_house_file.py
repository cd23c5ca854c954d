"""A house file: what cannot be meant is refused with its line, and whatever is accepted can be served."""

import re
from pathlib import Path

import pytest

from booking.database import db
from booking.domain.status import Status
from booking.house_file import check_house, load_house
from booking.house_folder import NotAHouse
from booking.models import House, OpeningHours, Part, Room
from tests import make
from tests.test_cli import HOUSE

ROOM = HOUSE[HOUSE.index("[[rooms]]") :]
PAGES = ("/", "/anfrage", "/kalender", "/kalender/woche", "/kalender/abonnieren", "/raeume", "/hilfe", "/impressum")
PAGES += (
    "/datenschutz",
    "/barrierefreiheit",
    "/hausordnung",
    "/link",
    "/lobby",
    "/heute",
    "/raeume/saal",
    "/team/anmelden",
)
PAGES += ("/kalender/tag/2026-12-05", "/kalender/monat/2026-12", "/kalender.ics", "/kalender.atom", "/sitemap.xml")
PAGES += ("/api/v1/rooms", "/api/v1/occurrences", "/robots.txt", "/export/oic/events.yml")


@pytest.fixture
def house_file(tmp_path: Path) -> Path:
    path = tmp_path / "house.toml"
    path.write_text(HOUSE)
    return path


@pytest.mark.parametrize(
    ("key", "old", "new", "complaint"),
    [
        ("zone_name", "Europe/Berlin", "Europe/Berln", "no time zone 'Europe/Berln'. Is it Europe/Berlin?"),
        ("zone_name", "Europe/Berlin", "../etc/passwd", "no time zone '../etc/passwd'. Write one like Europe/Berlin."),
        ("country", '"DE"', '"Germany"', "There are no holidays of 'Germany', 'BE'. Write them like DE and HE."),
        ("subdivision", '"BE"', '"Berlin-Mitte"', "no holidays of 'DE', 'Berlin-Mitte'."),
        ("subdivision", '"BE"', '"BE-catholic"', "no holidays of 'DE', 'BE-catholic'."),
        ("country", '"DE"', "49", 'country cannot be 49. Write it like "Saal".'),
        ("email", "treff@example.org", "treff", "email cannot be 'treff'."),
        ("email", "treff@example.org", "a@example.org, b@example.org", "email cannot be 'a@example.org, b@"),
        ("phone", "+49 30 1234", "030 1234", "phone '030 1234' is not like +49 30 12-345, with the code"),
        ("phone", "+49 30 1234", "+49 ruf an", "phone '+49 ruf an' is not like"),
        ("website", "https://example.org", "example.org", "website 'example.org' does not begin with https://"),
        ("website", "https://example.org", "javascript:alert(1)", "does not begin with https://"),
        ("website", "https://example.org", "https://", "does not begin with https:// or http:// and a name."),
        ("reference_prefix", '"BT"', '"B-T"', "reference_prefix 'B-T' is not of one to eight letters or digits."),
        ("name", '"Bürgertreff"', '"   "', "The house's name is empty."),
        ("name", '"Bürgertreff"', f'"{"x" * 81}"', "The house's name has more than 80 characters."),
        ("welcome", '"Willkommen."', f'"{"x" * 601}"', "The house's welcome has more than 600 characters."),
        ("lead_working_days", "= 1", "= -1", "The house's lead_working_days is not from 0 to 365."),
        ("answer_working_days", "= 5", "= 0", "The house's answer_working_days is not from 1 to 365."),
        ("tight_minutes", "= 15", "= 1441", "The house's tight_minutes is not from 0 to 1440."),
        ("tight_minutes", "= 15", "= 15.5", "tight_minutes cannot be 15.5. Write it like 40."),
        ("latest_end", "21:30:00", '"21:30"', "latest_end cannot be '21:30'. Write it like 22:00:00."),
        ("latest_end", "21:30:00", "21:30:30", "latest_end cannot be datetime.time(21, 30, 30)."),
        ("postcod", "postcode", "postcod", "house has no 'postcod'. Is postcode meant?"),
        ("facts", "[house]", "[house]\nfacts = 1", "house has no 'facts'."),
        ("saturday", "[10:00:00, 14:00:00]", "10:00:00", "hours of saturday must be like [09:00:00, 17:00:00]."),
        ("saturday", "[10:00:00, 14:00:00]", "[10:00:00, 14:00:01]", "hours of saturday must be like"),
        (
            "saturday",
            "[10:00:00, 14:00:00]",
            "[[10:00:00, 12:00:00], [11:00:00, 13:00:00]]",
            "of saturday meet, or are",
        ),
        ("seats", "= 40", "= 0", "The room Saal has no seats from 1 to 10000."),
        ("seats", "= 40", "= true", "seats cannot be True. Write it like 40."),
        ("direction", '"right"\nstep', '"rechts"\nstep', "direction 'rechts' is none of up, right, down, left."),
        ("slug", 'slug = "saal"', 'slug = "Saal 1"', "The slug 'Saal 1' is not of small letters and digits"),
        ("slug", 'slug = "saal"', "slug = 7", "slug cannot be 7."),
        ("short_name", 'short_name = "Saal"', 'short_name = "Veranstaltungssaal"', "short_name of more than 16 char"),
        ("way", 'way = "rechts"', 'way = ""', "The room saal has an empty way."),
        ("step_free", "= true", '= "ja"', "step_free cannot be 'ja'. Write true or false."),
        ("equipment", "= []", '= "Beamer"', """equipment cannot be 'Beamer'. Write it like ["Leinwand", "Beamer"]."""),
        ("equipment_en", "= []", '= []\nequipment_en = ["Stage"]', "has not the same number of things in equipment"),
        ("parts", '["Saal"]', '["Saal", "Saal"]', "has no parts, such as parts = ["),
        ("article", "[house]", '[house]\narticle = "the"', "The article 'the' is none of "),
    ],
)
def test_file_that_cannot_be_meant_is_refused_with_its_line_and_nothing_is_stored(
    app, house_file, key, old, new, complaint
):
    assert old in HOUSE
    house_file.write_text(HOUSE.replace(old, new, 1))
    lines = enumerate(house_file.read_text().splitlines(), 1)
    line = next(number for number, line in lines if line.startswith(f"{key} ="))

    for command in (check_house, load_house):
        with pytest.raises(NotAHouse, match=f"house.toml, line {line}: .*{re.escape(complaint)}"):
            command(house_file)

    assert [db.session.scalars(db.select(kind)).all() for kind in (House, Room, Part, OpeningHours)] == [[], [], [], []]


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        (ROOM, "line 45: another room has the slug 'saal' already."),
        (ROOM.replace('"saal"', '"saal-2"'), "line 46: another room has the name 'Saal' already."),
        ("[[room]]\nslug = 1\n", "there is no table 'room', only house, hours, retention, rooms."),
        ("[houses]\n", "there is no table 'houses', only house, hours, retention, rooms."),
        ("[house]\n", "cannot be read: Cannot declare ('house',) twice (at line 44, column 7)"),
        ("[retention]\ncontact_months = 3\n", "line 44: retention lacks in_vain_months, onsite_days, letters_days."),
    ],
)
def test_what_stands_there_twice_or_has_no_place_is_refused(app, house_file, extra, complaint):
    house_file.write_text(HOUSE.rstrip("\n") + "\n" + extra)

    with pytest.raises(NotAHouse, match=re.escape(complaint)):
        load_house(house_file)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[house", "[house]\nname = 'Caf\xe9'".encode("latin-1")])
def test_what_is_no_house_file_at_all_is_refused(app, house_file, content):
    house_file.write_bytes(content)

    with pytest.raises(NotAHouse, match=r"cannot be read|house lacks name, "):
        load_house(house_file)


RETENTION = {"contact_months": 48, "in_vain_months": 1, "onsite_days": 92, "letters_days": 31}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        (
            {"contact_months": 2},
            "contact_months cannot be 2, only 3 or more: links in letters open their pages for 60 days",
        ),
        (
            {"contact_months": 49},
            "contact_months cannot be 49, only up to 48: nobody could say what it is still needed for",
        ),
        ({"in_vain_months": 0}, "in_vain_months cannot be 0, only 1 or more: "),
        ({"letters_days": 366}, "letters_days cannot be 366, only up to 365: "),
        ({"in_vain_months": 49}, "in_vain_months cannot be 49, only up to 48: "),
        ({"contact_months": 3, "in_vain_months": 4}, "in_vain_months cannot be more than contact_months, 3: nobody is"),
        ({"onsite_days": 0}, "onsite_days cannot be 0, only 1 or more: "),
        ({"onsite_days": 93}, "onsite_days cannot be 93, only up to 92: "),
        ({"letters_days": 13}, "letters_days cannot be 13, only 14 or more: "),
        (
            {"letters_days": 32},
            "letters_days cannot be more than in_vain_months, 1: letters repeat what people wrote.",
        ),
        ({"in_vain_months": "4"}, "in_vain_months cannot be '4'. Write it like 40."),
        ({"contact_years": 1}, "retention has no 'contact_years', only contact_months, in_vain_months, onsite_days, "),
    ],
)
def test_people_are_known_for_as_long_as_can_be_meant(app, house_file, changed, complaint):
    """At the limit of each it is accepted, and beside it refused with the reason."""
    for said in (RETENTION, RETENTION | changed):
        lines = [f"{name} = {number!r}" for name, number in said.items()]
        house_file.write_text("\n".join([HOUSE, "[retention]", *lines]))
        if said == RETENTION:
            assert load_house(house_file).retention == RETENTION
    with pytest.raises(NotAHouse, match=r"house.toml, line \d+: " + re.escape(complaint)):
        load_house(house_file)

    assert db.session.get(House, 1).retention == RETENTION


def test_what_a_house_has_decided_holds_on_when_it_is_loaded_without(app, house_file):
    whole = HOUSE + "\n[retention]\n" + "\n".join(f"{name} = {number}" for name, number in RETENTION.items())
    for text in (whole, HOUSE):
        house_file.write_text(text)
        load_house(house_file)

    assert db.session.get(House, 1).retention == RETENTION


#: Odd, and nobody's business.
ODD = {
    "half an hour off": [("Europe/Berlin", "America/St_Johns"), ('"DE"', '"CA"'), ('"BE"', '"NL"')],
    "first to begin the day": [("Europe/Berlin", "Pacific/Kiritimati")],
    "no states and no school holidays": [('"DE"', '"JP"'), ('"BE"', '""'), ("Europe/Berlin", "Asia/Tokyo")],
    "another alphabet": [('"DE"', '"GR"'), ('"BE"', '""'), ("Bürgertreff", "Σπίτι 🏠")],
    "always open": [("[10:00:00, 14:00:00]", "[00:00:00, 23:59:00]"), ("21:30:00", "23:59:00")],
    "open for a minute at midnight": [("[10:00:00, 14:00:00]", "[00:00:00, 00:01:00]"), ("21:30:00", "00:30:00")],
    "looks like HTML": [
        ("Bürgertreff", "<b>&amp;{{7*7}}%s"),
        ("rechts", "<i>"),
        ('parts = ["Saal"]', 'parts = ["%(x)s"]'),
    ],
    "says nothing": [('"Bitte klingeln."', '""'), ('"Please ring."', '""'), ("Willkommen.", ""), ("Welcome.", "")],
    "no website": [("https://example.org", "")],
    "promises nothing": [("lead_working_days = 1", "lead_working_days = 365"), ("most_dates = 30", "most_dates = 520")],
    "lends a broom cupboard": [("seats = 40", "seats = 1"), ("tight_minutes = 15", "tight_minutes = 1440")],
    "things nobody names": [
        ("equipment = []", f"equipment = {[f'Ding {number}' for number in range(60)]}".replace("'", '"'))
    ],
}


def test_parts_from_a_day_on_outlive_loading_the_house_again(app, house_file):
    load_house(house_file)
    make.other_parts(db.session.get_one(Room, 1), "2029-05-01T00:00", ["Saal"])
    make.booking(db.session.get_one(Room, 1), "2029-05-09T16:00", status=Status.APPROVED)

    load_house(house_file)

    db.session.rollback()
    assert [row.since for row in db.session.get_one(Room, 1).part_rows] == [0, 1872280800]


@pytest.mark.parametrize("prefix", ["", pytest.param("/en", marks=pytest.mark.variant)])
@pytest.mark.parametrize("odd", ODD)
def test_every_public_page_of_a_house_that_is_accepted_is_there(app, client, house_file, odd, prefix):
    text = HOUSE
    for old, new in ODD[odd]:
        assert old in text
        text = text.replace(old, new)
    house_file.write_text(text)
    load_house(house_file)

    answers = {f"{prefix}{path}": client.get(f"{prefix}{path}").status_code for path in PAGES}

    assert {path: status for path, status in answers.items() if status not in (200, 302)} == {}
