from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.typed import NotReadable, read_date, read_number, read_time
from booking.web import locale
from booking.web.forms import messages
from tests import make
from tests.support import work

TODAY = date(2026, 11, 30)
TUESDAY = date(2026, 12, 8)


def refusal(read, text: str) -> tuple[str, dict]:
    with pytest.raises(NotReadable) as caught:
        read(text)
    return caught.value.code, caught.value.params


def sentence(app, fault: NotReadable, language: str) -> str:
    """What a page in this language says about it."""
    with app.test_request_context(), locale.speaking(language):
        return messages.not_readable(fault)


def read_day(text: str) -> date:
    return read_date(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        *("8.12.", "8.12", "08.12.", "8. 12.", "8.12.26", "08.12.26", "8.12.2026", "08.12.2026", "8. 12. 2026"),
        *("08. 12. 2026", "8/12", "8/12/26", "8/12/2026", "08-12-2026", "8-12-2026"),
        *("2026-12-08", "2026-12-8", "2026/12/08", "2026.12.08"),
        *("8. Dezember", "8.Dezember", "8 Dezember", "8. Dez.", "8. dez", "8. DEZEMBER", "8. Dezember 2026"),
        *("8. Dezember 26", "8. Dez. 2026", "8.Dez.2026", "den 8. Dezember", "am 8. Dezember", "am 8.12."),
        *("8 December", "8 Dec 2026", "8th December", "8th of December", "the 8th of December 2026", "8 dec, 2026"),
        *("December 8", "Dec 8", "Dec. 8", "December 8th", "December 8, 2026", "Dec 8 2026", "on December 8"),
        *("Di 8.12.", "Di. 8.12.", "Di, 8.12.", "Di., 8.12.2026", "di 8.12", "Dienstag 8.12.", "DIENSTAG, 8.12.26"),
        *("Dienstag, 8. Dezember 2026", "Dienstag, den 8. Dezember 2026", "am Dienstag, den 8.12.", "Di 2026-12-08"),
        *(
            "Tue 8 Dec",
            "Tues 8/12",
            "Tuesday, 8 December 2026",
            "Tuesday, December 8, 2026",
            "Tuesday the 8th of December",
        ),
        *("  8.12.  ", "\t8.12.\n", "8.\u00a012.\u00a02026", "8.\u202f12.", "\u200e8.12.2026\u200f", "8.\u200b12."),
        *("８.１２.２０２６", "٨.١٢.٢٠٢٦"),
        *(
            "8.12.2026.",
            "8. 12. 26",
            "8.12.'26",
            "8. Dezember ’26",
            "8 12 2026",
            "8-Dez-2026",
            "8-dec-26",
            "8/Dec/2026",
        ),
        *("8.12. (Di)", "8.12.2026 (Dienstag)", "8.12.2026, Dienstag", "8 December 2026 (Tue)", "Dezember 8"),
        *(
            "8.ter Dezember",
            "8ter Dez.",
            "dem 8.12.",
            "ab 8.12.",
            "ab dem 8. Dezember",
            "bis zum 8.12.",
            "bis 8.12.2026",
        ),
        *("from 8 December", "until Dec 8", "till 8/12", "December the 8th", "Tue., Dec. 8th, 2026", "Di.8.12."),
    ],
)
def test_date_is_read_as_people_write_it(text):
    assert read_day(text) == TUESDAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("30.11.", date(2026, 11, 30), id="today"),
        pytest.param("29.11.", date(2027, 11, 29), id="yesterday is a year ahead"),
        pytest.param("1.1.", date(2027, 1, 1), id="next year"),
        pytest.param("3. März", date(2027, 3, 3), id="next year, by name"),
        pytest.param("3. Ma\u0308rz", date(2027, 3, 3), id="a dot above of its own"),
        pytest.param("3. Maerz", date(2027, 3, 3), id="without umlauts"),
        pytest.param("3. Mrz", date(2027, 3, 3), id="Mrz"),
        pytest.param("Mi 3.3.", date(2027, 3, 3), id="the weekday is next year's"),
        pytest.param("3.3.2026", date(2026, 3, 3), id="a past day is a day"),
        pytest.param("29.2.2028", date(2028, 2, 29), id="leap day"),
        pytest.param("May 1", date(2027, 5, 1), id="May"),
        pytest.param("1. Mai", date(2027, 5, 1), id="Mai"),
        pytest.param("So 6. Dez", date(2026, 12, 6), id="So is Sunday"),
        pytest.param("Sonnabend, 5. Dezember", date(2026, 12, 5), id="Sonnabend"),
        pytest.param("12/1/2027", date(2027, 1, 12), id="the day stands first"),
    ],
)
def test_date_without_a_year_is_the_next_one(text, expected):
    assert read_day(text) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0", "\u200b", " " * 10_000])
