"""The house as the office runs it: the way to each of its pages."""

from typing import NamedTuple

from flask import render_template
from flask_babel import lazy_gettext
from flask_login import current_user

from booking.web.access import role_may_open, staff_only
from booking.web.staff.frame import bp


class HousePage(NamedTuple):
    """A page about the house, and what it is for in one sentence; both are said in the reader's language."""

    endpoint: str
    name: str
    purpose: str


#: By section, in the order in which the page shows them.
HOUSE_PAGES: list[tuple[str, list[HousePage]]] = [
    (
        lazy_gettext("Opening and closing"),
        [
            HousePage(
                "staff.hours",
                lazy_gettext("Opening hours"),
                lazy_gettext("When the house is open, with breaks, and rooms that differ from it."),
            ),
            HousePage(
                "staff.closures",
                lazy_gettext("Closures"),
                lazy_gettext("When the house or single rooms are closed, and what becomes of the dates then."),
            ),
            HousePage(
                "staff.holidays",
                lazy_gettext("Holidays"),
                lazy_gettext("Which days are public and school holidays here, and what the house does on them."),
            ),
        ],
    ),
    (
        lazy_gettext("What everybody sees"),
        [
            HousePage("staff.rooms", lazy_gettext("Rooms"), lazy_gettext("Names, seats, ways and what is there.")),
            HousePage(
                "staff.displays",
                lazy_gettext("Displays"),
                lazy_gettext("Screens in the entrance, on floors and at rooms: what they show, and whether they run."),
            ),
            HousePage(
                "staff.rules", lazy_gettext("House rules"), lazy_gettext("What groups agree to, and what held before.")
            ),
            HousePage(
                "lobby.lobby", lazy_gettext("Lobby screen"), lazy_gettext("What is on today, as the lobby shows it.")
            ),
        ],
    ),
    (
        lazy_gettext("How you work"),
        [HousePage("staff.own_texts", lazy_gettext("Texts"), lazy_gettext("What letters and pages say, your way."))],
    ),
    (
        lazy_gettext("Who works here"),
        [
            HousePage(
                "staff.members", lazy_gettext("Team"), lazy_gettext("Who may sign in, and what each of them may open.")
            ),
            HousePage("staff.entries", lazy_gettext("Log"), lazy_gettext("Who did what, and when.")),
            HousePage(
                "staff.imports",
                lazy_gettext("Take dates over"),
                lazy_gettext("Bring in what you kept in another calendar or in a table."),
            ),
        ],
    ),
]


@bp.get("/haus")
@staff_only
def premises() -> str:
    """The pages about the house."""
    role = current_user.role
    shown = [(name, [page for page in pages if role_may_open(role, page.endpoint)]) for name, pages in HOUSE_PAGES]
    return render_template("staff/premises.html", sections=[section for section in shown if section[1]])
