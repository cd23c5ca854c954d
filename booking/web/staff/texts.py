"""The sentences of letters, which the office may put in its own words."""

import hashlib
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from jinja2 import TemplateError
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, housekeeping, sentences, texts
from booking.database import db
from booking.languages import DEFAULT
from booking.models import Booking
from booking.notices.frame import Text, for_the_team
from booking.notices.sample import sample
from booking.texts import TextPiece
from booking.web import locale
from booking.web.access import MISTAKES, staff_only
from booking.web.staff.forms import tidied, usual_reasons
from booking.web.staff.frame import bp, member

#: Parts that several letters share.
PARTS = {
    "_signature": lazy_gettext("End of every letter"),
    "_way_in": lazy_gettext("How groups get in"),
    "_message": lazy_gettext("Words of the team"),
    "_exceptions": lazy_gettext("What is not confirmed"),
    "_deeds": lazy_gettext("What a group did"),
}
#: A letter whose subject is made of other words than its own.
WITHOUT_SUBJECT = {"news": lazy_gettext("To you: what a group has changed")}
#: When letters go out whose subjects are also those of others.
OCCASIONS = {
    "accepted": lazy_gettext("when a group accepts your suggestion"),
    "restored": lazy_gettext("when a group takes its cancellation back"),
    "put_back": lazy_gettext("when you take a cancellation back"),
}

#: Sentences that stand in no letter, and where in the house they are read.
COLLECTIONS = {
    "reasons": lazy_gettext("Why a date is not possible"),
    "public": lazy_gettext("Start page, thanks and lobby"),
}


class NamedText(NamedTuple):
    """A letter or part of one, by its subject; ``changed``: in how many places, by language."""

    name: str
    title: str
    changed: dict[str, int]


class PieceRow(NamedTuple):
    """A piece with what stands in its place, and what is wrong with that."""

    piece: TextPiece
    words: str
    is_own: bool
    error: str


@bp.get("/haus/texte")
@staff_only
def own_texts() -> str:
    """All letters, and what of them was changed."""
    rows, codes = [], locale.codes_here()
    known = {each: _names(each) for each in codes}
    for name in (*texts.letter_names(DEFAULT), *COLLECTIONS):
        changed = {each: len(texts.own_words(_template(each, name))) for each in codes if name in known[each]}
        rows.append(NamedText(name, _title(name, _pieces(DEFAULT, name)), changed))
    rows.sort(key=lambda row: row.title)
    return render_template(
        "staff/texts.html",
        letters=[row for row in rows if row.name not in {*PARTS, *COLLECTIONS}],
        sentences=[row for row in rows if row.name in COLLECTIONS],
        parts=[row for row in rows if row.name in PARTS],
        languages=codes,
        languages_of_letters=[each for each in codes if texts.letter_names(each)],
    )


@bp.get("/haus/texte/<language>/<name>")
@staff_only
def own_text(language: str, name: str) -> str:
    """The pieces of one letter, and what it makes of a real request."""
    return _page(language, name, _stored(language, name))


@bp.post("/haus/texte/<language>/<name>")
@staff_only
def send_own_text(language: str, name: str) -> AnyResponse | str | tuple[str, int]:
    """Show what the words would make of a letter, or keep them; those left empty are the original's again."""
    lines = [
        _line(piece, tidied(request.form.get(f"piece-{number}", "")) or piece.original)
        for number, piece in enumerate(_known(language, name))
    ]
    if name == "reasons":
        lines = _told_apart(language, lines)
    if any(line.error for line in lines):
        return _page(language, name, lines), MISTAKES
    if request.form.get("step") == "try" and (text := _sample(language, name, lines)):
        body = for_the_team(text.body, None, name="⟦name⟧")
        subject = gettext("To try out: %(subject)s", subject=for_the_team(text.subject, None))
        housekeeping.try_text(subject, body, by=member(), now=clock.now())
        flash(gettext("On its way to %(email)s. Nothing has been saved.", email=member().email))
        return _page(language, name, lines)
    if request.form.get("step") != "save":
        return _page(language, name, lines)
    stored = _stored(language, name)
    if request.form.get("seen") != _seen(stored):
        differing = [
            (_label(number, line), kept.words)
            for number, (line, kept) in enumerate(zip(lines, stored, strict=True), 1)
            if line.words != kept.words
        ]
        return _page(language, name, lines, overtaken=differing), 409
    own = {line.piece.original: line.words for line in lines if line.is_own}
    housekeeping.put_in_own_words(_template(language, name), own, by=member(), now=clock.now())
    at_once = name in COLLECTIONS
    flash(gettext("The text is saved.") if at_once else gettext("The text is saved. The next letter has it."))
    return redirect(url_for(".own_text", language=language, name=name, _anchor="said"), 303)


def _names(language: str) -> list[str]:
    """What there is in a language."""
    return [*texts.letter_names(language), *COLLECTIONS]


def _template(language: str, name: str) -> str:
    return sentences.template(name, language) if name in COLLECTIONS else texts.template_of(name, language)


def _pieces(language: str, name: str) -> list[TextPiece]:
    """What may be changed in a letter, or what else there is; what it says twice is said once."""
    if name in COLLECTIONS:
        return sentences.sentences_of(name, language)
    found = texts.pieces(texts.original_source(_template(language, name)), language)
    return list({piece.original: piece for piece in reversed(found)}.values())[::-1]


