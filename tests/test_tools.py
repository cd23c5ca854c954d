"""The project's own tools: what the check of the catalogue lets through, and what is installed from where."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog

from tools import messages, migration

ROOT = Path(__file__).resolve().parent.parent


def catalogue(*entries: tuple[str | tuple[str, str], str | tuple[str, str]]) -> Catalog:
    made = Catalog(locale="de")
    for source, german in entries:
        made.add(source, german)
    return made


ROOMS = ("%(number)s room", "%(number)s rooms")


@pytest.mark.parametrize(
    ("entries", "complaints"),
    [
        pytest.param([("Room", "Raum"), (ROOMS, ("Ein Raum", "%(number)s Räume"))], [], id="complete"),
        pytest.param([(ROOMS, ("Ein Raum", "%(number)s Räume"))], ["not translated: 'Room'"], id="missing"),
        pytest.param([("Room", ""), (ROOMS, ("Ein Raum", "%(number)s Räume"))], ["not translated: 'Room'"], id="empty"),
        pytest.param(
            [("Room", "Raum"), (ROOMS, ("Ein Raum", ""))], ["not translated: '%(number)s room'"], id="no plural"
        ),
        pytest.param(
            [("Room", "Raum"), (ROOMS, ("Ein Raum", "%(anzahl)s Räume"))],
            ["placeholders differ: '%(number)s room'"],
            id="another placeholder",
        ),
        pytest.param(
            [("Room", "Raum"), ("Hall", "Saal"), (ROOMS, ("Ein Raum", "%(number)s Räume"))],
            ["no longer used: 'Hall'"],
            id="left over",
        ),
    ],
)
def test_complaints_name_what_keeps_the_catalogue_from_being_complete(entries, complaints):
    wanted = catalogue(("Room", ""), (ROOMS, ("", "")))

    assert messages.complaints(wanted, catalogue(*entries)) == complaints


def test_language_that_is_not_whole_needs_what_the_team_alone_reads_in_no_catalogue():
    wanted = Catalog()
    for name, *places in (("Room", "booking/wording.py"), ("Keys", "templates/staff/keys.html", "booking/wording.py")):
        wanted.add(name, locations=[(place, 1) for place in places])
    wanted.add("Outbox", locations=[("templates/staff/outbox.html", 1), ("booking/web/staff/letters.py", 1)])

    some = messages.complaints(wanted, catalogue(("Room", "Kamer")), whole=False)

    assert some == ["not translated: 'Keys'"]
    assert messages.complaints(wanted, catalogue(("Room", "Kamer"), ("Outbox", "")), whole=False)[1:] == [
        "not translated: 'Outbox'"
    ]


def test_complaints_name_a_doubtful_translation():
    wanted = catalogue(("Room", ""))
    doubtful = Catalog(locale="de")
    doubtful.add("Room", "Raum", flags=["fuzzy"])

    assert messages.complaints(wanted, doubtful) == ["marked as doubtful (fuzzy): 'Room'"]


@pytest.mark.parametrize(
    ("formal", "complaints"),
    [
        ({"Your name": "Ihr Name"}, []),
        ({}, ["familiar, and not in formal.po: 'Your name'"]),
        ({"Your name": "Ihr Name", "Gone": "Weg"}, ["formal, and no longer used: 'Gone'"]),
        ({"Your name": "Dein Name"}, ["not formal, but in formal.po: 'Your name'"]),
        (
            {"Your name": "Ihr Name %(x)s"},
            ["formal, and empty, doubtful (fuzzy) or with other placeholders: 'Your name'"],
        ),
    ],
)
def test_complaints_about_formal_name_what_would_say_du_in_a_house_that_says_sie(formal, complaints):
    wanted = Catalog()
    wanted.add("Your name", locations=[("booking/web/staff/forms.py", 1), ("templates/request_form/about.html", 1)])
    wanted.add("Your password", locations=[("templates/auth/sign_in.html", 1)])
    german = catalogue(("Your name", "Dein Name"), ("Your password", "Dein Passwort"))

    assert messages.complaints_about_formal(wanted, german, catalogue(*formal.items())) == complaints


@pytest.mark.parametrize(
    ("sentence", "is_familiar"),
    [
        *((f"Das ist {each} Raum.", True) for each in ("dein", "euer", "eure", "für dich", "für euch")),
        *((each, True) for each in ("Schreib uns.", "Geh zurück, oder fang neu an.", "Kommst du?", "Ihr seid da.")),
        *((each, True) for each in ("Bitte schick das ab.", "Oder antworte uns.", "Wann trefft ihr euch?")),
        *((each, False) for each in ("Schreiben Sie uns.", "Mit ihr geht das.", "Ihr Name", "Ihre Termine", "Direkt")),
        *((each, False) for each in ("Er schickt das ab.", "Wer kommt, geht auch.", "Wann treffen Sie sich?")),
    ],
)
def test_pattern_knows_what_says_du(sentence, is_familiar):
    assert bool(messages.FAMILIAR.search(sentence)) == is_familiar


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "tools/node.txt", "package-lock.json"])
def test_lock_names_no_place_to_download_from(name):
    lock = (ROOT / name).read_text()

    assert re.findall(r"--(?:extra-)?index-url|--find-links|\"resolved\"|file://", lock) == []


def test_next_migration_has_the_next_number():
    assert migration.next_number(["0001_all_tables.py", "0010_more.py", "0009_less.py"]) == "0011"


def test_migration_is_written_without_remarks_and_asks_for_values_of_rows():
    written = """
    # ### commands auto generated by Alembic - please adjust! ###
    with op.batch_alter_table('room', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lift', sa.Boolean(), nullable=False))
        batch_op.add_column(sa.Column('note', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('beds', sa.Integer(), server_default="0", nullable=False))
"""
    expected = """
    with op.batch_alter_table('room') as batch:
        batch.add_column(sa.Column('lift', sa.Boolean(), nullable=False))
        batch.add_column(sa.Column('note', sa.String(), nullable=True))
        batch.add_column(sa.Column('beds', sa.Integer(), server_default="0", nullable=False))
"""

    assert (migration.tidied(written), migration.without_value(written)) == (expected, ["lift"])


def test_migrations_are_named_after_what_they_do_and_form_one_chain():
    """As `make migration` writes them."""
    names = sorted(path.stem for path in (ROOT / "migrations" / "versions").glob("*.py"))
    numbers = [name.partition("_")[0] for name in names]

    assert numbers == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [name for name in names if not re.fullmatch(r"\d{4}(_[a-z]+)+", name)] == []
