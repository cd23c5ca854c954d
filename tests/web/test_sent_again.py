"""A form that was sent after its session had run out: nothing that was typed is lost."""

import pytest

from booking.database import db
from booking.models import Booking
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import find_form
from tests.support.whole_house import FORMS

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
AGAIN = "Noch einmal abschicken"
MESSAGE = "Schaut bitte vorher vorbei:\r\n„Große Fläche“ <b>links</b> & Küche"


def typed_forms(prefix, house):
    """Each address of an audience with what is typed there, but for forms of buttons alone and of passwords."""
    for rule in house.app.url_map.iter_rules():
        values = FORMS[rule.endpoint](house) if rule.endpoint.startswith(prefix) and rule.endpoint in FORMS else {}
        if values and "password" not in values:
            yield rule, values


def sent_again(page):
    """What the button sends, without the token, as pairs."""
    data = find_form(page.text, "again").filled({}, AGAIN).data
    return sorted((name, text) for name, text in data.items(multi=True) if name != "csrf_token")


def press(client, page):
    """Send once more."""
    data = find_form(page.text, "again").filled({}, AGAIN).data
    return client.post(page.request.path, data=data, headers=FROM_OUR_PAGE)


@pytest.mark.parametrize(
    ("prefix", "signed_in", "status"), [("status_page.", False, 400), ("staff.", True, 400), ("staff.", False, 403)]
)
def test_every_form_offers_what_was_typed_once_more(app, whole_house, prefix, signed_in, status):
    client, member, before = CheckedClient(app), make.staff(), whole_house.rows()
    if signed_in:
        client.sign_in(member)
    wanted, found = {}, {}
    for rule, values in typed_forms(prefix, whole_house):
        path = whole_house.address(rule, whole_house.tokens["page"])
        pairs = [(name, str(text)) for name, of in values.items() for text in (of if isinstance(of, list) else [of])]
        answer = client.post(path, data={**values, "csrf_token": "stale"}, headers=FROM_OUR_PAGE)
        wanted[rule.endpoint], found[rule.endpoint] = (status, sorted(pairs)), (answer.status_code, sent_again(answer))

    assert found == wanted
    assert whole_house.rows() == before


def test_group_sends_its_answer_again_and_it_is_stored(checked_client, approved, address):
    form = find_form(checked_client.get(f"{address}/angaben").text, "form").filled(
        {"title": "Chor am „Großen“ Tisch"}, ""
    )
    with checked_client.session_transaction() as session:
        session.clear()  # as in a browser that was closed meanwhile

    page = checked_client.post(f"{address}/angaben", data=form.data, headers=FROM_OUR_PAGE)
    done = press(checked_client, page)

    assert (page.status_code, done.status_code) == (400, 303)
    db.session.rollback()
    assert "Chor am „Großen“ Tisch" in (approved.title, approved.title_wish)


def test_colleague_signs_in_beside_the_page_and_sends_from_there(app, checked_client):
    make.house()
    member, asked = make.staff(), make.booking(make.room(), "2027-03-03T16:00")
    checked_client.sign_in(member)
    path = f"/team/anfragen/{asked.reference}/rueckfrage"
    form = find_form(checked_client.get(path).text, "panel").filled({"question": MESSAGE}, "send")
    with checked_client.session_transaction() as session:
        session.clear()

    out = checked_client.post(path, data=form.data, headers=FROM_OUR_PAGE)
    with checked_client.session_transaction() as session:
        session.clear()  # as signing in does, on a page of its own
    checked_client.sign_in(member)
    page = press(checked_client, out)
    done = press(checked_client, page)

    assert (out.status_code, page.status_code, done.status_code) == (403, 400, 303)
    assert 'href="/team/anmelden" target="_blank"' in out.text
    db.session.rollback()
    assert db.session.get(Booking, asked.id).question == MESSAGE.replace("\r\n", "\n")


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "none"}])
def test_what_no_page_of_ours_is_known_to_have_sent_is_not_offered_again(checked_client, approved, address, headers):
    page = checked_client.post(f"{address}/angaben", data={"title": "Von woanders"}, headers=headers)

    assert (page.status_code, "Von woanders" in page.text) == (400, False)


def test_password_is_in_no_page(client):
    make.house()

    page = client.post("/team/anmelden", data={"email": "a@b.de", "password": "Teuto-Morgen-7"}, headers=FROM_OUR_PAGE)

    assert (page.status_code, "Teuto" in page.text) == (400, False)
