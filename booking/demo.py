"""The example house: real groups in their real rhythm, with the irregularities that real series have.

Times that the groups do not publish, rooms and requests are invented; nobody is
written to. Everything is laid around the day on which it is loaded, so that
plan, inbox and lobby are alive on any day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from booking import availability, deciding, lifecycle, log, requesting
from booking.availability import Times, WishedDate
from booking.database import db, transaction
from booking.domain.days_off import days_off
from booking.domain.policy import earliest, horizon
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot
from booking.domain.status import Action, Status
from booking.models import Booking, Closure, Contact, Initiative, Letter, Occurrence, Room, StaffMember
from booking.requesting import Wish
from booking.schedule import State, Wanted, check, house, house_rules

MO, TU, WE, TH, FR = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A group's meetings. ``skip``: days on which it does not meet; ``after`` minutes for tidying up."""

    title: str
    group: str
    kind: str = "initiative"
    weekday: int
    freq: Frequency
    ordinals: tuple[int, ...] = ()
    begins: time
    minutes: int
    room: str
    people: int
    purpose: str
    is_open: bool = True
    open_end: bool = False
    after: int = 0
    skip: Callable[[date], bool] = lambda day: False


def _holidays_season(day: date) -> bool:
    """The last days of December, when hardly anybody meets."""
    return day.month == 12 and day.day >= 23


SERIES = (
    Series(
        title="Gesundes Städte-Netzwerk (Arbeitsgruppen)",
        group="Gesundheitsladen Bielefeld e.V.",
        weekday=WE,
        freq=Frequency.WEEKLY,
        begins=time(16),
        minutes=120,
        room="grosse-flaeche",
        people=15,
        purpose="Arbeitsgruppen bereiten gemeinsame Projekte zu Gesundheit in den Stadtteilen vor.",
        open_end=True,
        skip=_holidays_season,
    ),
    Series(
        title="Utopische Schreibwerkstatt",
        group="Utopisches Schreiben",
        weekday=TU,
        freq=Frequency.MONTHLY,
        ordinals=(2,),
        begins=time(19),
        minutes=120,
        room="werkstatt",
        people=12,
        purpose="Wir schreiben gemeinsam über Zukünfte, die wir uns wünschen.",
    ),
    Series(
        title="Code for Bielefeld",
        group="OK Lab Bielefeld",
        weekday=TH,
        freq=Frequency.WEEKLY,
        begins=time(18, 30),
        minutes=150,
        room="grosse-flaeche",
        people=14,
        purpose="Wir machen öffentliche Daten für alle nutzbar.",
        open_end=True,
        skip=_holidays_season,
    ),
    Series(
        title="Open Innovation Hour (online)",
        group="Open Innovation City Bielefeld",
        kind="own",
        weekday=TH,
        freq=Frequency.MONTHLY,
        ordinals=(1,),
        begins=time(12, 30),
        minutes=60,
        room="besprechung",
        people=4,
        purpose="Wir senden aus der Besprechung.",
        skip=lambda day: day.month == 8,
    ),
    Series(
        title="Arbeitstreffen",
        group="Ernährungsrat",
        weekday=TU,
        freq=Frequency.MONTHLY,
        ordinals=(2,),
        begins=time(17, 30),
        minutes=120,
        room="grosse-flaeche",
        people=25,
        purpose="Wir planen Projekte für gutes Essen in der Stadt.",
        after=15,
    ),
    Series(
        title="Community of Practice „KIZ – KI und Zivilgesellschaft“",
        group="CoP KIZ",
        weekday=MO,
        freq=Frequency.MONTHLY,
        ordinals=(3,),
        begins=time(18),
        minutes=120,
        room="werkstatt",
        people=18,
        purpose="Austausch über KI in Vereinen und Initiativen.",
    ),
    Series(
        title="Community of Practice zu KI im Mittelstand",
        group="CoP KI im Mittelstand",
        kind="other",
        weekday=FR,
        freq=Frequency.MONTHLY,
        ordinals=(2,),
        begins=time(10),
        minutes=120,
        room="werkstatt",
        people=16,
        purpose="Betriebe zeigen sich gegenseitig, was sie mit KI ausprobieren.",
    ),
    Series(
        title="Stadtteilmütter",
        group="Stadtteilmütter",
        weekday=TU,
        freq=Frequency.MONTHLY,
        ordinals=(2, 4),
        begins=time(19, 30),
        minutes=90,
        room="besprechung",
        people=8,
        purpose="Austausch in vertrauter Runde.",
        is_open=False,
    ),
    Series(
        title="Wochenstart",
        group="Open Innovation City Bielefeld",
        kind="own",
        weekday=MO,
        freq=Frequency.WEEKLY,
        begins=time(9),
        minutes=60,
        room="besprechung",
        people=6,
        purpose="Teamrunde.",
        is_open=False,
    ),
    Series(
        title="Sprechstunde Ehrenamt",
        group="Büro für Bürgerengagement",
        kind="department",
        weekday=TU,
        freq=Frequency.WEEKLY,
        begins=time(14),
        minutes=120,
        room="besprechung",
        people=5,
        purpose="Beratung für alle, die sich engagieren wollen.",
        skip=_holidays_season,
    ),
    Series(
        title="Planungsrunde Jugendbeteiligung",
        group="Jugendamt",
        kind="department",
        weekday=FR,
        freq=Frequency.WEEKLY,
        skip=_holidays_season,
        begins=time(9),
        minutes=180,
        room="flaeche-vorn",
        people=18,
        purpose="Ämterübergreifende Planung.",
        is_open=False,
    ),
)


