"""Both halves of a mail say the same: the plain text, and its HTML for programs that show nothing else well."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.letters import dispatch
from booking.letters.html import LINE, NEXT, letter_html
from tests.support.letters import FOLDER, NOW, put

CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

TEXT = """\
Hallo Zoë Müller,

Zugesagt:
Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche
Mi, 13. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche

Hier kannst du alles ansehen: http://localhost/a/a1b2-_."""

HOME = "http://localhost"
WORDS = st.text(st.sampled_from("aä<>&\"'⟦⟧{}%\\:/.-@ \n\thtp")) | st.text()


class Reader(HTMLParser):
    """What a person reads in a page, and where its links lead."""

    def __init__(self):
        super().__init__()
        self.text, self.title, self.links, self.languages, self.loaded = "", "", [], [], []
        self.bold, self.buttons = [], []
        self.within = ""
        self.is_in_body = False

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "body":
            self.is_in_body = True
        if tag == "br":
            self.text += "\n"
        if tag == "a" and "style" not in values:
            self.links.append(values["href"])
        if tag in ("h1", "strong", "a"):
            self.within = "button" if "style" in values and tag == "a" else tag
        if "lang" in values:
            self.languages.append((tag, values["lang"]))
        if tag in ("img", "script", "link", "iframe") or "src" in values or "background" in values:
            self.loaded.append(tag)

    def handle_endtag(self, tag):
        if tag == "p":
            self.text += "\n\n"
        self.within = ""

    def handle_data(self, text):
        if self.within == "h1":
            self.title += text
        elif self.within == "button":
            self.buttons.append(text)
            self.text += f"{text}:"
        elif self.is_in_body:
            if self.within == "strong":
                self.bold.append(text)
            self.text += text.replace("\n", "")  # the lines of the source are none of the page


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def words(text):
    """The words in their order, without the line between two languages, which is drawn in HTML."""
    return text.replace(LINE, " ").split()


def test_page_has_the_paragraphs_and_lines_of_the_text():
    page = read(letter_html(TEXT, "Zugesagt", "de", HOME))

    assert page.text.strip() == TEXT
    assert (page.languages, page.loaded) == ([("html", "de")], [])


def test_page_of_two_languages_says_which_is_which():
    page = read(letter_html(f"Hello\n\n{LINE}\n\nHallo", "Confirmed", "en", HOME))

    assert page.text.split() == ["Hello", "Hallo"]
    assert page.languages == [("html", "en"), ("div", "de")]


@pytest.mark.parametrize(
    ("line", "links"),
    [
        ("Siehe http://localhost/a/a1b2-_", ["http://localhost/a/a1b2-_"]),
        ("Die Hausordnung: http://localhost/hausordnung.", ["http://localhost/hausordnung"]),
        ("(siehe http://localhost/a?b=1&c=2#d)", ["http://localhost/a?b=1&c=2#d"]),
        ("Gewonnen! https://example.org/ und http://localhost.example.org/", []),
        ("http://localhost", ["http://localhost"]),
        ("innovationen@bielefeld.de, 0521 51-34408", ["mailto:innovationen@bielefeld.de"]),
        ("javascript:alert(1) data:text/html,x file:///etc www.example.org", []),
        ('http://localhost/"onclick="x', ["http://localhost/"]),
        ("http://localhost/<b>", ["http://localhost/"]),
        ("16:00 @ Werkstatt", []),
    ],
)
def test_addresses_can_be_clicked_and_nothing_else(line, links):
    page = read(letter_html(line, "Hallo", "de", HOME))

    assert (page.links, page.text.strip()) == (links, line)


@pytest.mark.parametrize(
    ("text", "button", "read_as"),
    [
        ("Antworten:\nADDRESS", "Antworten", "Antworten:\nADDRESS"),
        ("Gut? Dann los. Alles ansehen:\nADDRESS", "Alles ansehen", "Gut? Dann los.\nAlles ansehen:\nADDRESS"),
        ("Ansehen und entscheiden: ADDRESS", "Ansehen und entscheiden", "Ansehen und entscheiden:\nADDRESS"),
        ("Im Kalender steht es.\nADDRESS", "Ansehen", "Im Kalender steht es.\nAnsehen:\nADDRESS"),
        ("ADDRESS", "Ansehen", "Ansehen:\nADDRESS"),
        ("Melde dich bald oder sag hier die Termine ab:\nADDRESS", "Ansehen", None),
        ("Chor\nADDRESS\n\nNähen\nADDRESS", None, "Chor\nADDRESS\n\nNähen\nADDRESS"),
        ("Die Hausordnung steht hier, bitte lies sie durch: ADDRESS", None, None),
        ("Siehe ADDRESS.", None, None),
        ("Antworten:\nhttps://evil.example/a/b", None, None),
    ],
)
def test_letter_has_one_button_where_one_thing_is_to_be_done(text, button, read_as):
    address = f"{HOME}/a/x_Y-z"

    page = read(letter_html(text.replace("ADDRESS", address), "Hallo", "de", HOME))

    assert page.buttons == ([button] if button else [])
    if read_as:
        assert page.text.strip() == read_as.replace("ADDRESS", address)


def test_next_date_is_in_bold():
    page = read(letter_html(f"Zugesagt:\n{NEXT}Mi, 6. Januar 2027\nMi, 13. Januar 2027", "Zugesagt: Chor", "de", HOME))

    assert (page.title, page.bold) == ("Zugesagt: Chor", ["Mi, 6. Januar 2027"])
    assert page.text.strip() == "Zugesagt:\nMi, 6. Januar 2027\nMi, 13. Januar 2027"


@given(WORDS, WORDS)
def test_whatever_is_written_both_halves_say_the_same(text, title):
    text = text.replace("\r", " ").replace("\x00", " ")

    page = letter_html(text, title, "de", HOME)

    assert words(read(page).text) == words(text.removeprefix(NEXT))
    assert page.count("<title>") == page.count("</body>") == 1


@pytest.mark.parametrize("letter", sorted(FOLDER.rglob("*.txt")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_letter_says_the_same_as_page(letter):
    title, _, text = letter.read_text(encoding="utf-8").strip().partition("\n\n")

    page = read(letter_html(text, title, letter.parent.name.replace("office", "de"), HOME))

    assert page.title == title
    assert page.text.strip() == re.sub(": (http://localhost/team)", r":\n\1", text)


def test_mail_has_both_halves_and_the_dates(sending, smtp):
    put(subject="Zugesagt: <Treffen> & mehr", body=TEXT, calendar=CALENDAR)

    dispatch.deliver_due(NOW)

    [message] = smtp.messages
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    plain, page = message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()
    assert words(read(page).text) == words(plain) == words(TEXT)
    assert "<title>Zugesagt: &lt;Treffen&gt; &amp; mehr</title>" in page