def test_nothing_is_no_date_and_no_time(text):
    assert refusal(read_day, text) == ("date_empty", {})
    assert refusal(read_time, text) == ("time_empty", {})


@pytest.mark.parametrize(
    "text",
    [
        *("32.13.", "8.13.", "0.12.", "8.0.", "12/13/2026", "8.12.126", "8.12.20266", "8.12.0000", "8.12.1926"),
        *(
            "8.12.9999",
            "8.12.-26",
            "-8.12.",
            "8,12,2026",
            "8. 12 26",
            "08122026",
            "20261208",
            "081226",
            "8",
            "8.",
            "26-12-08",
        ),
        *(
            "Di",
            "gestern",
            "übernächsten Dienstag",
            "jeden 2. Dienstag",
            "8. Dezembre",
            "8. Monat",
            "Dezember",
            "Dezember 2026",
        ),
        *(
            "8.12. oder 9.12.",
            "8.-9.12.",
            "8./9.12.",
            "8.12.2026 19:00",
            "KW 50",
            "Xy 8.12.",
            "Di Mi 8.12.",
            "8.12.2026.1",
        ),
        *("8.12.2026; DROP TABLE", "<b>8.12.</b>", "8².12.", "①.12.", "Ⅷ.12.", "8.12.\x00", "\ud800", "💥"),
    ],
)
def test_date_that_could_mean_two_things_or_nothing_is_not_guessed(text):
    code, params = refusal(read_day, text)

    assert (code, list(params)) == ("date_unreadable", ["text"])


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("30.2.", "de", "30. Februar"),
        ("30.2.", "en", "30 February"),
        ("30. Februar 2027", "de", "30. Februar"),
        ("Mo 31.4.2027", "de", "31. April"),
        ("31 June", "en", "31 June"),
        ("32.12.", "de", "32. Dezember"),
        pytest.param("29.2.2027", "de", "29. Februar 2027", id="29.2. in a year that has none"),
        pytest.param("29.2.", "de", "29. Februar 2027", id="29.2. means the next February, and that has none"),
    ],
)
def test_day_that_there_is_not_is_named(app, text, language, day):
    sentences = {"de": "Den {} gibt es nicht. Welcher Tag ist gemeint?", "en": "There is no {}. Which day do you mean?"}
    with pytest.raises(NotReadable) as caught:
        read_date(text, TODAY)

    assert caught.value.code == "no_such_day"
    assert sentence(app, caught.value, language) == sentences[language].format(day)


@pytest.mark.parametrize(
    ("text", "language", "weekday", "written"),
    [
        ("Mo 8.12.", "de", "Dienstag", "Montag"),
        ("Mo 8.12.", "en", "Tuesday", "Monday"),
        ("Saturday, 8 December 2026", "de", "Dienstag", "Samstag"),
        ("Sonnabend, 8.12.26", "de", "Dienstag", "Samstag"),
        ("8.12. (Mo)", "de", "Dienstag", "Montag"),
        ("8 December 2026, Friday", "en", "Tuesday", "Friday"),
    ],
)
def test_weekday_that_does_not_fit_is_named_with_the_right_one(app, text, language, weekday, written):
    sentences = {
        "de": "Der 8. Dezember 2026 ist ein {}, du hast {} geschrieben. Welcher Tag stimmt?",
        "en": "8 December 2026 is a {}, but you wrote {}. Which is right?",
    }
    with pytest.raises(NotReadable) as caught:
        read_date(text, TODAY)

    assert (caught.value.code, caught.value.params["day"]) == ("weekday_clash", TUESDAY)
    assert sentence(app, caught.value, language) == sentences[language].format(weekday, written)


