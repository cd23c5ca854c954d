"""The second half of a mail: its plain text once more as HTML, easier on the eye.

The plain text is the letter; this adds no word, picture or address of its own.
It is made when a letter is sent, from the text with all marks filled in.
"""

import re

from markupsafe import Markup, escape

from booking.languages import DEFAULT, LANGUAGES

#: Between the English letter and the German one below it.
LINE = "-" * 60

#: Before the line with the date that comes next; only here it is seen.
NEXT = "⟦next⟧"

#: What stands on a button may be so long; of a longer sentence before an address the button says nothing.
LONGEST_LABEL = 40

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
<h1 style="margin: 8px 0 24px; font-size: 22px; line-height: 1.3">{title}</h1>
{letter}
</body>
</html>
"""
)
_BUTTON = Markup(
    '<a href="{address}" style="display: inline-block; margin: 8px 0; padding: 12px 20px; border-radius: 4px;'
    ' background: #2044aa; color: #ffffff; font-weight: bold; text-decoration: none">{label}</a>'
    '<br>\n<span style="font-size: 13px"><a href="{address}">{address}</a></span>'
)

#: An address of the web or of a mailbox, without the full stop or bracket that ends the sentence around it.
#: Of the web only our own can be clicked: a stranger may have written others into a title.
#: A mailbox is looked for from the beginning of its word alone: from each letter on would take a word's length squared.
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[\w/&=#-]|(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")


def letter_html(text: str, title: str, language: str, home: str) -> str:
    """The text as a page: its title, paragraphs and lines as they are, the next date in bold, one button.

    ``language`` is that of the letter; below the first ``LINE`` it is that of the house.
    ``home`` is our own public address.
    """
    first, line, second = text.partition(f"\n\n{LINE}\n\n")
    letter = _paragraphs(first, home, language)
    if line:
        letter += Markup('\n<hr>\n<div lang="{}">\n{}\n</div>').format(DEFAULT, _paragraphs(second, home, DEFAULT))
    return str(_PAGE.format(language=language, title=title, letter=letter))


def unlinked(text: str) -> str:
    """What a stranger wrote, so that no mail program makes a link of it: without scheme, and with a blank after dots
    inside a word."""
    bare = re.sub(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://", "", text)
    bare = re.sub(r"(?:\d{1,3}\.){3}\d{1,3}", lambda number: number[0].replace(".", ". "), bare)
    return re.sub(r"(?<=\w)([.。．｡])(?=\w{0,99}[^\W\d_])", r"\1 ", bare)


def _paragraphs(text: str, home: str, language: str) -> Markup:
    # An address of ours that stands alone, or after a few words and a colon, is what the letter wants done.
    own = re.compile(rf"(?:[^:\n]{{1,{LONGEST_LABEL}}}: )?{re.escape(home)}/[^\s<>\"]*[\w/&=#-]")
    lines = text.strip("\n").split("\n")
    alone = [number for number, line in enumerate(lines) if own.fullmatch(line)]
    shown = [_line(line, home) for line in lines]
    if len(alone) == 1:
        number = alone[0]
        before, _, address = lines[number].rpartition(" ")
        said = lines[number - 1] if number and not before else before
        sentence = re.split(r"(?<=[.!?]) ", said)[-1]
        label = LANGUAGES[language].open
        if sentence.endswith(":") and len(sentence) <= LONGEST_LABEL:
            label = sentence.removesuffix(":")
            if not before:
                shown[number - 1] = _line(said.removesuffix(sentence).rstrip(), home)
        shown[number] = _BUTTON.format(address=address, label=label)
    paragraphs: list[list[Markup]] = [[]]
    for line, markup in zip(lines, shown, strict=True):
        if line.strip():
            paragraphs[-1] += [markup] if markup else []
        elif paragraphs[-1]:
            paragraphs.append([])
    return Markup("\n").join(Markup("<p>{}</p>").format(Markup("<br>\n").join(each)) for each in paragraphs)


def _line(line: str, home: str) -> Markup:
    if line.startswith(NEXT):
        return Markup("<strong>{}</strong>").format(_clickable(line.removeprefix(NEXT), home))
    return _clickable(line, home)


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
