"""What a group wants, as the team sees and settles it: another time, another title, an answer; and keys."""

from collections.abc import Callable

import pytest

from booking import afterwards, changing, hosting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Booking, KeyLoan, Letter, Room
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import find_form
from tests.web.test_decision import HERE, hall, ids, letters, page_text, states

__all__ = ["hall"]


@pytest.fixture
def workshop(hall: Room) -> Room:
    return make.room("Werkstatt", 20)


@pytest.fixture
def series(hall: Room) -> Booking:
    return make.booking(
        hall,
        "2027-01-06T16:00",
        "2027-01-13T16:00",
        reference="IO-26-0142",
        title="Arbeitsgruppen",
        status=Status.APPROVED,
    )


@pytest.fixture
def wish(series: Booking, workshop: Room, clock: Clock) -> str:
    """The address of the page on which the group's wish for its first date is settled."""
    at = {series.occurrences[0].id: Place(workshop.id, make.slot("2027-01-06T18:00"))}
    change = changing.ask_for_change(series, at, "Geht auch <abends>?", clock.now)[0]
    return f"{HERE}/wunsch/{change.id}"


# -- Another time or room


def test_wish_is_shown_with_what_it_would_meet(staff_client: CheckedClient, series: Booking, wish: str) -> None:
    page = page_text(staff_client.get(HERE))

    assert "Die Gruppe möchte einen Termin ändern" in page
    assert "BisherMi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche" in page
    assert "GewünschtMi, 6. Januar 2027, 18:00 bis 20:00 Uhr, Werkstatt freiAußerhalb der Öffnungszeiten" in page
    assert "Geht auch <abends>?" in page
    assert "Änderung zusagen" in page


def test_wish_can_be_confirmed(staff_client: CheckedClient, series: Booking, wish: str) -> None:
    page = page_text(staff_client.get(f"{wish}?answer=yes"))
    assert "Geändert, wie gewünscht: Arbeitsgruppen am Mi, 6. Januar 2027" in page
    assert states(series) == [("approved", "")] * 2

    done = staff_client.submit(f"{wish}?answer=yes", {"message": "Gern!"}, form="panel", button="send")

    assert "Mail geht in 60 Sekunden raus." in page_text(done)
    db.session.rollback()
    assert [date.room.name for date in series.occurrences] == ["Werkstatt", "Große Fläche"]
    subject = "Geändert, wie gewünscht: Arbeitsgruppen am Mi, 6. Januar 2027 (IO-26-0142)"
    assert letters(series)[-1] == (subject, "waiting")
    assert "Die Gruppe möchte einen Termin ändern" not in page_text(staff_client.get(HERE))


def test_yes_to_a_wish_does_not_say_that_a_letter_is_gone_which_waits_for_another(
    staff_client: CheckedClient, series: Booking, wish: str, clock: Clock
) -> None:
    changing.cancel_dates(series, {series.occurrences[1].id}, clock.now)  # of which a letter tells after some minutes

    done = page_text(staff_client.submit(f"{wish}?answer=yes", {}, form="panel", button="send"))

    assert "Die Mail ist unterwegs" not in done


def test_wish_can_be_refused_with_a_reason(staff_client: CheckedClient, series: Booking, wish: str) -> None:
    without = staff_client.submit(f"{wish}?answer=no", {}, form="panel", button="send")
    assert without.status_code == 422
    assert "Wähl einen Grund aus." in page_text(without)

    done = staff_client.submit(f"{wish}?answer=no", {"reason": "access"}, form="panel", button="send")

    assert "Henrike: Änderung nicht möglich. Mail geht in 60 Sekunden raus." in page_text(done)
    db.session.rollback()
    assert [change.state for change in series.occurrences[0].changes] == ["refused"]
    assert (
        "Zu dieser Zeit können wir den Zugang zum Haus nicht sicherstellen."
        in db.session.scalars(db.select(Letter.body).order_by(Letter.id.desc())).first()
    )
    assert "Änderung nicht möglich" in page_text(staff_client.get(HERE))


def test_wish_for_a_place_that_others_have_names_them(
    staff_client: CheckedClient, series: Booking, wish: str, workshop: Room
) -> None:
    make.booking(workshop, "2027-01-06T19:00", status=Status.APPROVED, group="Chor", title="Chor")

    page = page_text(staff_client.get(HERE))

    assert "Werkstatt ist am Mi, 6. Januar 2027 belegt: Chor, 19:00 bis 21:00 Uhr." in page
    assert "Änderung zusagen" not in page
    assert staff_client.get(f"{wish}?answer=yes").location == HERE


