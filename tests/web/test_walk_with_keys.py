"""Walk 5: from the start page to the thanks with the keyboard alone, and every stop of the focus is seen."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import arriving, check_axe, check_focus
from tests.support.visitor import ABOUT, Visitor

pytestmark = pytest.mark.browser

HAS_FOCUS = "element => element === document.activeElement"


class Keyboard:
    """A visitor without a mouse."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.page = visitor.page
        self.key = visitor.page.keyboard

    def tab_to(self, target):
        """Press Tab until it has the focus. Of a question with several choices, the first or the chosen one has it."""
        for _ in range(60):
            self.key.press("Tab")
            check_focus(self.page)
            if target.evaluate(HAS_FOCUS):
                return
        raise AssertionError(f"Tab never comes to {target}")

    def skip_to_content(self):
        """Past the header, as the first stop of each page offers."""
        self.tab_to(self.page.get_by_role("link", name=self.visitor.word("Direkt zum Inhalt")))
        self.key.press("Enter")

    def write(self, label, text):
        self.tab_to(self.visitor.field(label))
        self.key.type(text)

    def choose(self, question, answer):
        """A choice is reached with Tab, and the others of its question with the arrows."""
        group = self.page.get_by_role("group", name=self.visitor.word(question))
        choices = group.get_by_role("radio")
        self.tab_to(choices.first)
        wanted = group.get_by_role("radio", name=re.compile(rf"^{re.escape(self.visitor.word(answer))}$"))
        self.key.press("Space")
        for _ in range(choices.count()):
            if wanted.evaluate(HAS_FOCUS):
                break
            self.key.press("ArrowDown")
            check_focus(self.page)
        expect(wanted).to_be_checked()

    def press(self, words):
        self.tab_to(self.page.get_by_role("button", name=self.visitor.word(words), exact=True))
        with arriving(self.page):
            self.key.press("Enter")


@pytest.mark.parametrize("language", ["de", pytest.param("en", marks=pytest.mark.variant)])
def test_keyboard_alone_asks_for_a_room(server, page, smtp, language):
    group = Visitor(page, language, looks=language == "de")
    keyboard = Keyboard(group)
    group.open("/")
    keyboard.skip_to_content()
    keyboard.tab_to(page.get_by_role("main").get_by_role("link", name=group.word("Raum anfragen")).first)
    with arriving(page):
        page.keyboard.press("Enter")

    tell_when(keyboard)
    tell_about_us(keyboard)
    keyboard.press("Weiter")
    group.is_at("Alles richtig?")
    keyboard.skip_to_content()
    keyboard.tab_to(page.locator("#rules"))
    page.keyboard.press("Space")
    keyboard.press("Anfrage absenden")

    group.is_at("Danke, eure Anfrage ist da!")
    smtp.wait_for(2)
    group.open_link_in(smtp.to("zoe@example.org")[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Netzwerktreffen")


def tell_when(keyboard):
    """The first step, first without an answer."""
    group, page = keyboard.visitor, keyboard.page
    group.is_at("Wann trefft ihr euch?")
    keyboard.skip_to_content()
    keyboard.press("Weiter")
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    check_axe(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=group.word("Wähle aus, wie oft ihr euch trefft."))).to_be_focused()

    keyboard.choose("Wie oft trefft ihr euch?", "Einmal")
    keyboard.write("An welchem Tag?", "10.12.2026")
    button = page.get_by_role("button", name=f"{group.word('Im Kalender auswählen')} {group.word('An welchem Tag?')}")
    keyboard.tab_to(button)
    page.keyboard.press("Enter")
    expect(page.locator("[data-day='2026-12-10']")).to_be_focused()
    check_focus(page)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    keyboard.write("Beginn", "19")
    keyboard.write("Ende", "21")
    keyboard.write("Wie viele seid ihr ungefähr?", "12")
    keyboard.choose("Welcher Raum?", "Werkstatt")
    keyboard.press("Weiter")
    group.is_at("Über euch und euer Treffen")


def tell_about_us(keyboard):
    group = keyboard.visitor
    questions = iter(ABOUT.items())
    keyboard.skip_to_content()
    for _ in range(2):
        keyboard.write(*next(questions))
    keyboard.choose("Zu wem gehört ihr?", "Initiative, Verein oder freie Gruppe")
    keyboard.write(*next(questions))
    keyboard.choose("Wer darf kommen?", "Offen für alle")
    keyboard.choose(
        "Euer Treffen liegt außerhalb der Öffnungszeiten. Wie kommt ihr ins Haus?", "Wir brauchen einen Schlüssel"
    )
    for name, text in (("#onsite_name", "Zoë Müller"), ("#onsite_phone", "0170 1234567")):
        keyboard.tab_to(group.page.locator(name))
        keyboard.key.type(text)
    for question in questions:
        keyboard.write(*question)