@pytest.mark.parametrize(
    ("expected", "texts"),
    [
        (time(19), ["19", "19 Uhr", "19Uhr", "19 UHR", "19:00", "19.00", "19:00 Uhr", "19.00 Uhr", "19 : 00", "1900"]),
        (
            time(19),
            ["19h", "19 h", "19h00", "19:00h", "1900 Uhr", "19:00:00", "um 19 Uhr", "at 19:00", " 19\u00a0Uhr "],
        ),
        (time(19), ["7 pm", "7pm", "7 PM", "7 p.m.", "7:00 pm", "7.00pm", "at 7 pm", "700pm", "１９:００"]),
        (time(19, 30), ["19:30", "19.30", "1930", "19h30", "19 Uhr 30", "7:30pm", "7:30 p.m.", "7.30 pm", "730pm"]),
        (time(7), ["7", "07", "7 Uhr", "7:00", "07:00", "700", "0700", "7 am", "7a.m."]),
        (time(7, 45), ["7:45", "745", "0745", "7h45"]),
        (time(0), ["0", "0:00", "00:00", "0 Uhr", "12 am", "12:00 a.m."]),
        (time(12), ["12", "12 Uhr", "12 pm", "12:00"]),
        (time(12, 15), ["12:15", "12:15 pm", "1215pm"]),
        (time(23, 45), ["23:45", "11:45 pm"]),
        (
            time(19),
            ["ab 19", "ab 19 Uhr", "from 19:00", "von 19:00 Uhr", "bis 19 Uhr", "until 7 pm", "till 19", "19,00"],
        ),
        (time(19, 30), ["19 30", "19,30", "19,30 Uhr", "19 Uhr 30", "ab 19.30", "bis 19h30"]),
        (time(8), ["8 o'clock", "8 o’clock", "at 8", "8 am", "08.00"]),
    ],
)
def test_time_is_read_as_people_write_it(expected, texts):
    assert {text: read_time(text) for text in texts} == dict.fromkeys(texts, expected)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "24:00",
            "24",
            "24 Uhr",
            "2400",
            "25",
            "19:60",
            "19:5",
            "19:000",
            "190000",
            "13 pm",
            "0 am",
            "19 pm",
            "-1",
            "19,5",
        ),
        *("viertel acht", "sieben", "mittags", "noon", "abends", "19-21", "19:00-21:00", "19 oder 20"),
        *("7 xm", "19 Uhrr", "7 Uhr abends", "gegen 19", "19:00:30", "1٪", "⑲", "19²", "19:00\x00", "\ud800", "8.12."),
    ],
)
def test_time_that_could_mean_two_things_or_nothing_is_not_guessed(text):
    code, params = refusal(read_time, text)

    assert (code, list(params)) == ("time_unreadable", ["text"])


@pytest.mark.parametrize(
    ("text", "earlier", "later"),
    [
        ("19:10", time(19), time(19, 15)),
        ("19:50", time(19, 45), time(20)),
        ("7:29 pm", time(19, 15), time(19, 30)),
        ("2026", time(20, 15), time(20, 30)),
        ("23:59", time(23, 45), None),
    ],
)
def test_time_between_two_quarters_is_never_rounded(text, earlier, later):
    assert refusal(read_time, text) == ("time_quarter", {"text": text, "earlier": earlier, "later": later})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            ("12", 12),
            (" 12 ", 12),
            ("012", 12),
            ("1", 1),
            ("9999", 9999),
            ("1000000000", 10**9),
            ("١٢", 12),
            ("１２", 12),
        ),
        *(("so 12", 12), ("um die 12", 12), ("roughly 12", 12)),
        *(("ca. 12", 12), ("ca 12", 12), ("etwa 12", 12), ("ungefähr 12", 12), ("about 12", 12), ("~12", 12)),
        *(("12 Personen", 12), ("12 Leute", 12), ("12 people", 12), ("etwa 12 Personen", 12)),
    ],
)
def test_number_is_read_as_people_write_it(text, expected):
    assert read_number(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "0",
            "00",
            "-3",
            "+3",
            "1.5",
            "1,5",
            "1.000",
            "1" * 13,
            "1e3",
            "0x10",
            "12-15",
            "12 bis 15",
            "10/12",
        ),
        *("zwölf", "viele", "12+", "½", "1²", "⑫", "12 Hunde", "1 2", "12\x00", "9" * 10_000),
    ],
)
def test_number_that_is_none_is_refused(text):
    assert refusal(read_number, text)[0] == "number_unreadable"