def load(now: datetime) -> None:
    """Fill an installation that has a house and nothing else."""
    rules = house_rules()
    today = now.astimezone(rules.zone).date()
    first = date(today.year, 1, 1) if today.month > 6 else date(today.year - 1, 7, 1)
    last = horizon(today)
    public = set(days_off(first, last, house().country, house().subdivision, "de").public)
    with transaction():
        _closures(first, last)
        for series in SERIES:
            _approved_series(series, first, last, public, now)
        _irregularities(now)
    _requests(now, public)
    with transaction():  # nobody is written to
        db.session.execute(
            db.update(Letter).where(Letter.state == "waiting").values(state="sent", sent_at=Letter.created_at)
        )


def _closures(first: date, last: date) -> None:
    """The house is closed between the years."""
    zone = house().zone
    for year in range(first.year, last.year + 1):
        start = Slot.on(date(year, 12, 24), time(0), 1, zone).start
        end = Slot.on(date(year + 1, 1, 2), time(0), 1, zone).start
        db.session.add(
            Closure(start=start, end=end, reason="Zwischen den Jahren", reason_en="Between Christmas and New Year")
        )


def _approved_series(series: Series, first: date, last: date, public: set[date], now: datetime) -> None:
    rules = house_rules()
    start = _first_day(series, first)
    rule = RecurrenceRule(
        start=start,
        freq=series.freq,
        weekdays=(series.weekday,),
        ordinals=series.ordinals,
        until=last,
    )
    room = _room(series.room)
    times = Times(series.begins, series.minutes, 0, series.after)
    days = [day for day in rule.days() if day not in public and not series.skip(day)]
    found = check([Wanted(room, times.occupied(times.slot(day, rules))) for day in days], _long_ago(now))
    free = [day for day, checked in zip(days, found, strict=True) if checked.state is State.FREE]
    skipped = [day for day in rule.days() if day not in free]
    asked_at = Slot.on(first - timedelta(days=21), time(10), 1, rules.zone).start
    booking = Booking(
        reference=requesting.next_reference(asked_at.astimezone(rules.zone).year),
        form_id=f"example-{room.slug}-{series.weekday}-{series.begins:%H%M}-{series.ordinals}",
        created_at=asked_at,
        language="de",
        initiative=_initiative(series.group, series.kind),
        contact=_contact(series.group),
        title=series.title,
        purpose=series.purpose,
        is_open=series.is_open,
        url="",
        people=series.people,
        equipment=[],
        access_needs="",
        way_in="have",
        note="",
        open_end=series.open_end,
        rules_version=house().rules_version,
        room_wish_id=room.id,
        rule=rule.without(skipped).as_json(),
        begins=series.begins,
        minutes=series.minutes,
        before_minutes=0,
        after_minutes=series.after,
        skipped=[{"day": day.isoformat(), "reason": "holiday" if day in public else "left_out"} for day in skipped],
    )
    booking.occurrences = [_occurrence(times.slot(day, rules), room, series, asked_at) for day in free]
    db.session.add(booking)
    db.session.flush()
    log.record("request", booking, actor="group", count=len(free), now=asked_at)
    log.record("approve", booking, count=len(free), now=asked_at + timedelta(days=1))


