"""The second half of a mail: its plain text once more as HTML, for programs that show nothing else well.

The plain text is the letter; this adds no word, picture or address of its own.
It is made when a letter is sent, from the text with all marks filled in.
"""

import re

from markupsafe import Markup, escape

from booking.languages import DEFAULT

#: Between the English letter and the German one below it.
LINE = "-" * 60

_PAGE = Markup(
    """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body style="margin: 0 auto; padding: 16px; max-width: 38em; font: 16px/1.5 Arial, sans-serif; overflow-wrap: anywhere">
{letter}
</body>
</html>
"""
)

#: An address of the web or of a mailbox, without the full stop or bracket that ends the sentence around it.
#: Of the web only our own can be clicked: a stranger may have written others into a title.
#: A mailbox is looked for from the beginning of its word alone: from each letter on would take a word's length squared.
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[\w/&=#-]|(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")


def letter_html(text: str, title: str, language: str, home: str) -> str:
    """The text as a page: paragraphs and lines as they are, addresses to click on.

    ``language`` is that of the letter; below the first ``LINE`` it is that of the house.
    ``home`` is our own public address.
    """
    first, line, second = text.partition(f"\n\n{LINE}\n\n")
    letter = _paragraphs(first, home)
    if line:
        letter += Markup('\n<hr>\n<div lang="{}">\n{}\n</div>').format(DEFAULT, _paragraphs(second, home))
    return str(_PAGE.format(language=language, title=title, letter=letter))


def unlinked(text: str) -> str:
    """What a stranger wrote, so that no mail program makes a link of it: without scheme, and with a blank after dots
    inside a word."""
    bare = re.sub(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://", "", text)
    bare = re.sub(r"(?:\d{1,3}\.){3}\d{1,3}", lambda number: number[0].replace(".", ". "), bare)
    return re.sub(r"(?<=\w)([.。．｡])(?=\w{0,99}[^\W\d_])", r"\1 ", bare)


def _paragraphs(text: str, home: str) -> Markup:
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", text.strip("\n"))
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>\n").join(_clickable(line, home) for line in paragraph.split("\n")))
        for paragraph in paragraphs
    )


def _clickable(line: str, home: str) -> Markup:
    result, done = Markup(""), 0
    for found in _ADDRESS.finditer(line):
        if "://" not in found[0]:
            target = f"mailto:{found[0]}"
        elif f"{found[0]}/".startswith(f"{home}/"):
            target = found[0]
        else:
            continue
        result += escape(line[done : found.start()]) + Markup('<a href="{}">{}</a>').format(target, found[0])
        done = found.end()
    return result + escape(line[done:])
