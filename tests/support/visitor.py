"""Somebody who asks for a room in a browser, in German or English: told by the words that people see.

Walks are written in German; what stands on the English pages is looked up among the agreed words.
"""

import re
from collections.abc import Mapping
from email.message import EmailMessage
from types import MappingProxyType

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import follow, look, press
from tests.support.mail import plain
from tests.test_microcopy import AGREED

ENGLISH = {german: english for _key, english, german in AGREED} | {
    "Anzahl Treffen": "How many meetings",
    "Das habt ihr schon geschickt.": "You have sent this already.",
    "Diese Termine zeigen": "Show these dates",
    "Direkt zum Inhalt": "Skip to content",
    "Letzter möglicher Tag": "Last possible day",
    "Raum anfragen": "Request a room",
}
PREFIXES = {"de": "", "en": "/en"}

#: What is asked about a group, by the question.
ABOUT = {
    "Wie heißt euer Treffen?": "Netzwerktreffen",
    "Wer trifft sich?": "Gesundheitsladen",
    "Worum geht es?": "Wir bereiten Projekte vor.",
    "Wie heißt du?": "Zoë Müller",
    "Deine E-Mail-Adresse": "zoe@example.org",
}


class Visitor:
    """A page and the language in which it is read. ``looks``: whether `look` looks; it takes a second a page."""

    def __init__(self, page: Page, language: str = "de", *, looks: bool = True) -> None:
        self.page = page
        self.language = language
        self.looks = looks

    def word(self, german: str) -> str:
        return german if self.language == "de" else ENGLISH.get(german, german)  # names of rooms are the same

    def of(self, german: str, english: str) -> str:
        """For sentences with values in them."""
        return german if self.language == "de" else english

    def open(self, path: str) -> None:
        self.page.goto(PREFIXES[self.language] + path)

    def press(self, german: str) -> None:
        press(self.page, self.word(german))

    def follow(self, german: str) -> None:
        follow(self.page, self.word(german))

    def choose(self, *german: str) -> None:
        for each in german:
            self.page.locator("label", has_text=self.word(each)).first.click()

    def field(self, german: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^{re.escape(self.word(german))}( \(.*\))?$"))

    def fill(self, german: str, text: str) -> None:
        self.field(german).fill(text)

    def is_at(self, german: str) -> None:
        """On the page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.word(german))

    def words(self, selector: str = "main") -> str:
        return " ".join(self.page.locator(selector).inner_text().split())

    def look(self, name: str) -> None:
        if self.looks:
            look(self.page, f"request-{name}-{self.language}")

    def tell_when(self, rhythm: str, date: str, start: str, end: str, people: str, room: str) -> None:
        """All of step 1 that is asked for in every rhythm."""
        self.choose(rhythm)
        self.fill("An welchem Tag?" if rhythm == "Einmal" else "Wann ist das erste Treffen?", date)
        self.fill("Beginn", start)
        self.fill("Ende", end)
        self.fill("Wie viele seid ihr ungefähr?", people)
        self.page.locator("label", has_text=room).first.click()

    def tell_about_us(self, answers: Mapping[str, str] = MappingProxyType({})) -> None:
        """All of step 3, for a meeting outside opening hours: what stands in `ABOUT`, or these answers."""
        for question, answer in {**ABOUT, **answers}.items():
            self.fill(question, answer)
        self.choose("Initiative, Verein oder freie Gruppe", "Offen für alle", "Wir brauchen einen Schlüssel")
        self.page.locator("#onsite_name").fill("Zoë Müller")
        self.page.locator("#onsite_phone").fill("0170 1234567")

    def agree(self) -> None:
        if not self.page.locator("#rules").is_checked():
            self.choose("Wir haben die Hausordnung gelesen und halten uns daran.")

    def send(self) -> str:
        """Agree to the house rules and send; the reference."""
        self.agree()
        self.press("Anfrage absenden")
        self.is_at("Danke, eure Anfrage ist da!")
        return self.page.locator(".ref b").inner_text()

    def open_link_in(self, letter: EmailMessage) -> None:
        """The group's own page, whose address stands in the letter and nowhere else."""
        found = re.search(r"^http://127[.]0[.]0[.]1:\d+(\S*/a/\S+)\s*$", plain(letter), re.MULTILINE)
        assert found, plain(letter)
        self.page.goto(found[1])

    def date_lines(self) -> list[str]:
        return [" ".join(line.split()) for line in self.page.locator(".date-lines li").all_inner_texts()]


def dates_in(letter: EmailMessage) -> list[str]:
    """The lines of a letter that are dates with their rooms."""
    return [line for line in plain(letter).splitlines() if line.endswith(("Große Fläche", "Werkstatt"))]
