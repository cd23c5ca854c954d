"""The import law is kept, and the check that proves it fails when it is broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def lint_imports(folder):
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "booking", tmp_path / "booking", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "config.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_import_law_is_kept():
    assert lint_imports(ROOT)[0] == 0


BREAKING = {
    "the domain knows Flask": ("domain/slot.py", "import flask", "booking.domain.slot -> flask"),
    "reading knows a use case": (
        "agenda.py",
        "from booking import requesting",
        "booking.agenda -> booking.requesting",
    ),
    "use cases know each other": (
        "requesting.py",
        "from booking import deciding",
        "booking.requesting -> booking.deciding",
    ),
    "one audience borrows from another": (
        "web/status_page/show.py",
        "from booking.web.request_form import progress",
        "booking.web.status_page.show -> booking.web.request_form.progress",
    ),
    "what all use borrows from an audience": (
        "web/forms/texts.py",
        "from booking.web.staff import places",
        "booking.web.forms.texts -> booking.web.staff.places",
    ),
}


def test_import_law_names_what_breaks_it(copy):
    for module, line, _ in BREAKING.values():
        path = copy / "booking" / module
        path.write_text(f"{path.read_text()}\n{line}\n")

    code, output = lint_imports(copy)

    assert code == 1
    assert [what for what, (*_, named) in BREAKING.items() if named not in output] == [], output


@pytest.mark.parametrize("folder", ["", "web"])
def test_import_law_asks_a_new_module_for_its_place(copy, folder):
    (copy / "booking" / folder / "helpers.py").write_text('"""Nobody knows where this belongs."""\n')

    code, output = lint_imports(copy)

    assert (code, "helpers" in output) == (1, True), output