def test_wish_for_the_evening_tells_how_the_group_gets_in(
    staff_client: CheckedClient, hall: Room, clock: Clock
) -> None:
    booking = make.booking(
        hall, "2027-01-06T11:00", minutes=60, reference="IO-26-0142", status=Status.APPROVED, way_in="talk"
    )
    told = []
    for at in ("10:00", "20:00"):
        place = Place(hall.id, make.slot(f"2027-01-06T{at}", minutes=60))
        changing.ask_for_change(booking, {booking.occurrences[0].id: place}, "", clock.now)
        told.append("Außerhalb der Öffnungszeiten, die Gruppe möchte" in page_text(staff_client.get(HERE)))

    assert told == [False, True]


def test_wish_that_was_taken_back_is_stale(
    staff_client: CheckedClient, series: Booking, wish: str, clock: Clock
) -> None:
    filled = find_form(staff_client.get(f"{wish}?answer=yes").text, "panel").filled({}, "send")
    changing.take_back_changes(series, [series.occurrences[0].open_change.id], clock.now)

    answer = staff_client.post(wish, data=filled.data)

    assert answer.status_code == 409
    assert ", Änderungswunsch zurückgenommen." in page_text(answer)
    assert staff_client.get(f"{wish}?answer=yes").location == HERE


@pytest.fixture
def wish_for_both(series: Booking, workshop: Room, clock: Clock) -> str:
    """The address of a wish for the workshop on both days, of which others have the second by now."""
    days = zip(series.occurrences, ("2027-01-06T18:00", "2027-01-13T18:00"), strict=True)
    wanted = {date.id: Place(workshop.id, make.slot(at)) for date, at in days}
    change = changing.ask_for_change(series, wanted, "Lieber abends", clock.now)[1]
    return f"{HERE}/wunsch/{change.id}"


def rooms_and_states(booking: Booking) -> list[tuple[str, str]]:
    db.session.rollback()
    return [(date.room.name, date.changes[-1].state.value) for date in booking.occurrences]


def test_wish_for_many_dates_is_one_card_one_yes_and_one_letter(
    staff_client: CheckedClient, series: Booking, wish_for_both: str
) -> None:
    page = page_text(staff_client.get(HERE))
    done = staff_client.submit(f"{wish_for_both}?answer=yes", {}, form="panel", button="send")

    assert "Die Gruppe möchte 2 Termine ändern" in page
    assert page.count("Lieber abends") == 1
    assert "Henrike: 2 Termine verlegt. Mail geht in 60 Sekunden raus." in page_text(done)
    assert rooms_and_states(series) == [("Werkstatt", "accepted")] * 2
    assert [subject for subject, _ in letters(series)][1:] == [
        "Geändert, wie gewünscht: Arbeitsgruppen, 2 Termine (IO-26-0142)"
    ]


def test_no_to_a_wish_for_many_dates_is_one_letter(
    staff_client: CheckedClient, series: Booking, wish_for_both: str
) -> None:
    done = staff_client.submit(f"{wish_for_both}?answer=no", {"reason": "access"}, form="panel", button="send")

    assert "Henrike: 2 Änderungen nicht möglich. Mail geht in 60 Sekunden raus." in page_text(done)
    assert rooms_and_states(series) == [("Große Fläche", "refused")] * 2
    assert [subject for subject, _ in letters(series)][1:] == [
        "Änderung leider nicht möglich: Arbeitsgruppen (IO-26-0142)"
    ]


def test_wish_for_many_dates_is_answered_per_date_where_one_is_taken(
    staff_client: CheckedClient, series: Booking, wish_for_both: str, workshop: Room
) -> None:
    make.booking(workshop, "2027-01-13T19:00", status=Status.APPROVED, group="Chor", title="Chor")

    shown = staff_client.get(f"{wish_for_both}?answer=yes")
    filled = find_form(shown.text, "panel").filled({}, "send")
    nothing = staff_client.post(wish_for_both, data={**filled.data, "date": ""})
    done = staff_client.submit(f"{wish_for_both}?answer=yes", {}, form="panel", button="send")

    assert filled.data["date"] == str(series.occurrences[0].id)
    assert (nothing.status_code, "Wähl zuerst Termine aus." in page_text(nothing)) == (422, True)
    assert rooms_and_states(series) == [("Werkstatt", "accepted"), ("Große Fläche", "open")]
    assert "Die Gruppe möchte einen Termin ändern" in page_text(done)


