"""The project's own tools: what `make check` lets through, and what is installed from where."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages import Catalog

from tools import messages

ROOT = Path(__file__).resolve().parent.parent


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [program, "--no-cache"], check=False, cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("module", "line", "complaint"),
    [
        pytest.param(
            "domain/policy.py", "import flask", "booking.domain.policy -> flask", id="a rule that knows the web"
        ),
        pytest.param(
            "domain/policy.py", "import booking.clock", "booking.domain.policy -> booking.clock", id="asks the time"
        ),
        pytest.param(
            "schedule.py", "import booking.web", "booking.schedule -> booking.web", id="a lower layer that calls up"
        ),
        pytest.param(
            "requesting.py", "import booking.deciding", "booking.requesting -> booking.deciding", id="neighbours"
        ),
    ],
)
def test_import_law_refuses(tmp_path, module, line, complaint):
    shutil.copytree(ROOT / "booking", tmp_path / "booking", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "booking" / module).open("a") as file:
        file.write(f"\n{line}\n")

    answer = lint_imports(tmp_path)

    assert answer.returncode == 1
    assert complaint in answer.stdout


def test_import_law_refuses_a_module_without_a_layer(tmp_path):
    shutil.copytree(ROOT / "booking", tmp_path / "booking", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "booking" / "helpers.py").touch()

    answer = lint_imports(tmp_path)

    assert answer.returncode == 1
    assert "helpers" in answer.stdout


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
