"""The inbox: who has asked, and what of it is undecided."""

import sqlalchemy as sa
from flask import abort, render_template, request, url_for
from sqlalchemy.orm import joinedload

from booking import clock
from booking.database import db
from booking.house import rooms
from booking.models import Booking, Initiative, Occurrence
from booking.web.access import staff_only
from booking.web.staff import desk, verdicts
from booking.web.staff.frame import bp, number_of, of_tab, page_of

TABS = ("neu", "gruppe", "wuensche", "erledigt", "alle")
LONGEST_SEARCH = 100


@bp.get("")
@staff_only
def inbox() -> str:
    now = clock.now()
    tab = request.args.get("stand", "neu")
    if tab not in TABS:
        abort(404)
    search = verdicts.tidied(request.args.get("suche", ""))[:LONGEST_SEARCH]
    all_rooms = rooms()
    wanted_room = request.args.get("raum", type=int)
    room_id = wanted_room if wanted_room in {room.id for room in all_rooms} else None
    page = page_of(_filtered(of_tab(tab, now), search, room_id).options(joinedload(Booking.initiative)))
    waiting = db.session.scalars(of_tab("neu", now)).all()
    numbers = {name: number_of(of_tab(name, now)) for name in TABS}
    return render_template(
        "staff/inbox.html",
        now=now,
        tab=tab,
        tabs=numbers.items(),
        numbers=numbers,
        lines=desk.lines(page.items, now),
        late=sum(desk.age(booking, now)[1] for booking in waiting),
        page=page,
        search=search,
        room_id=room_id,
        rooms=all_rooms,
        page_url=lambda number: url_for(
            ".inbox", stand=request.args.get("stand"), suche=search or None, raum=room_id, seite=number
        ),
    )


def _filtered(bookings: sa.Select[Booking], search: str, room_id: int | None) -> sa.Select[Booking]:
    if search:
        hits = (text.icontains(search, autoescape=True) for text in (Booking.title, Initiative.name, Booking.reference))
        bookings = bookings.join(Booking.initiative).where(db.or_(*hits))
    if room_id:
        bookings = bookings.where(Booking.occurrences.any(Occurrence.room_id == room_id))
    return bookings