@pytest.mark.parametrize(("second", "status"), [("no", 302), ("yes", 409)], ids=["the same", "the opposite"])
def test_second_answer_to_a_wish_is_told_unless_it_is_the_same(
    staff_client: CheckedClient, series: Booking, wish: str, second: str, status: int
) -> None:
    forms = {
        answer: find_form(staff_client.get(f"{wish}?answer={answer}").text, "panel").filled(
            {"reason": "access"} if answer == "no" else {}, "send"
        )
        for answer in ("yes", "no")
    }
    staff_client.post(wish, data=forms["no"].data)

    answer = staff_client.post(wish, data=forms[second].data)

    assert answer.status_code in ({302, 303} if status == 302 else {409})
    db.session.rollback()
    assert [change.state for change in series.occurrences[0].changes] == ["refused"]


# -- Another title


@pytest.mark.parametrize(
    ("button", "title", "said"),
    [
        pytest.param("Neuen Titel übernehmen", "Neuer Name", "Ab jetzt gilt der neue Titel.", id="taken over"),
        pytest.param("Titel lassen", "Arbeitsgruppen", "Der Titel bleibt, wie er ist.", id="left"),
    ],
)
def test_title_is_settled(staff_client: CheckedClient, series: Booking, button: str, title: str, said: str) -> None:
    with transaction():
        series.title_wish = "Neuer Name"
    page = page_text(staff_client.get(HERE))
    assert all(words in page for words in ("Neuer Titel gewünscht", "BisherArbeitsgruppen", "GewünschtNeuer Name"))
    verb = "uebernehmen" if title == "Neuer Name" else "lassen"

    done = staff_client.submit(HERE, form=f"{HERE}/titel/{verb}", button=button)

    assert said in page_text(done)
    db.session.rollback()
    assert (series.title, series.title_wish) == (title, "")


def test_link_is_settled_like_a_title(staff_client: CheckedClient, series: Booking) -> None:
    with transaction():
        series.url_wish = "https://elsewhere.example"
    page = page_text(staff_client.get(HERE))
    assert "Neuer Link gewünscht" in page
    assert "Link gewünschthttps://elsewhere.example" in page

    done = staff_client.submit(HERE, form=f"{HERE}/titel/uebernehmen", button="Neuen Link übernehmen")

    assert "Ab jetzt gilt der neue Link." in page_text(done)
    db.session.rollback()
    assert (series.url, series.url_wish) == ("https://elsewhere.example", "")


def test_title_of_a_stale_page_stays(staff_client: CheckedClient, series: Booking, clock: Clock) -> None:
    with transaction():
        series.title_wish = "Neuer Name"
    filled = find_form(staff_client.get(HERE).text, f"{HERE}/titel/uebernehmen").filled({}, "")
    afterwards.cancel(series, {int(ids(series)[0]): "Grund."}, seen_version=1, by=make.staff("Jonas"), now=clock.now)

    assert staff_client.post(filled.target, data=filled.data).status_code == 409
    db.session.rollback()
    assert series.title == "Arbeitsgruppen"


# -- Questions


def test_question_is_read_asked_and_answered(
    staff_client: CheckedClient, hall: Room, clock: Clock, new_client: Callable[[], CheckedClient]
) -> None:
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142", title="Arbeitsgruppen")
    asking = f"{HERE}/rueckfrage"
    shown = staff_client.submit(asking, {"question": "Wie viele\r\nKinder?"}, form="panel", button="show")
    assert "Wie viele Kinder?" in page_text(shown)
    assert letters(booking) == []

    done = staff_client.submit(asking, {"question": "Wie viele Kinder?"}, form="panel", button="send")

    assert "Henrike: Rückfrage gestellt. Mail geht in 60 Sekunden raus." in page_text(done)
    assert "Die Gruppe hat noch nicht geantwortet" in page_text(done)
    assert letters(booking) == [("Kurze Frage zu eurer Anfrage IO-26-0142, Mi, 6. Januar, 16–18 Uhr", "waiting")]
    changing.answer_question(booking, "Etwa <zehn>.", clock.now)
    page = page_text(staff_client.get(HERE))
    assert "Die Gruppe hat geantwortet" in page
    assert "Etwa <zehn>." in page


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        pytest.param(" ", "Schreib auf, was du wissen möchtest.", id="nothing"),
        pytest.param("x" * 601, "auf höchstens 600.", id="too long"),
    ],
)
def test_question_that_cannot_be_asked(staff_client: CheckedClient, hall: Room, question: str, sentence: str) -> None:
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142")

    answer = staff_client.submit(f"{HERE}/rueckfrage", {"question": question}, form="panel", button="send")

    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert letters(booking) == []