def _known(language: str, name: str) -> list[TextPiece]:
    """The pieces of a letter there is; 404 for others."""
    if language not in locale.codes_here() or name not in _names(language):
        abort(404)
    return _pieces(language, name)


def _title(name: str, found: list[TextPiece]) -> str:
    if named := {**PARTS, **COLLECTIONS, **WITHOUT_SUBJECT}.get(name):
        return str(named)
    subject = found[0].original.split("\n")[0].rstrip(", ")
    return f"{subject} ({occasion})" if (occasion := OCCASIONS.get(name)) else subject


def _stored(language: str, name: str) -> list[PieceRow]:
    own = texts.own_words(_template(language, name))
    return [_line(piece, own.get(piece.original, piece.original)) for piece in _known(language, name)]


def _seen(lines: list[PieceRow]) -> str:
    """What holds, in one word, which a page sends along."""
    return hashlib.sha256("\0".join(line.words for line in lines).encode()).hexdigest()[:16]


def _label(number: int, line: PieceRow) -> str:
    if line.piece.where:
        place = _places()[line.piece.where]
        return f"{place} {number}" if line.piece.where in sentences.PUBLIC else place
    return f"{gettext('Subject') if line.piece.is_subject else gettext('Text')} {number}"


def _places() -> dict[str, str]:
    """Where sentences stand, by what they belong to."""
    places = {"start": gettext("Start page"), "thanks": gettext("After a request"), "lobby": gettext("Lobby")}
    return {**places, **{each.code: each.name[:1].upper() + each.name[1:] for each in usual_reasons(DEFAULT)}}


def _line(piece: TextPiece, words: str) -> PieceRow:
    faults = piece.faults(words)
    return PieceRow(piece, words, words != piece.original, _sentence(piece, *faults[0]) if faults else "")


def _told_apart(language: str, lines: list[PieceRow]) -> list[PieceRow]:
    """Refuse words from which nobody could tell any more which of two reasons is meant."""
    names, alike = _places(), sentences.alike({line.piece.where: line.words for line in lines}, language)
    found = []
    for line in lines:
        if line.is_own and not line.error and (other := alike.get(line.piece.where)):
            told = gettext(
                "“%(reason)s” says this too, or once did. Please put it differently, so that each stays clear.",
                reason=names[other],
            )
            line = line._replace(error=told)
        found.append(line)
    return found


def _sentence(piece: TextPiece, code: str, names: list[str]) -> str:
    """What to do about a fault."""
    told = ", ".join(names)
    known = ", ".join(piece.filled_in)
    if code == "unknown" and not known:
        return ngettext(
            "Here nothing is filled in, so please leave out %(names)s.",
            "Here nothing is filled in, so please leave out %(names)s.",
            len(names),
            names=told,
        )
    if code == "unknown":
        return gettext("There is no %(names)s here. You can use: %(known)s.", names=told, known=known)
    return {
        "missing": gettext("Please keep %(names)s: without it nobody can open the page.", names=told),
        "brackets": gettext("Please write without the brackets { } ⟦ ⟧ ⟨ ⟩, except for what is filled in."),
        "line": gettext("Please write this in one line.")
        if piece.where
        else gettext("This belongs to the subject. Please write it in one line."),
        "long": gettext("Please use at most %(most)d characters.", most=texts.LONGEST),
    }[code]


def _page(language: str, name: str, lines: list[PieceRow], *, overtaken: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "staff/text.html",
        language_of_letter=language,
        name=name,
        title=_title(name, [line.piece for line in lines]),
        lines=[(_label(number, line), line) for number, line in enumerate(lines, 1)],
        filled_in=list(lines[0].piece.filled_in) if name in COLLECTIONS else [],
        mistakes=[(f"piece-{number}", line.error) for number, line in enumerate(lines) if line.error],
        sample=_shown(language, name, lines),
        longest=texts.LONGEST,
        seen=_seen(_stored(language, name)),
        overtaken=overtaken,
    )


def _shown(language: str, name: str, lines: list[PieceRow]) -> Text | None:
    """The whole letter with these words, about the latest request with a contact; of a part there is none."""
    if name in COLLECTIONS:
        return Text("", "\n".join(sentences.with_house(line.words, language) for line in lines if not line.error))
    text, booking = _sample(language, name, lines), _latest()
    return Text(*(for_the_team(part, booking.contact) for part in text)) if text and booking else None


def _latest() -> Booking | None:
    of_somebody = db.select(Booking).where(Booking.contact_id.is_not(None))
    return db.session.scalars(of_somebody.order_by(Booking.id.desc()).limit(1)).one_or_none()


def _sample(language: str, name: str, lines: list[PieceRow]) -> Text | None:
    """The same with its marks."""
    booking = _latest()
    if booking is None or name in {*PARTS, *COLLECTIONS}:
        return None
    own = {line.piece.original: line.words for line in lines}
    source = texts.with_own_words(texts.original_source(_template(language, name)), language, own)
    try:
        return sample(name, source, booking, language, clock.now())
    except (TemplateError, TypeError):  # it tells of more than a request
        return None
