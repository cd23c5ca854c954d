"""Commands for operators."""

import pytest

from booking.database import db, writing
from booking.models import House, Room
from tests import make
from tests.support.app import application

HOUSE = """
[house]
name = "Bürgertreff"
site_name = "Räume im Bürgertreff"
site_name_en = "Rooms at the Bürgertreff"
operator = "Stadt Irgendwo"
welcome = "Willkommen."
welcome_en = "Welcome."
street = "Platz 1"
postcode = "12345"
city = "Irgendwo"
email = "treff@example.org"
phone = "+49 30 1234"
website = "https://example.org"
zone_name = "Europe/Berlin"
country = "DE"
subdivision = "BE"
reference_prefix = "BT"
way_in = "Bitte klingeln."
way_in_en = "Please ring."
lobby_hint = "Bitte klingeln."
lobby_hint_en = "Please ring."
lead_working_days = 1
answer_working_days = 5
latest_end = 21:30:00
tight_minutes = 15
most_dates = 30
rules_version = "1"

[hours]
saturday = [10:00:00, 14:00:00]

[[rooms]]
slug = "saal"
name = "Saal"
short_name = "Saal"
seats = 40
parts = ["Saal"]
way = "rechts"
way_en = "right"
direction = "right"
step_free = true
equipment = []
"""


@pytest.fixture
def run(app):
    return lambda *arguments, **options: app.test_cli_runner().invoke(args=list(arguments), **options)


@pytest.fixture
def house_file(tmp_path):
    path = tmp_path / "house.toml"
    path.write_text(HOUSE)
    return path


def test_house_load_sets_house_hours_and_rooms(run, house_file):
    assert run("house", "load", str(house_file)).output == "Bürgertreff is set up.\n"

    assert (db.session.get(House, 1).city, [room.name for room in db.session.scalars(db.select(Room))]) == (
        "Irgendwo",
        ["Saal"],
    )


def test_house_load_again_changes_what_changed_and_adds_no_room(run, house_file):
    run("house", "load", str(house_file))
    house_file.write_text(HOUSE.replace("seats = 40", "seats = 44"))

    before = db.session.get(House, 1).version
    run("house", "load", str(house_file))

    assert [(room.name, room.seats) for room in db.session.scalars(db.select(Room))] == [("Saal", 44)]
    assert db.session.get(House, 1).version > before, "readers would keep the pages they have"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param('city = "Irgendwo"', "", "house lacks city.", id="something is missing"),
        pytest.param(
            "most_dates = 30",
            'most_dates = "30"',
            "most_dates cannot be '30'. Write it like 40.",
            id="a word for a number",
        ),
        pytest.param("city =", "town =", "house has no 'town'.", id="an unknown name"),
        pytest.param("saturday", "samstag", "'samstag' is no weekday.", id="no weekday"),
        pytest.param("14:00:00]", "09:00:00]", "the hours of saturday end before they begin.", id="hours backwards"),
        pytest.param('parts = ["Saal"]', "", "the room 'Saal' has no parts, such as", id="a room without parts"),
        pytest.param(HOUSE[HOUSE.index("[[rooms]]") :], "", "needs at least one room", id="no rooms"),
        pytest.param("treff@", "treff@@", "email cannot be 'treff@@example.org'", id="no address"),
        pytest.param("[house]", "[house", "cannot be read", id="not TOML"),
        pytest.param("[house]", "[[house]]", "house stands there as [house]", id="a list of houses"),
        pytest.param("[[rooms]]", "[rooms]", "rooms as [[rooms]]", id="a table of rooms"),
        pytest.param("[[rooms]]", "[[room]]", "there is no table 'room'", id="a mistyped table"),
        pytest.param('parts = ["Saal"]', 'parts = "Saal"', "has no parts, such as", id="parts that are a word"),
        pytest.param("seats = 40", "seats = -1", "has no seats from 1", id="less than no seats"),
        pytest.param("[house]", "[house]\nversion = 1", "house has no 'version'", id="what the service counts"),
        pytest.param("Europe/Berlin", "Europe/Berln", "There is no time zone 'Europe/Berln'", id="no zone"),
        pytest.param("most_dates = 30", "most_dates = 0", "most_dates is not from 1 to 520", id="no dates"),
    ],
)
def test_house_load_and_check_say_what_cannot_be_meant_and_store_nothing(run, house_file, old, new, complaint):
    house_file.write_text(HOUSE.replace(old, new, 1))

    for command in ("check", "load"):
        result = run("house", command, str(house_file))

        assert (result.exit_code, complaint in result.output) == (1, True), result.output
        assert db.session.get(House, 1) is None


def test_house_check_changes_nothing(run, house_file):
    assert run("house", "check", str(house_file)).output == f"{house_file} can be loaded.\n"
    assert db.session.get(House, 1) is None

    run("house", "load", str(house_file))
    house_file.write_text(HOUSE.replace("Bürgertreff", "Anderswo").replace("seats = 40", "seats = 44"))
    assert run("house", "check", str(house_file)).exit_code == 0
    assert (db.session.get(House, 1).name, db.session.scalars(db.select(Room.seats)).all()) == ("Bürgertreff", [40])


def test_demo_load_refuses_to_mix_examples_with_real_bookings(run):
    make.house()

    result = run("demo", "load")

    assert (result.exit_code, "There is a house already" in result.output) == (1, True)


def test_letters_send_once_says_how_many_went(run):
    make.house()

    assert run("letters", "send", "--once").output == "0 sent.\n"


def test_a_new_installation_begins_with_any_command(tmp_path, house_file):
    with application(f"sqlite:///{tmp_path / 'new.sqlite'}", serving=False, own=True) as app:
        result = app.test_cli_runner().invoke(args=["house", "load", str(house_file)])

        assert (result.exit_code, result.output) == (0, "Bürgertreff is set up.\n")


def test_commands_say_what_a_database_needs_that_is_behind(run, house_file):
    with writing(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    result = run("house", "load", str(house_file))

    sentence = "Error: The database is not up to date. Run first: flask --app app db upgrade\n"
    assert (result.exit_code, result.output) == (1, sentence)


def test_commands_say_that_the_database_cannot_be_reached():
    with application("postgresql://booking:secret@127.0.0.1:1/booking", serving=False, own=True) as app:
        result = app.test_cli_runner().invoke(args=["staff", "list"])

    assert (result.exit_code, "cannot be reached" in result.output, "secret" in result.output) == (1, True, False)


def test_demo_load_is_for_no_public_address(app, run):
    app.config["PUBLIC_URL"] = "https://raeume.example.org"

    result = run("demo", "load")

    assert (result.exit_code, "flask --app app house new FOLDER" in result.output) == (1, True)
    assert db.session.get(House, 1) is None
