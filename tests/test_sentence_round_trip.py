"""What the service itself writes about a rule is read back as the same rule."""

from datetime import date, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.sentence import Surroundings, read_sentence
from booking.domain.slot import WeekdayTimes, wall_end
from booking.languages import WHOLE
from booking.wording import MOST_NAMED, rule_sentence

TODAY = date(2026, 11, 30)
AROUND = Surroundings(TODAY, TODAY + timedelta(days=3), time(22), (), "DE", "NW", (0, 15, 30, 45, 60, 90))

quarters = st.integers(0, 95)


@st.composite
def rules(draw) -> RecurrenceRule:
    """Any rule, with as many exceptions and additions as a sentence names."""
    freq = draw(st.sampled_from(list(Frequency)))
    day = draw(st.dates(date(2024, 1, 1), date(2032, 12, 31)))
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    ordinals = draw(st.sets(st.sampled_from((1, 2, 3, 4, 5, -1)), min_size=1, max_size=3))
    if freq is Frequency.SINGLE:
        return RecurrenceRule(day, freq)
    for _ in range(500):
        is_nth = (
            freq is Frequency.WEEKLY
            or (day.day + 6) // 7 in ordinals
            or (-1 in ordinals and (day + timedelta(days=7)).month != day.month)
        )
        if day.weekday() in weekdays and is_nth:
            break
        day += timedelta(days=1)
    interval = draw(st.integers(1, 52))
    ordinals = tuple(ordinals) if freq is Frequency.MONTHLY else ()
    number = draw(st.none() | st.integers(1, 40))
    rule = RecurrenceRule(day, freq, interval, tuple(weekdays), ordinals, count=number)
    if number is None:
        return rule
    days = rule.days()
    inner = days[1:-1]
    missing = draw(st.sets(st.sampled_from(inner), max_size=min(2, len(inner) - 1))) if len(inner) > 1 else set()
    added = draw(st.sets(st.dates(days[0] - timedelta(days=90), days[-1] + timedelta(days=90)), max_size=2))
    return rule.without(missing).with_extra(added - missing - {*days})


@given(rules(), quarters, quarters, st.data())
def test_sentence_of_a_rule_is_read_as_that_rule(rule, one, other, data):
    begins, ends = sorted((one, other if other != one else (one + 4) % 96))
    starts, minutes = time(*divmod(begins * 15, 60)), (ends - begins) * 15
    others = ()
    if len(rule.weekdays) > 2 and begins > 4:
        odd = data.draw(st.none() | st.sampled_from(rule.weekdays))
        others = () if odd is None else (WeekdayTimes(odd, time(0, 15), 45),)
    days = rule.days(60)

    for language in WHOLE:
        said = rule_sentence(rule, starts, minutes, days, language, others=others, is_open=rule.is_open)
        understood = read_sentence(said, AROUND)

        (meant,) = understood.readings or [None]
        assert meant is not None, said
        assert [doubt.code for doubt, _ in understood.doubts] == (["until"] if rule.is_open else []), said
        assert understood.unknown == (), said
        assert [*meant.days[:60]] == days, said
        assert (meant.begins, meant.ends, meant.others) == (starts, wall_end(starts, minutes), others), said
        of = meant.rule
        assert (of.freq, of.interval, of.weekdays, of.ordinals, of.is_open) == (
            (rule.freq, rule.interval, rule.weekdays, rule.ordinals, rule.is_open)
        ), said


def test_what_a_sentence_leaves_out_is_asked():
    days = [date(2026, 12, 8) + timedelta(days=7 * number) for number in range(20)]
    rule = RecurrenceRule(days[0], Frequency.WEEKLY, count=20).without(days[1 : MOST_NAMED + 3])
    single = RecurrenceRule(days[0], Frequency.SINGLE, extra_dates=frozenset((days[2], days[3])))

    for each in (rule, single):
        for language in WHOLE:
            understood = read_sentence(rule_sentence(each, time(19), 120, each.days(), language), AROUND)
            assert understood.doubts
            assert not understood.is_sure
