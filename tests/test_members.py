"""Who is one of the team: invitations, roles, and the admin who has to stay."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from booking.database import db
from booking.letters import dispatch
from booking.models import Letter, StaffMember
from booking.signing_in import members
from tests import make
from tests.support.app import Clock
from tests.support.letters import set_up
from tests.support.mail import MailServer, plain

NEW = "Sparren-Senne-Linde-4"


@pytest.fixture
def admin(engine_app: Flask) -> StaffMember:
    make.house()
    return make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD, role="admin")


def test_invitation_is_good_once_for_seven_days_and_ends_with_the_next(admin: StaffMember, clock: Clock) -> None:
    jonas = members.invite("Jonas@Bielefeld.de", "Jonas", "reception", by=admin, now=clock.now)
    assert jonas
    first = members.invitation_token(jonas)
    assert members.invited(first, clock.now + timedelta(days=6)) is jonas
    assert members.invited(first, clock.now + timedelta(days=7)) is None
    assert members.invited(f"{first}x", clock.now) is None

    members.invite_again(jonas.id, by=admin, now=clock.now)

    second = members.invitation_token(jonas)
    assert members.accept_invitation(first, "Jonas", NEW, clock.now) is None
    assert members.accept_invitation(second, "Jonas Berg", NEW, clock.now) is jonas
    assert (jonas.name, jonas.role, jonas.can_sign_in, jonas.invited_at) == ("Jonas Berg", "reception", True, None)
    assert members.accept_invitation(second, "Eve", NEW, clock.now) is None
    assert members.invite("jonas@bielefeld.de", "Jonas", "team", by=admin, now=clock.now) is None


def test_invitation_names_its_address_in_the_mail_alone(app: Flask, smtp: MailServer, clock: Clock) -> None:
    set_up(app, smtp)
    admin = make.staff("Henrike", role="admin")
    jonas = members.invite("jonas@bielefeld.de", "Jonas", "team", by=admin, now=clock.now)
    assert jonas
    path = f"/team/einladung/{members.invitation_token(jonas)}"

    dispatch.deliver_due(clock.now)

    (message,) = smtp.messages
    assert (message["To"], message["Subject"]) == ("jonas@bielefeld.de", "Einladung ins Team: Innovation Office")
    assert "Henrike hat dich ins Team vom Innovation Office eingeladen." in plain(message)
    assert f"http://localhost{path}" in plain(message).splitlines()
    assert "Der Link gilt bis Mo, 7. Dezember 2026, und nur für dich" in plain(message)
    assert path.rpartition("/")[2] not in str(db.session.execute(db.select(Letter.__table__)).all())


def test_letter_to_somebody_who_has_gone_stays(app: Flask, smtp: MailServer, clock: Clock) -> None:
    set_up(app, smtp)
    admin = make.staff("Henrike", role="admin")
    jonas = members.invite("jonas@bielefeld.de", "Jonas", "team", by=admin, now=clock.now)
    assert jonas
    members.remove_member(jonas.id, by=admin, now=clock.now)

    dispatch.deliver_due(clock.now)

    assert (smtp.messages, [letter.state for letter in db.session.scalars(db.select(Letter))]) == ([], ["stopped"])


LAST = {
    "goes": lambda admin, now: members.remove_member(admin.id, by=admin, now=now),
    "takes another role": lambda admin, now: members.change_member(admin.id, "team", False, by=admin, now=now),
}


@pytest.mark.parametrize("how", LAST)
def test_last_admin_who_can_sign_in_has_to_stay(admin: StaffMember, clock: Clock, how: str) -> None:
    leave: Callable[[StaffMember, object], None] = LAST[how]
    make.staff("Jonas", password=make.PASSWORD)
    gone = make.staff("Ali", password=make.PASSWORD, role="admin")
    members.remove_member(gone.id, by=admin, now=clock.now)
    members.invite("kim@bielefeld.de", "Kim", "admin", by=admin, now=clock.now)  # who has not answered

    with pytest.raises(members.LastAdmin):
        leave(admin, clock.now)
    assert (admin.active, admin.role) == (True, "admin")

    make.staff("Zoë", password=make.PASSWORD, role="admin")
    leave(admin, clock.now)
    assert (admin.active, admin.role) != (True, "admin")