def _first_day(series: Series, first: date) -> date:
    """The first day of the series on or after ``first``."""
    day = first + timedelta(days=(series.weekday - first.weekday()) % 7)
    if series.freq is Frequency.MONTHLY:
        while (day.day + 6) // 7 not in series.ordinals:
            day += timedelta(days=7)
    return day


def _occurrence(slot: Slot, room: Room, series: Series, asked_at: datetime) -> Occurrence:
    return Occurrence(
        room_id=room.id,
        original_room_id=room.id,
        start=slot.start,
        original_start=slot.start,
        end=slot.end,
        after_minutes=series.after,
        status=Status.APPROVED,
        decided_at=asked_at + timedelta(days=1),
        changed_at=asked_at + timedelta(days=1),
    )


def _irregularities(now: datetime) -> None:
    """What real series have: a date that falls out, one in another room, one at another hour."""
    network, code, writers = (
        _coming(title, now)
        for title in ("Gesundes Städte-Netzwerk (Arbeitsgruppen)", "Code for Bielefeld", "Utopische Schreibwerkstatt")
    )
    _cancel(network[1:2], "Die Arbeitsgruppen treffen sich an dem Tag im Rathaus.", now)
    _cancel([date for date in network if date.start.month == 2][:1], "Wir brauchen den Raum an diesem Tag selbst.", now)
    for date_ in code[2:3]:
        date_.room_id = _room("werkstatt").id
        date_.sequence, date_.changed_at = 1, now
    for date_ in writers[2:3]:
        date_.start, date_.end = date_.start - timedelta(hours=1), date_.end - timedelta(hours=1)
        date_.sequence, date_.changed_at = 1, now


def _coming(title: str, now: datetime) -> Sequence[Occurrence]:
    return db.session.scalars(
        db.select(Occurrence)
        .join(Booking)
        .where(Booking.title == title, Occurrence.start > now)
        .order_by(Occurrence.start)
    ).all()


def _cancel(dates: Sequence[Occurrence], reason: str, now: datetime) -> None:
    for each in dates:
        lifecycle.take(each.booking, {Action.CANCEL: [each]}, reasons={each.id: reason}, now=now)