NO_DATE = (
    "„{}“ können wir nicht als Datum lesen. Schreib es zum Beispiel so: 8.12.2026.",
    "We can’t read “{}” as a date. Write it like this: 8.12.2026.",
)
NO_TIME = (
    "„{}“ können wir nicht als Uhrzeit lesen. Schreib zum Beispiel 19:30.",
    "We can’t read “{}” as a time. Write for example 19:30.",
)
NO_SUCH_DAY = ("Den {} gibt es nicht. Welcher Tag ist gemeint?", "There is no {}. Which day do you mean?")
QUARTERS = (
    "Wir planen in Viertelstunden. Schreib {1} oder {2} statt {0}.",
    "We plan in quarters of an hour. Write {1} or {2} instead of {0}.",
)


@pytest.mark.parametrize(
    ("text", "sentences_of", "shown"),
    [
        *((text, NO_DATE, [text]) for text in ("32.13.", "8", "Dezember", "Di", "gestern", "KW 50", "8.-9.12.")),
        *((text, NO_DATE, [text]) for text in ("every 2nd Tuesday", "last Tuesday", "yesterday", "12/13/2026", "?")),
        *((text, NO_TIME, [text]) for text in ("viertel acht", "halb", "abends", "19-21 Uhr", "25 Uhr")),
        *((text, NO_TIME, [text]) for text in ("half seven", "noon", "7 to 9", "13 pm", "seven", "19:5")),
        ("30.2.", NO_SUCH_DAY, [("30. Februar", "30 February")]),
        ("31 June", NO_SUCH_DAY, [("31. Juni", "31 June")]),
        ("29.2.2027", NO_SUCH_DAY, [("29. Februar 2027", "29 February 2027")]),
        ("19:10", QUARTERS, ["19:10", "19:00", "19:15"]),
        ("7:20 pm", QUARTERS, ["7:20 pm", "19:15", "19:30"]),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_sentence_in_both_languages(app, clock, text, sentences_of, shown):
    make.house()
    read = read_time if sentences_of in (NO_TIME, QUARTERS) else None

    for number, language in enumerate(("de", "en")):
        words = [word if isinstance(word, str) else word[number] for word in shown]
        with pytest.raises(NotReadable) as caught:
            read(text) if read else read_date(text, TODAY)
        assert sentence(app, caught.value, language) == sentences_of[number].format(*words)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("32.13.", "32.13."),
        ("  jeden\n Dienstag ", "jeden Dienstag"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 40 + "…"),
        ("x" + " " * 9998 + "x", "x…"),
        ("8.12.\x00\x1b", "8.12.��"),
        ("\ud800", "�"),
        ("<b>x</b>", "<b>x</b>"),
    ],
)
def test_what_was_typed_is_shown_in_one_short_line(text, shown):
    assert refusal(read_day, text) == ("date_unreadable", {"text": shown})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("9" * 10_000, id="digits"),
        pytest.param("8.12." * 2_000, id="dates"),
        pytest.param("1 " * 5_000, id="digits and blanks"),
        pytest.param("Dienstag, " * 1_000, id="weekdays"),
        pytest.param(" " * 9_999 + "x", id="blanks"),
        pytest.param("\u0308" * 10_000, id="dots above"),
    ],
)
def test_long_text_is_refused_at_once(text):
    def refuse():
        codes = [refusal(read, text)[0] for read in (read_day, read_time, read_number)]
        assert codes == ["date_unreadable", "time_unreadable", "number_unreadable"]

    assert work.seconds(refuse) < 0.05


typed = st.text(max_size=90) | st.text("0123456789.:/- hHuUrRDdiezmbrapm,²٣\u00a0\u200b", max_size=20)


def outcome(read, text: str) -> object:
    try:
        return read(text)
    except NotReadable as error:
        return error


@settings(max_examples=settings().max_examples * 4)
@given(typed)
def test_any_text_is_read_or_refused(text):
    day, at, number = (outcome(read, text) for read in (read_day, read_time, read_number))

    assert isinstance(day, date | NotReadable)
    assert isinstance(at, time | NotReadable)
    assert isinstance(number, int | NotReadable)


@given(
    st.dates(TODAY, date(2027, 11, 29)),
    st.sampled_from(["{0.day}.{0.month}.", "{0.day}/{0.month}", "{0.day:02}.{0.month:02}"]),
)
def test_day_without_a_year_comes_back(day, pattern):
    assert read_day(pattern.format(day)) == day


@given(
    st.dates(date(1970, 1, 1), date(4999, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%A, %d %B %Y"]),
)
def test_written_date_comes_back(day, pattern):
    assert read_day(day.strftime(pattern)) == day
