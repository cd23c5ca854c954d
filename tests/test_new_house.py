"""A new house from answers: a folder that can be loaded, and nothing that cannot be meant."""

import pytest

from booking.cli import setting_up
from booking.database import db
from booking.house import house, house_rules
from booking.house_file import load_house
from booking.models import House, Part, Room
from tests.support.app import application

ANSWERS = {
    "name": "Mühlenhof",
    "article": "der",
    "street": "Am Wehr 2",
    "town": "35999 Steinbrück",
    "operator": "Kulturamt der Stadt Steinbrück",
    "email": "muehlenhof@steinbrueck.example",
    "phone": "+49 6499 12-300",
    "website": "",
    "country": "DE",
    "subdivision": "HE",
    "zone": "Europe/Berlin",
    "prefix": "MH",
    "hours": "tue-fri 10-13, tue-thu 14-20, sat 9:30-13, fri 14-20",
    "latest-end": "23:00",
    "rooms": "Mahlsaal 90 EG links = Mahlsaal Nord 45 + Mahlsaal Süd 40, Kornboden 14",
    "formal": "du",
    "colours": "#1d6f42 #ffb74a",
}


@pytest.fixture
def run(app):
    return lambda *arguments, **options: app.test_cli_runner().invoke(args=list(arguments), **options)


def options(**changed):
    answers = ANSWERS | {name.replace("_", "-"): value for name, value in changed.items()}
    return [word for name, value in answers.items() for word in (f"--{name}", value)]


def test_new_house_from_options_can_be_loaded_and_says_what_was_answered(run, client, tmp_path):
    folder = tmp_path / "my-house"

    result = run("house", "new", str(folder), *options())

    assert (result.exit_code, f"flask --app app house load {folder}" in result.output) == (0, True), result.output
    assert db.session.get(House, 1) is None
    load_house(folder)
    assert {weekday: len(spans) for weekday, spans in house_rules().hours.items()} == {1: 2, 2: 2, 3: 2, 4: 2, 5: 1}
    rooms = db.session.scalars(db.select(Room).order_by(Room.position))
    assert [(room.name, room.seats, room.way, len(room.parts)) for room in rooms] == [
        ("Mahlsaal", 90, "EG links", 2),
        ("Mahlsaal Nord", 45, "EG links", 1),
        ("Mahlsaal Süd", 40, "EG links", 1),
        ("Kornboden", 14, "Erdgeschoss", 1),
    ]
    assert db.session.scalars(db.select(Part.name)).all() == ["Mahlsaal Nord", "Mahlsaal Süd", "Kornboden"]
    assert "Im Mühlenhof seid ihr willkommen." in client.get("/").text
    english = client.get("/en/").text
    assert ("theme.css" in english, 'href=""' in english) == (True, False), "it has no website"
    assert '"@id": ""' not in client.get("/daten/dcat.jsonld").text


def test_new_house_asks_again_for_what_cannot_be_meant_and_proposes_the_rest(run, tmp_path):
    typed = ["", "Haus am Park", "", "Weg 1", "Ort", "12345 Ort", "", "a@b", "a@b.de", "030 1", "+49 30 12-345", ""]
    typed += ["", "XX", "BE", "", "", "mon 17-9", "", "", "Saal", "Saal 5", "Ihr", "sie"]
    typed += ["#1d6f42", "#003366 #cc0000", ""]

    result = run("house", "new", str(tmp_path / "h"), input="\n".join([*typed, ""]))

    assert result.exit_code == 0, result.output
    load_house(tmp_path / "h")
    place = house()
    told = (place.operator, place.zone_name, place.reference_prefix, place.latest_end.hour, house_rules().hours[4])
    assert [str(each) for each in told[:4]] == ["Stadt Ort", "Europe/Berlin", "HAP", "22"]
    assert "theme.css" not in place.files
    assert (place.is_formal, place.welcome) == (
        True,
        "Sie machen in Ort etwas für andere und suchen einen Raum? In Haus am Park sind Sie willkommen.",
    )
    assert [sentence for sentence in REMEDIES if sentence not in result.output] == []


REMEDIES = (
    "Write both, like 35999 Steinbrück.",
    "Write an address like raeume@steinbrueck.de.",
    "The phone '030 1' is not like +49 30 12-345, with the code of the country.",
    "There are no holidays of 'DE', 'XX'. Write them like DE and HE.",
    "“17-9” is not like 9-17 or 9:30-17:00.",
    "“Saal” is not like Werkstatt 20",
    "Write du or Sie.",
    "Write two or three like #1d6f42 #ffb74a.",
    "accent has a contrast of 2.4 to dark, and text needs 7.",
)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("name", "", "The house's name is empty."),
        ("name", "Haus\tam Park", "It holds a character that nobody can see."),
        ("article", "dem", "The article 'dem' is none of der, die, das."),
        ("zone", "Europe/Berln", "Is it Europe/Berlin?"),
        ("prefix", "M-H", "is not of one to eight letters or digits."),
        ("website", "steinbrueck.de", "does not begin with https://"),
        ("hours", "fri-mon 9-17", "are not in their order: a week begins on Monday."),
        ("hours", "mon-fri 9-17, sun-sat 10-12", "The days of “sun-sat 10-12” are not in their order"),
        ("hours", "mon 9-13 12-17", "meet others of that day, or are not in their order."),
        ("hours", "mon-fri 9-17, fri 9-12", "The hours of “fri 9-12” meet others of that day"),
        ("hours", "funday 9-17", "is not like mon-fri 9-17"),
        ("latest_end", "late", "Write it like 22:00."),
        ("rooms", "Saal 0", "is not like Werkstatt 20"),
        ("rooms", "Saal 5, SAAL 6", "Two rooms have the same name"),
    ],
)
def test_new_house_refuses_what_cannot_be_meant_and_writes_nothing(run, tmp_path, name, value, complaint):
    result = run("house", "new", str(tmp_path / "h"), *options(**{name: value}))

    assert (result.exit_code, complaint in result.output) == (2, True), result.output
    assert not (tmp_path / "h").exists()


def test_new_house_leaves_a_folder_alone_that_is_there(run, tmp_path):
    result = run("house", "new", str(tmp_path), *options())

    assert (result.exit_code, "is there already" in result.output, list(tmp_path.iterdir())) == (1, True, [])


def test_example_house_is_for_no_postgresql_whoever_loads_it(postgresql_url):
    with application(postgresql_url, own=True) as app:
        result = app.test_cli_runner().invoke(args=["demo", "load"])

        assert (result.exit_code, "DATABASE_URL is a real database" in result.output) == (1, True), result.output
        with pytest.raises(SystemExit, match=r"start it: make serve"):
            setting_up.prepare(with_example=True)
        assert db.session.get(House, 1) is None
