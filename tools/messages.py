"""The catalogues: brought up to date with the code, checked, compiled.

``messages.po`` holds a translation for every message and nothing else; places
in the code and dates are left out, so that its history shows changed words only.
``formal.po`` holds what a house says otherwise that addresses people formally.

That of a language which is not whole (``language.toml``) needs no messages that the
team alone reads: they are English there, and counted.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from booking.domain.familiar import FAMILIAR

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "booking" / "translations"
GERMAN = TRANSLATIONS / "de" / "LC_MESSAGES" / "messages.po"
CATALOGUES = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
FORMAL = GERMAN.with_name("formal.po")
#: Where messages stand that the team alone reads: as colleagues, who say du in every house.
OF_COLLEAGUES = (
    *("templates/staff/", "templates/auth/", "templates/_layout/staff.html", "templates/_layout/page.html"),
    *("booking/web/staff/", "booking/web/auth.py", "booking/web/second_step.py", "booking/web/sign_on.py"),
    "booking/importing/",
)
#: Where they stand that groups and visitors do not read.
OF_THE_TEAM = (*OF_COLLEAGUES, "booking/web/api.py", "booking/web/api_questions.py", "booking/web/open_data.py")
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%%")


def extract() -> Catalog:
    """All messages that the code and the templates use."""
    pybabel = Path(sys.executable).with_name("pybabel")
    # Without --ignore-dirs, folders like templates/_macros are left out as well as hidden ones.
    options = ["--quiet", "extract", "--ignore-dirs=.*", "--mapping-file=pyproject.toml"]
    options += ["--keywords=lazy_gettext", "--keywords=Phrase:1,1t", "--keywords=Phrase:1,2,2t"]  # see booking/log.py
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "messages.pot")
        subprocess.run([pybabel, *options, "--output-file", template, "."], cwd=ROOT, check=True)
        with template.open("rb") as file:
            return read_po(file)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def is_whole(path: Path) -> bool:
    """Whether the language of a catalogue needs all messages."""
    about = tomllib.loads((path.parents[1] / "language.toml").read_text("utf-8"))
    return bool(about.get("is_whole", True))


def is_of_the_team(message: Message) -> bool:
    return all(file.startswith(OF_THE_TEAM) for file, _ in message.locations)


def identifier(message: Message) -> tuple[str | None, tuple[str, ...]]:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    return message.context, ids


def texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def complaints(wanted: Catalog, catalogue: Catalog, *, whole: bool = True) -> list[str]:
    """What keeps the catalogue from being complete, a sentence each; not ``whole``: of what the team does not read."""
    translated = {identifier(message): message for message in catalogue if message.id}
    found = []
    for message in wanted:
        if not message.id:
            continue
        translation = translated.pop(identifier(message), None)
        name = repr(identifier(message)[1][0])
        if translation is None and not whole and is_of_the_team(message):
            continue
        if translation is None or not all(texts(translation)):
            found.append(f"not translated: {name}")
        elif translation.fuzzy:
            found.append(f"marked as doubtful (fuzzy): {name}")
        elif not have_same_placeholders(translation):
            found.append(f"placeholders differ: {name}")
    found += [f"no longer used: {ids[0]!r}" for _, ids in translated]
    found += [f"no longer used: {identifier(message)[1][0]!r}" for message in catalogue.obsolete.values()]
    return found


def have_same_placeholders(message: Message) -> bool:
    """Whether each text has the placeholders of its msgid; a singular may leave out those of the plural."""
    _, ids = identifier(message)
    strings = texts(message)
    wanted = {name for text in ids for name in PLACEHOLDER.findall(text)}
    if len(ids) == 1:
        return sorted(PLACEHOLDER.findall(strings[0])) == sorted(PLACEHOLDER.findall(ids[0]))
    plurals = [set(PLACEHOLDER.findall(text)) for text in strings]
    return plurals[-1] == set(PLACEHOLDER.findall(ids[-1])) and all(names <= wanted for names in plurals)


def complaints_about_formal(wanted: Catalog, catalogue: Catalog, formal: Catalog) -> list[str]:
    """What keeps a formal house from saying *Sie* and nothing else to whoever is not of the team."""
    places = {identifier(message): [path for path, _ in message.locations] for message in wanted if message.id}
    known = {identifier(message): message for message in catalogue if message.id}
    there = {identifier(message): message for message in formal if message.id}
    found = [f"formal, and no longer used: {ids[1][0]!r}" for ids in there.keys() - known.keys()]
    for ids, message in known.items():
        name, said = repr(ids[1][0]), there.get(ids)
        if said is None:
            is_for_all = not all(path.startswith(OF_COLLEAGUES) for path in places.get(ids, ()))
            if is_for_all and any(map(FAMILIAR.search, texts(message))):
                found.append(f"familiar, and not in {FORMAL.name}: {name}")
        elif not all(texts(said)) or said.fuzzy or not have_same_placeholders(said):
            found.append(f"formal, and empty, doubtful (fuzzy) or with other placeholders: {name}")
        elif any(map(FAMILIAR.search, texts(said))) or texts(said) == texts(message):
            found.append(f"not formal, but in {FORMAL.name}: {name}")
    return found


def update(wanted: Catalog, path: Path) -> None:
    """Take new messages in, empty, and throw those out that are no longer used."""
    old, whole = read(path), is_whole(path)
    translations = {identifier(message): message for message in old if message.id}
    new = Catalog(locale=old.locale, charset="utf-8", fuzzy=False)
    new.mime_headers = old.mime_headers
    language = new.locale.get_language_name("en") if new.locale else ""
    new.header_comment = (
        f"# What people read in {language}. The msgids are those of the code: make messages keeps them up to date."
    )
    for message in wanted:
        if message.id:
            known = translations.get(identifier(message))
            if known is None and not whole and is_of_the_team(message):
                continue
            flags = message.flags | ({"fuzzy"} if known and known.fuzzy else set())
            new.add(message.id, known.string if known else None, flags=flags, context=message.context)
    write(path, new)


def update_formal(catalogue: Catalog) -> None:
    """Throw out what the catalogue no longer has."""
    formal, used = read(FORMAL), {identifier(message) for message in catalogue if message.id}
    for message in list(formal):
        if message.id and identifier(message) not in used:
            formal.delete(message.id, message.context)
    write(FORMAL, formal)


def write(path: Path, catalogue: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalogue, sort_output=True, width=0, no_location=True, ignore_obsolete=True)


def compile_all() -> None:
    for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["update", "check", "compile"])
    action = parser.parse_args().action
    if action == "compile":
        compile_all()
        return 0
    wanted, number = extract(), 0
    for path in CATALOGUES if action == "update" else ():
        update(wanted, path)
    if action == "update":
        update_formal(read(GERMAN))
    compile_all()
    for path in CATALOGUES:
        catalogue = read(path)
        found = complaints(wanted, catalogue, whole=is_whole(path))
        if path == GERMAN:
            found += complaints_about_formal(wanted, catalogue, read(FORMAL))
        number += len(found)
        print(*found, sep="\n", end="\n" if found else "")
        missing = f", {len(wanted) - len(catalogue)} messages are left to English" if not is_whole(path) else ""
        print(f"{len(found)} complaints about {path.relative_to(ROOT)}{missing}")
    return int(bool(number))


if __name__ == "__main__":
    sys.exit(main())
