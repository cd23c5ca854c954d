"""Addresses are kept as mail travels to them, whichever form they come in by."""

import pytest
from werkzeug.datastructures import MultiDict

from booking.web.forms.people import WAY_IN, AboutForm, AddressForm, PersonForm
from booking.web.forms.texts import mailbox
from tests.support.request_form import ABOUT

AS_SENT = {
    "zoe@example.org": "zoe@example.org",
    "zoe@BÜCHER.example": "zoe@xn--bcher-kva.example",
    "zoe@faß.example": "zoe@xn--fa-hia.example",  # and not fass.example, as IDNA 2003 has it
    "zoe@xn--bcher-kva.example": "zoe@xn--bcher-kva.example",
    "zoe@bücher。example": "zoe@xn--bcher-kva.example",  # with an ideographic full stop
    "a@ا٠.com": "a@xn--mgb8i.com",  # IDNA 2008 knows it, 2003 does not
}
REFUSED = ["zoe@☃.example", "zoe@1א.example", "zoe@a..example", "zoë@example.org", "zoe@-.example", "zoe@\u202eexample"]
FORMS = {AboutForm: {"without": WAY_IN}, AddressForm: {}, PersonForm: {}}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize(("typed", "kept"), [*AS_SENT.items(), *dict.fromkeys(REFUSED, "").items()])
def test_address_is_kept_as_mail_travels_to_it_or_asked_back(app, form, typed, kept):
    with app.test_request_context():
        filled = form(MultiDict({**ABOUT, "email": typed}), **FORMS[form])

        assert (filled.validate(), filled.email.meant or "") == (bool(kept), kept)
        assert list(filled.email.errors) == (
            [] if kept else ["Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de."]
        )
        assert filled.email.data == typed


@pytest.mark.parametrize(("typed", "kept"), AS_SENT.items())
def test_limits_count_the_mailbox_that_mail_travels_to(app, typed, kept):
    assert mailbox(typed) == kept