def test_question_sent_twice_is_asked_once(staff_client: CheckedClient, hall: Room) -> None:
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142")
    page = staff_client.get(f"{HERE}/rueckfrage")
    filled = find_form(page.text, "panel").filled({"question": "Wie viele?"}, "send")

    answers = [staff_client.post(f"{HERE}/rueckfrage", data=filled.data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(letters(booking)) == 1


def test_nobody_is_asked_about_dates_that_are_decided(staff_client: CheckedClient, series: Booking) -> None:
    assert staff_client.get(f"{HERE}/rueckfrage").location == HERE


# -- Keys


def test_key_is_handed_out_and_comes_back(staff_client: CheckedClient, hall: Room, clock: Clock) -> None:
    make.booking(hall, "2026-12-10T19:00", reference="IO-26-0142", way_in="need", status=Status.APPROVED)

    out = staff_client.submit(HERE, {"key": " 3 "}, form="keys", button="ausgegeben")
    assert "Schlüssel 3 ist ausgegeben." in page_text(out)
    assert "3, ausgegeben am Mo, 30. November 2026" in page_text(out)

    clock.set("2026-12-11T09:00")
    back = staff_client.submit(HERE, form="keys", button="zurückgegeben")

    assert "Schlüssel 3 ist zurück." in page_text(back)
    assert "3, zurück am Fr, 11. Dezember 2026" in page_text(back)
    assert "Henrike: Schlüssel zurück" in page_text(back)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "Trag die Nummer ein, die auf dem Schlüssel steht."),
        ("  ", "Trag die Nummer ein, die auf dem Schlüssel steht."),
        ("x" * 33, "Das sind 33 Zeichen. Bitte kürzt es auf höchstens 32."),
    ],
)
def test_key_needs_a_number(staff_client: CheckedClient, hall: Room, number: str, sentence: str) -> None:
    make.booking(hall, "2026-12-10T19:00", reference="IO-26-0142", way_in="need")

    answer = staff_client.submit(HERE, {"key": number}, form="keys", button="ausgegeben")

    assert sentence in page_text(answer)
    assert db.session.scalars(db.select(KeyLoan)).all() == []


def test_key_that_is_out_is_found_with_who_has_it(staff_client: CheckedClient, hall: Room, clock: Clock) -> None:
    other = make.booking(hall, "2026-12-17T19:00", reference="IO-26-0150", group="Chor")
    hosting.hand_out_key(other, "3", by=make.staff("Jonas"), now=clock.now)
    make.booking(hall, "2026-12-10T19:00", reference="IO-26-0142", way_in="need")

    answer = staff_client.submit(HERE, {"key": "3"}, form="keys", button="ausgegeben")

    assert "Schlüssel 3 ist noch ausgegeben: Chor, IO-26-0150." in page_text(answer)


def test_group_that_needs_no_key_has_no_card(staff_client: CheckedClient, series: Booking) -> None:
    assert "ausgegeben" not in page_text(staff_client.get(HERE))


def test_key_of_another_request_is_not_there(staff_client: CheckedClient, hall: Room, clock: Clock) -> None:
    other = make.booking(hall, "2026-12-17T19:00", reference="IO-26-0150", group="Chor")
    loan = hosting.hand_out_key(other, "3", by=make.staff("Jonas"), now=clock.now)
    make.booking(hall, "2026-12-10T19:00", reference="IO-26-0142", way_in="need")
    token = find_form(staff_client.get(HERE).text, "keys").filled({}, "").data["csrf_token"]

    answer = staff_client.post(f"{HERE}/schluessel/{loan.id}/zurueck", data={"csrf_token": token})

    assert answer.status_code == 404
