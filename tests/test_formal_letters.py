"""The German letters in both forms, *du* and *Sie*: they differ in how they speak to people, and in nothing else."""

import re
from pathlib import Path

import pytest

MAIL = Path(__file__).parents[1] / "templates" / "mail"
FAMILIAR, FORMAL = MAIL / "de", MAIL / "de_formal"

#: Whoever reads of a request at its page for the team is one of the team, which says *du* to each other in every house.
FOR_THE_TEAM = "/team/anfragen/"

#: How *du* and *ihr* are heard; of what they tell somebody to do, all that letters have said so far.
TO_FRIENDS = re.compile(
    r"\b(?:du|dich|dir|dein\w*|euch|euer|eure\w*|ihr"
    r"|habt|seid|wollt|könnt|hast|bist|kannst|musst|möchtest|willst|bekommst"
    r"|bitte (?:sagt|schreibt|antwortet|meldet)|verlasst"
    r"|(?:bestätige|antworte|bring|gib|melde|sag|schau|schreib|such)(?! Sie\b))\b"
)
#: How *Sie* is heard. *Sie* and *Ihr* may begin a sentence about others, and *Ihr* one to friends.
TO_STRANGERS = re.compile(r"\b(?:Ihnen|Ihre[mnrs]?)\b|(?<![.!?:] )(?<!^)\b(?:Sie|Ihr)\b", re.MULTILINE)


def words_of(source: str) -> str:
    """What a template says, with the words between which an expression chooses; names of variables are none of it."""
    said = re.sub(r"{%.*?%}|⟦\w+⟧", " ", source)
    return re.sub(r"{{.*?}}", lambda filled: " ".join(re.findall(r'"([^"]*)"', filled[0])), said)


def lowered(words: str) -> str:
    """Words as they would stand within a sentence, where only *Sie* and its forms are large."""
    return re.sub(r"\b(?!Sie\b|Ihr)[A-ZÄÖÜ]", lambda found: found[0].lower(), words)


def frame_of(source: str) -> list[str]:
    """All of a template that is no words, in its order: what is filled in, when it is said, and what is included."""
    found = re.findall(r"{%-? .*? -?%}|{{ .*? }}|⟦\w+⟧", source.replace("mail/de_formal/", "mail/de/"))
    return [re.sub(r'"[^"]*"', '""', each) if each.startswith("{{") else each for each in found]


def read(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))}


def test_letters_that_speak_to_a_group_are_there_in_both_forms() -> None:
    """Speaking or not, what includes a part that speaks is there twice: it names the part's file."""
    familiar, formal = read(FAMILIAR), read(FORMAL)
    to_groups = {name: source for name, source in familiar.items() if FOR_THE_TEAM not in source}
    speaking = {name for name, source in to_groups.items() if TO_FRIENDS.search(lowered(words_of(source)))}
    including = {
        name for name, source in to_groups.items() if any(f"mail/de/{each}.txt" in source for each in speaking)
    }

    assert formal.keys() == speaking | including


@pytest.mark.parametrize("name", read(FORMAL))
def test_formal_letter_fills_in_what_the_familiar_one_does(name: str) -> None:
    formal, familiar = read(FORMAL)[name], read(FAMILIAR)[name]

    assert frame_of(formal) == frame_of(familiar)
    for partial in re.findall(r'include "mail/de/(\w+)\.txt"', formal):
        assert not (FORMAL / f"{partial}.txt").exists(), "a formal letter has the formal parts"


def test_no_letter_mixes_the_forms() -> None:
    formal, familiar = read(FORMAL), {**read(FAMILIAR), **read(FAMILIAR / "team")}

    assert {name: TO_FRIENDS.findall(lowered(words_of(source))) for name, source in formal.items()} == {
        name: [] for name in formal
    }
    assert {name: TO_STRANGERS.findall(words_of(source)) for name, source in familiar.items()} == {
        name: [] for name in familiar
    }


@pytest.mark.parametrize(
    ("words", "familiar", "formal"),
    [
        ("Habt ihr noch Fragen?", True, False),
        ("Dein Termin hängt an.", True, False),
        ("Bitte bring ihn zurück.", True, False),
        ("Bitte bringen Sie ihn zurück.", False, True),
        ("Ist Ihr Treffen offen?", False, True),
        ("Wir freuen uns auf Sie!", False, True),
        ("Die Termine bleiben, wie sie sind. Sie stehen im Kalender.", False, False),
    ],
)
def test_forms_are_heard(words: str, familiar: bool, formal: bool) -> None:
    assert bool(TO_FRIENDS.search(lowered(words))) == familiar
    assert bool(TO_STRANGERS.search(words)) == formal