def _requests(now: datetime, public: set[date]) -> None:
    """Two requests that nobody has decided, which meet with others and with each other, and one answered in part."""
    rules = house_rules()
    soon = earliest(now, rules, dict.fromkeys(public, "")) + timedelta(days=14)
    by = _colleague()
    table = _ask(
        now - timedelta(days=2),
        soon,
        RuleShape(WE, Frequency.WEEKLY, 1, count=20),
        Times(time(18, 30), 120),
        room="grosse-flaeche",
        title="Runder Tisch Ernährung",
        group="Ernährungsrat",
        people=30,
        purpose="Ein offener Abend für alle, die an der Ernährungsstrategie mitschreiben wollen.",
        way_in="need",
        note="Wir können auch eine halbe Stunde später anfangen.",
    )
    meetup = _ask(
        now - timedelta(days=1),
        table.occurrences[2].start.astimezone(rules.zone).date(),
        RuleShape(WE, Frequency.WEEKLY, 7, count=2),
        Times(time(18, 15), 90),
        room="grosse-flaeche",
        title="KI-Meetup",
        group="Open Innovation City Bielefeld",
        kind="own",
        people=40,
        purpose="Ein Impuls und Zeit für Austausch.",
    )
    deciding.decide(meetup, approve=_ids(meetup), seen_version=meetup.version, by=by, now=now - timedelta(hours=22))
    _ask(
        now - timedelta(hours=20),
        table.occurrences[4].start.astimezone(rules.zone).date(),
        RuleShape(WE, Frequency.WEEKLY, 3, count=4),
        Times(time(18, 30), 90),
        room="flaeche-vorn",
        title="Austauschrunde",
        group="Stadtteilmütter",
        people=12,
        purpose="Austausch und gegenseitige Beratung.",
        is_open=False,
        way_in="have",
        access_needs="Wir kommen mit Kinderwagen.",
    )
    partly = _ask(
        now - timedelta(days=3),
        soon,
        RuleShape(TH, Frequency.MONTHLY, 1, count=6),
        Times(time(16), 90),
        room="werkstatt",
        title="KI-Sprechstunde",
        group="CoP KI im Mittelstand",
        kind="other",
        people=10,
        purpose="Betriebe und Vereine bringen ihre Fragen zu KI mit.",
    )
    dates = _ids(partly)
    deciding.decide(
        partly,
        approve=dates[:2],
        decline={dates[2]: "Wir brauchen den Raum an diesem Tag selbst."},
        message="Zu den übrigen Terminen melden wir uns noch.",
        seen_version=partly.version,
        by=by,
        now=now - timedelta(days=1),
    )


@dataclass(frozen=True, slots=True)
class RuleShape:
    """A rhythm that begins on the first fitting day after a given one."""

    weekday: int
    freq: Frequency
    interval: int
    count: int

    def rule(self, not_before: date) -> RecurrenceRule:
        start = not_before + timedelta(days=(self.weekday - not_before.weekday()) % 7)
        while self.freq is Frequency.MONTHLY and start.day > 7:
            start += timedelta(days=7)
        return RecurrenceRule(start=start, freq=self.freq, interval=self.interval, count=self.count)


def _ask(now: datetime, not_before: date, shape: RuleShape, times: Times, *, room: str, **words: Any) -> Booking:
    """Send a request as the form would, leaving out dates that are taken or closed."""
    rule = shape.rule(not_before)
    row = _room(room)
    last = horizon(now.astimezone(house().zone).date())
    found = availability.preview(
        rule, times, room=row, now=now, language="de", leave_out=("holiday",), alternatives=False
    )
    wished = [each for each in found.dates if each.state in (State.FREE, State.REQUESTED) and each.day <= last]
    kept = {each.day for each in wished}
    wish = Wish(
        form_id=f"example-{words['title']}",
        language="de",
        rule=rule,
        times=times,
        dates=[WishedDate(each.day, times.begins, times.minutes, row.id) for each in wished],
        skipped={day: "left_out" for day in rule.days() if day not in kept},
        room_id=row.id,
        name="Kim Beispiel",
        email="gruppe@example.org",
        phone="0521 0000000",
        **{"kind": "initiative", "is_open": True, **words},
    )
    return requesting.submit(wish, now)[0]


def _colleague() -> StaffMember:
    """Somebody of the team who has decided before; without a password, so nobody can sign in as them."""
    with transaction():
        colleague = StaffMember(
            email="kollegin@example.org", name="Kollegin A", password=None, active=False, fs_uniquifier="example"
        )
        db.session.add(colleague)
    return colleague


def _ids(booking: Booking) -> list[int]:
    return [each.id for each in booking.occurrences]


def _contact(group: str) -> Contact:
    return Contact(name="Kim Beispiel", email=f"{requesting.slug_of(group)}@example.org")


def _initiative(name: str, kind: str) -> Initiative:
    known = db.session.scalars(db.select(Initiative).where(Initiative.name == name)).one_or_none()
    return known or Initiative(name=name, slug=requesting.slug_of(name), kind=kind, is_public=True)


def _room(slug: str) -> Room:
    room: Room = db.session.scalars(db.select(Room).where(Room.slug == slug)).one()
    return room


def _long_ago(now: datetime) -> datetime:
    return now - timedelta(days=1000)
