"""Letters with a link that opens a booking: asked for again, or sent to the right address; and what its use means."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from booking import links, log, quota
from booking.database import db, transaction
from booking.letters import message, outbox
from booking.lifecycle import updating
from booking.models import Booking, Contact, Letter, Link, StaffMember, mailbox_of
from booking.notices.frame import title_of, to_group
from booking.notices.people import new_link

#: For so long can whoever has just asked correct the address they typed.
CORRECTION = timedelta(minutes=30)
#: A letter with fresh links names so many bookings, the newest.
MOST_BOOKINGS = 20


def send_fresh_links(email: str, language: str, now: datetime) -> None:
    """Owe a letter with a link to each booking of an address; the old ones end when the new ones are used.

    What the address has is looked up when the letter leaves, and nothing goes
    to one that has nothing: so nobody learns from the time the answer takes who
    has asked for a room.
    """
    with transaction():
        asked = Contact(email=email)
        db.session.add(asked)
        new_link(asked, language, now)


def note_use(link: Link, now: datetime) -> None:
    """Note the first deliberate step with a link: its letter has arrived, and the links before it end.

    Opening a page is none, for scanners open what they find in letters.
    """
    if link.opened_at is None:
        with updating(link.booking):
            if link.opened_at is None and not links.is_over(link, now):  # the address may have been corrected meanwhile
                links.use(link, now)
                if link.contact and link.contact.email:
                    quota.let_go(link.contact, now, outbox.gathering())


def can_correct(booking: Booking, now: datetime) -> bool:
    """Whether the address of a new request may still be corrected by the browser that sent it.

    Not once a link was used: then the letter has reached somebody whom a stranger must not replace.
    """
    contact = booking.contact
    closed = {"correct_address", "handed_over", "erase"} & {entry.action for entry in log.history(booking)}
    return contact is not None and not closed and not _has_arrived(contact) and now <= booking.created_at + CORRECTION


def correct_address(booking: Booking, email: str, now: datetime) -> bool:
    """Send the first letter once more, to another address; ``False`` where that is not possible any more.

    Nothing else goes to the address that was wrong, and the link it got is over.
    """
    with updating(booking):
        contact = booking.contact
        if contact is None or not can_correct(booking, now):
            return False
        contact.email = email
        outbox.stop_all((Letter.contact_id == contact.id) & (Letter.kind == "requested"))
        links.revoke(booking, contact, now)
        for purpose in ("calendar", "page"):
            links.issue(booking, now, purpose=purpose)
        db.session.flush()
        log.record("correct_address", booking, actor="group", now=now)
        to_group("requested", booking, now=now)
        return True


def send_elsewhere(letter: Letter, email: str, *, by: StaffMember, now: datetime) -> None:
    """Correct the address of a letter's person for the team, and send the letter there.

    Their links stay: what did not arrive has shown them to nobody.
    """
    with transaction():
        contact = letter.contact
        if contact and letter.state == "failed":
            contact.email = email
            db.session.flush()
            db.session.execute(
                sa.update(Letter)
                .where(Letter.contact_id == contact.id, Letter.state.in_(("failed", "waiting")))
                .values(mailbox_key=quota.key_of(contact))
            )
            log.record("correct_address", letter.booking, by=by, now=now)
            outbox.release(letter, now)


def _has_arrived(contact: Contact) -> bool:
    used = sa.select(Link.id).where(Link.contact_id == contact.id, Link.opened_at.is_not(None))
    return db.session.scalars(used.limit(1)).first() is not None


def _find_bookings(letter: Letter, now: datetime) -> bool:
    """Put the person who is known in place of the address that was typed, and make the links they are sent."""
    asked = letter.contact
    if asked is None or asked.email is None:  # forgotten since
        return True
    _drop_others(letter)
    _claim([booking.id for booking, _ in _held_by(asked.email)])
    held = _held_by(asked.email)  # as it is now that nobody changes it
    for booking, contact in held:
        if _renew(booking, contact, now):
            log.record("fresh_link", booking, actor="group", now=now)
    if asked.name is None:  # made for this letter alone; another round finds the person who is known
        letter.contact = held[0][1] if held else None
        db.session.flush()
        db.session.delete(asked)
    return bool(held)


def _drop_others(letter: Letter) -> None:
    """Of all that wait for a mailbox which is sent few, one letter with links is enough."""
    same = sa.select(Letter).where(
        Letter.kind == letter.kind,
        Letter.mailbox_key == letter.mailbox_key,
        Letter.state == "waiting",
        Letter.attempts == 0,
    )
    for other in db.session.scalars(same).all():
        asked = other.contact
        if letter.contact and asked and asked.email == letter.contact.email and outbox.stop(other):
            db.session.delete(other)
            db.session.flush()
            if asked.name is None and asked is not letter.contact:
                db.session.delete(asked)


def _links(letter: Letter) -> str:
    """The bookings of an address, each with its link."""
    email = (letter.contact.email if letter.contact else "") or ""
    found = []
    for booking, contact in _held_by(email):
        link = links.current(booking, contact)
        if link:
            found.append(f"{title_of(booking)} ({booking.reference})\n{links.page_url(link, letter.language)}")
    return "\n\n".join(found)


def _claim(ids: list[int]) -> None:
    """Wait for whoever changes these bookings and their people: bookings come before people here and everywhere."""
    db.session.execute(sa.select(Booking.id).where(Booking.id.in_(ids)).order_by(Booking.id).with_for_update()).all()


def _renew(booking: Booking, contact: Contact, now: datetime) -> bool:
    """Make a new link, unless one is on its way already that nobody has used."""
    newest = links.current(booking, contact)
    if newest and links.older(newest) and not links.is_over(newest, now):
        return False
    links.issue(booking, now, contact)
    return True


def _held_by(email: str) -> list[tuple[Booking, Contact]]:
    """The bookings whose pages the people with an address may open, newest first."""
    holds_link = sa.exists().where(
        Link.booking_id == Booking.id,
        Link.contact_id == Contact.id,
        Link.purpose == "page",
        Link.revoked_at.is_(None),
    )
    found = db.session.execute(
        sa.select(Booking, Contact)
        .join(Contact, sa.or_(Contact.id == Booking.contact_id, holds_link))
        .where(Contact.mailbox == mailbox_of(email), sa.func.lower(Contact.email) == email.lower())
        .order_by(Booking.id.desc(), Contact.id)
        .limit(MOST_BOOKINGS)
    )
    return [(booking, contact) for booking, contact in found]


message.LOOKUPS["new_link"] = _find_bookings
message.MARKS["links"] = _links
