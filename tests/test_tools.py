"""The project's own tools: what the check of the catalogue lets through, and what is installed from where."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog

from tools import messages

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


def test_complaints_name_a_doubtful_translation():
    wanted = catalogue(("Room", ""))
    doubtful = Catalog(locale="de")
    doubtful.add("Room", "Raum", flags=["fuzzy"])

    assert messages.complaints(wanted, doubtful) == ["marked as doubtful (fuzzy): 'Room'"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "tools/node.txt", "package-lock.json"])
def test_lock_names_no_place_to_download_from(name):
    lock = (ROOT / name).read_text()

    assert re.findall(r"--(?:extra-)?index-url|--find-links|\"resolved\"|file://", lock) == []
