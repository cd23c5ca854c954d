"""Who meets, who speaks for them, and who decides."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_security.core import UserMixin
from flask_security.datastore import AsaList
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from booking.database import Base
from booking.languages import DEFAULT


class Initiative(Base):
    """A group that meets in the house. ``other_names``: by which it is found too, such as those it had before."""

    __tablename__ = "initiative"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16))  # initiative (external), department, own, other
    is_public: Mapped[bool] = mapped_column(default=False)  # may be named in suggestions and lists
    notes: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))  # of the office, never public
    other_names: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))  # one a line

    __table_args__ = (sa.CheckConstraint("kind IN ('initiative', 'department', 'own', 'other')", name="kind"),)


class Contact(Base):
    """Who speaks for a booking: the only personal data, in a row of its own, so that erasing is one update."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    email: Mapped[str | None]
    mailbox: Mapped[str | None] = mapped_column(index=True)  # where mail to the address arrives, however it is written
    phone: Mapped[str | None]
    onsite_name: Mapped[str | None]  # responsible on the evening, and how to reach them
    onsite_phone: Mapped[str | None]

    @validates("email")
    def _keep_mailbox(self, _name: str, email: str | None) -> str | None:
        self.mailbox = mailbox_of(email) if email else None
        return email


def mailbox_of(email: str) -> str:
    """Where the mail to an address arrives: most providers leave out dots, capitals and what follows a plus."""
    name, _, domain = email.lower().rpartition("@")
    plain = name.partition("+")[0].replace(".", "")
    return f"{plain or name}@{domain}"


class StaffMember(Base, UserMixin):
    """One of the team. Flask-Security signs them in."""

    __tablename__ = "staff_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str | None]
    role: Mapped[str] = mapped_column(sa.String(16), default="team")  # what they may open: see booking.web.access
    language: Mapped[str] = mapped_column(sa.String(2), default=DEFAULT)  # of letters to them
    active: Mapped[bool] = mapped_column(default=True)
    invited_at: Mapped[datetime | None]  # until they have accepted
    needs_second_factor: Mapped[bool] = mapped_column(default=False)
    hears_daily: Mapped[bool] = mapped_column(default=True)  # of the day ahead, see booking.morning
    heard_on: Mapped[date | None]  # the day they last heard of
    hears_of_requests: Mapped[bool] = mapped_column(default=False)  # gets each new one by mail, beside the office
    has_shortcuts: Mapped[bool] = mapped_column(default=False)  # single keys do what buttons do
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)

    totp_secret: Mapped[str | None]  # encrypted
    totp_counter: Mapped[int | None]  # of the last code that was taken (RFC 6238, T), as each is good once
    mf_recovery_codes: Mapped[list[str]] = mapped_column(MutableList.as_mutable(AsaList()), nullable=True)  # encrypted
    passkey_handle: Mapped[str | None] = mapped_column(sa.String(64))  # by which passkeys know the account

    passkeys: Mapped[list[Passkey]] = relationship(
        back_populates="member", order_by="Passkey.id", cascade="all, delete-orphan"
    )

    __table_args__ = (sa.CheckConstraint("role IN ('team', 'admin', 'reception')", name="role"),)

    @property
    def can_sign_in(self) -> bool:
        return self.active and bool(self.password or self.passkeys)

    @property
    def has_second_factor(self) -> bool:
        """Whether more than the password is asked for when they sign in."""
        return bool(self.totp_secret or self.passkeys)


class Passkey(Base):
    """A key on a device of one of the team, by which they sign in (Web Authentication, a public key credential)."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_member_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_member.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    member: Mapped[StaffMember] = relationship(back_populates="passkeys")
