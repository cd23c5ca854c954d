"""Who gets what at each address: everybody at everything."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests import make
from tests.support.app import Client
from tests.support.whole_house import EMAIL, FORMS, UNKNOWN, WholeHouse
from tests.web.test_methods import WITHOUT_TOKEN, rules, token_of

#: The status of each answer; with a plus where something about the booking of group A has changed afterwards, and be
#: it that a link was used for the first time.
#: Group A has the link to that booking, a second person of it a link of their own, group B one to another booking,
#: and sends what group A would; whoever has the feed link has it alone. All others try a link that does not exist.
TABLE = """
                                                               stranger groupA groupB second feed reception team admin
GET  /                                                         200      200    200    200    200  200       200  200
GET  /a/<token>                                                404      200    200    200    404  404       404  404
GET  /a/<token>.ics                                            404      200    200    200    404  404       404  404
GET  /a/<token>/absagen                                        404      200    303    200    404  404       404  404
POST /a/<token>/absagen                                        404      303+   303    303+   404  404       404  404
GET  /a/<token>/aendern                                        404      200    200    200    404  404       404  404
POST /a/<token>/aendern                                        404      303+   303    303+   404  404       404  404
POST /a/<token>/aendern/zuruecknehmen                          404      303+   303    303+   404  404       404  404
GET  /a/<token>/angaben                                        404      200    200    200    404  404       404  404
POST /a/<token>/angaben                                        404      303+   303    303+   404  404       404  404
GET  /a/<token>/antworten                                      404      200    303    200    404  404       404  404
POST /a/<token>/antworten                                      404      303+   303    303+   404  404       404  404
GET  /a/<token>/daten-loeschen                                 404      200    200    200    404  404       404  404
POST /a/<token>/daten-loeschen                                 404      303+   303    303+   404  404       404  404
POST /a/<token>/frueherer-link                                 404      303+   303    303+   404  404       404  404
GET  /a/<token>/kalender-abo                                   404      200    200    200    404  404       404  404
POST /a/<token>/kalender-abo                                   404      303+   303    303+   404  404       404  404
POST /a/<token>/kalender-abo/beenden                           404      303+   303    303+   404  404       404  404
POST /a/<token>/neue-anfrage                                   404      303+   303    303+   404  404       404  404
POST /a/<token>/rueckgaengig                                   404      303+   303    303+   404  404       404  404
GET  /a/<token>/termin.ics                                     404      200    404    200    404  404       404  404
GET  /a/<token>/uebergeben                                     404      200    200    404    404  404       404  404
POST /a/<token>/uebergeben                                     404      303+   303    404+   404  404       404  404
POST /a/<token>/uebergeben/abbrechen                           404      303+   303    404+   404  404       404  404
GET  /a/<token>/verlaengern                                    404      200    303    200    404  404       404  404
POST /a/<token>/verlaengern                                    404      303+   303    303+   404  404       404  404
GET  /a/<token>/vertretung                                     404      200    200    404    404  404       404  404
POST /a/<token>/vertretung                                     404      303+   303    404+   404  404       404  404
POST /a/<token>/vertretung/wegnehmen                           404      303+   303    404+   404  404       404  404
GET  /a/<token>/vorschlag                                      404      200    303    200    404  404       404  404
POST /a/<token>/vorschlag                                      404      303+   303    303+   404  404       404  404
GET  /a/<token>/weiterer-termin                                404      200    200    200    404  404       404  404
POST /a/<token>/weiterer-termin                                404      303+   303    303+   404  404       404  404
GET  /a/<token>/zurueckziehen                                  404      200    303    200    404  404       404  404
POST /a/<token>/zurueckziehen                                  404      303+   303    303+   404  404       404  404
GET  /anfrage                                                  200      200    200    200    200  200       200  200
POST /anfrage                                                  303      303    303    303    303  303       303  303
GET  /anfrage/adresse                                          303      303    303    303    303  303       303  303
POST /anfrage/adresse                                          303      303    303    303    303  303       303  303
GET  /anfrage/danke                                            303      303    303    303    303  303       303  303
GET  /anfrage/kalender                                         200      200    200    200    200  200       200  200
GET  /anfrage/pruefen                                          303      303    303    303    303  303       303  303
POST /anfrage/pruefen                                          303      303    303    303    303  303       303  303
GET  /anfrage/termine                                          303      303    303    303    303  303       303  303
POST /anfrage/termine                                          303      303    303    303    303  303       303  303
GET  /anfrage/ueber-euch                                       303      303    303    303    303  303       303  303
POST /anfrage/ueber-euch                                       303      303    303    303    303  303       303  303
GET  /anfrage/verfuegbarkeit                                   200      200    200    200    200  200       200  200
GET  /api/v1/openapi.json                                      200      200    200    200    200  200       200  200
GET  /kalender/monat/<text>                                    200      200    200    200    200  200       200  200
GET  /export/oic/events.yml                                    200      200    200    200    200  200       200  200
GET  /display/<token>                                          403      403    403    403    403  403       403  403
GET  /display/<token>/puls                                     403      403    403    403    403  403       403  403
POST /display/<token>/puls                                     403      403    403    403    403  403       403  403
GET  /embed/v1.js                                              200      200    200    200    200  200       200  200
GET  /haus/<name>                                              200      200    200    200    200  200       200  200
GET  /robots.txt                                               200      200    200    200    200  200       200  200
GET  /sitemap.xml                                              200      200    200    200    200  200       200  200
GET  /daten                                                    200      200    200    200    200  200       200  200
GET  /daten/termine.csv                                        200      200    200    200    200  200       200  200
GET  /daten/nutzung-<year>.csv                                 200      200    200    200    200  200       200  200
GET  /daten/dcat.jsonld                                        200      200    200    200    200  200       200  200
GET  /api/v1/occupancy                                         200      200    200    200    200  200       200  200
GET  /api/v1/occurrences                                       200      200    200    200    200  200       200  200
GET  /api/v1/rooms                                             200      200    200    200    200  200       200  200
GET  /api/v1/today                                             200      200    200    200    200  200       200  200
GET  /kalender.atom                                            200      200    200    200    200  200       200  200
GET  /kalender.ics                                             200      200    200    200    200  200       200  200
GET  /kalender/abonnieren                                      200      200    200    200    200  200       200  200
GET  /offen.ics                                                200      200    200    200    200  200       200  200
GET  /raeume/<slug>.ics                                        200      200    200    200    200  200       200  200
GET  /termine/<date_id>                                        200      200    200    200    200  200       200  200
GET  /termine/<date_id>.ics                                    200      200    200    200    200  200       200  200
GET  /gruppen/<slug>                                           200      200    200    200    200  200       200  200
GET  /gruppen/<slug>.ics                                       200      200    200    200    200  200       200  200
POST /api/v1/preview                                           422      422    422    422    422  422       422  422
POST /api/v1/read                                              422      422    422    422    422  422       422  422
GET  /barrierefreiheit                                         200      200    200    200    200  200       200  200
GET  /daten-geloescht                                          200      200    200    200    200  200       200  200
GET  /datenschutz                                              200      200    200    200    200  200       200  200
GET  /hausordnung                                              200      200    200    200    200  200       200  200
GET  /hausordnung/<name>                                       200      200    200    200    200  200       200  200
GET  /healthz                                                  200      200    200    200    200  200       200  200
GET  /heute                                                    200      200    200    200    200  200       200  200
GET  /hilfe                                                    200      200    200    200    200  200       200  200
GET  /impressum                                                200      200    200    200    200  200       200  200
GET  /k/<token>.ics                                            404      404    404    404    200  404       404  404
GET  /kalender                                                 200      200    200    200    200  200       200  200
GET  /kalender/tag/<text>                                      200      200    200    200    200  200       200  200
GET  /kalender/woche                                           302      302    302    302    302  302       302  302
GET  /kalender/woche/<text>                                    200      200    200    200    200  200       200  200
GET  /link                                                     200      200    200    200    200  200       200  200
POST /link                                                     303      303    303    303    303  303       303  303
GET  /lobby                                                    200      200    200    200    200  200       200  200
GET  /lobby/warten                                             200      200    200    200    200  200       200  200
GET  /lobby-worker.js                                          200      200    200    200    200  200       200  200
GET  /raeume                                                   200      200    200    200    200  200       200  200
GET  /raeume/<slug>                                            200      200    200    200    200  200       200  200
GET  /raeume/<slug>/foto.jpg                                   404      404    404    404    404  404       404  404
GET  /readyz                                                   200      200    200    200    200  200       200  200
GET  /static/<filename>                                        200      200    200    200    200  200       200  200
GET  /team                                                     302      302    302    302    302  403       200  200
POST /team/abmelden                                            302      302    302    302    302  302       302  302
GET  /team/anfragen/<reference>                                302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/da                             302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/entscheiden                    302      302    302    302    302  403       303+ 303+
GET  /team/anfragen/<reference>/faellt-aus                     302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/faellt-aus                     302      302    302    302    302  403       303+ 303+
GET  /team/anfragen/<reference>/findet-statt                   302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/findet-statt                   302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/gesehen                        302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/jetzt-senden                   302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/nicht-gekommen/<date_id>       302      302    302    302    302  403       303  303
POST /team/anfragen/<reference>/pruefen                        302      302    302    302    302  403       200  200
GET  /team/anfragen/<reference>/nebeneinander                  302      302    302    302    302  403       303  303
POST /team/anfragen/<reference>/nebeneinander                  302      302    302    302    302  403       303  303
GET  /team/anfragen/<reference>/rueckfrage                     302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/rueckfrage                     302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/schluessel                     302      302    302    302    302  303+      303+ 303+
POST /team/anfragen/<reference>/schluessel/<loan_id>/zurueck   302      302    302    302    302  303+      303+ 303+
POST /team/anfragen/<reference>/spaeter                        302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/titel/<answer>                 302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/schluessel/erinnern            302      302    302    302    302  403       303  303
GET  /team/anfragen/<reference>/verlaengern                    302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/verlaengern                    302      302    302    302    302  403       303+ 303+
GET  /team/anfragen/<reference>/verlegen/<date_id>             302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/verlegen/<date_id>             302      302    302    302    302  403       303+ 303+
GET  /team/anfragen/<reference>/wunsch/<change_id>             302      302    302    302    302  403       200  200
POST /team/anfragen/<reference>/wunsch/<change_id>             302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/zuruecknehmen                  302      302    302    302    302  403       303+ 303+
POST /team/anfragen/<reference>/zurueckhalten                  302      302    302    302    302  403       303+ 303+
GET  /team/anmelden                                            200      200    200    200    200  302       302  302
POST /team/anmelden                                            302      302    302    302    302  302       302  302
GET  /team/anmelden/code                                       303      303    303    303    303  303       303  303
POST /team/anmelden/code                                       303      303    303    303    303  303       303  303
POST /team/anmelden/passkey                                    422      422    422    422    422  422       422  422
POST /team/anmelden/passkey/frage                              200      200    200    200    200  200       200  200
GET  /team/ausgang                                             302      302    302    302    302  403       200  200
GET  /team/ausgang/<letter_id>                                 302      302    302    302    302  403       200  200
GET  /team/anmelden/stadt                                      303      303    303    303    303  303       303  303
GET  /team/anmelden/stadt/zurueck                              303      303    303    303    303  303       303  303
POST /team/ausgang/<letter_id>/adresse                         302      302    302    302    302  403       303  303
POST /team/ausgang/<letter_id>/zurueck                         302      302    302    302    302  403       303  303
POST /team/ausgang/<letter_id>/senden                          302      302    302    302    302  403       303+ 303+
GET  /team/einladung/<token>                                   303      303    303    303    303  303       303  303
POST /team/einladung/<token>                                   303      303    303    303    303  303       303  303
GET  /team/gruppen                                             302      302    302    302    302  403       200  200
GET  /team/gruppen/<slug>                                      302      302    302    302    302  403       200  200
POST /team/gruppen/<slug>                                      302      302    302    302    302  403       303  303
POST /team/gruppen/<slug>/kontakt/<contact_id>/loeschen        302      302    302    302    302  403       303+ 303+
GET  /team/gruppen/<slug>/zusammenlegen                        302      302    302    302    302  403       303  303
POST /team/gruppen/<slug>/zusammenlegen                        302      302    302    302    302  403       303  303
GET  /team/haus                                                302      302    302    302    302  403       200  200
GET  /team/eintragen                                           302      302    302    302    302  403       200  200
POST /team/eintragen                                           302      302    302    302    302  403       422  422
GET  /team/haus/team                                           302      302    302    302    302  403       403  200
POST /team/haus/team                                           302      302    302    302    302  403       403  303
POST /team/haus/team/<member_id>                               302      302    302    302    302  403       403  303
POST /team/haus/team/<member_id>/einladen                      302      302    302    302    302  403       403  303
POST /team/haus/team/<member_id>/entfernen                     302      302    302    302    302  403       403  303
GET  /team/haus/anzeigen                                       302      302    302    302    302  403       200  200
GET  /team/haus/anzeigen/<display_id>                          302      302    302    302    302  403       200  200
POST /team/haus/anzeigen/<display_id>                          302      302    302    302    302  403       422  422
POST /team/haus/anzeigen/<display_id>/entfernen                302      302    302    302    302  403       303  303
POST /team/haus/anzeigen/<display_id>/neue-adresse             302      302    302    302    302  403       303  303
GET  /team/haus/anzeigen/neu                                   302      302    302    302    302  403       200  200
POST /team/haus/anzeigen/neu                                   302      302    302    302    302  403       422  422
GET  /team/haus/hausordnung                                    302      302    302    302    302  403       200  200
POST /team/haus/hausordnung                                    302      302    302    302    302  403       422  422
GET  /team/haus/raeume                                         302      302    302    302    302  403       200  200
GET  /team/haus/raeume/<slug>                                  302      302    302    302    302  403       200  200
POST /team/haus/raeume/<slug>                                  302      302    302    302    302  403       422  422
POST /team/haus/raeume/<slug>/foto                             302      302    302    302    302  403       422  422
GET  /team/haus/raeume/<slug>/kalender                         302      302    302    302    302  403       200  200
POST /team/haus/raeume/<slug>/kalender                         302      302    302    302    302  403       303  303
POST /team/haus/raeume/<slug>/kalender/nachsehen               302      302    302    302    302  403       303  303
GET  /team/haus/raeume/<slug>/teile                            302      302    302    302    302  403       200  200
POST /team/haus/raeume/<slug>/teile                            302      302    302    302    302  403       303  303
POST /team/haus/raeume/<slug>/nach-oben                        302      302    302    302    302  403       303  303
GET  /team/haus/raeume/neu                                     302      302    302    302    302  403       200  200
POST /team/haus/raeume/neu                                     302      302    302    302    302  403       422  422
GET  /team/haus/texte                                          302      302    302    302    302  403       200  200
GET  /team/haus/texte/<language>/<name>                        302      302    302    302    302  403       200  200
POST /team/haus/texte/<language>/<name>                        302      302    302    302    302  403       409  409
GET  /team/haus/uebernehmen                                    302      302    302    302    302  403       200  200
POST /team/haus/uebernehmen                                    302      302    302    302    302  403       422  422
POST /team/haus/uebernehmen/<run>/entfernen                    302      302    302    302    302  403       404  404
GET  /team/haus/feiertage                                       302      302    302    302    302  403       200  200
GET  /team/haus/oeffnungszeiten                                 302      302    302    302    302  403       200  200
POST /team/haus/oeffnungszeiten                                 302      302    302    302    302  403       409  409
GET  /team/haus/sperrzeiten                                     302      302    302    302    302  403       200  200
GET  /team/haus/sperrzeiten/<closure_id>                        302      302    302    302    302  403       200  200
POST /team/haus/sperrzeiten/<closure_id>                        302      302    302    302    302  403       200  200
POST /team/haus/sperrzeiten/<closure_id>/beenden                302      302    302    302    302  403       303  303
POST /team/haus/sperrzeiten/<closure_id>/zuruecknehmen          302      302    302    302    302  403       303  303
GET  /team/haus/sperrzeiten/neu                                 302      302    302    302    302  403       200  200
POST /team/haus/sperrzeiten/neu                                 302      302    302    302    302  403       200  200
GET  /team/heute                                               302      302    302    302    302  200       200  200
POST /team/heute/hinweis                                       302      302    302    302    302  403       303  303
POST /team/heute/hinweis/weg                                   302      302    302    302    302  403       303  303
GET  /team/kalender                                            302      302    302    302    302  403       302  302
GET  /team/kalender/<text>                                     302      302    302    302    302  403       200  200
GET  /team/konto                                               302      302    302    302    302  200       200  200
POST /team/konto                                               302      302    302    302    302  303       303  303
GET  /team/konto/tasten                                        302      302    302    302    302  200       200  200
GET  /team/konto/app                                           302      302    302    302    302  200       200  200
POST /team/konto/app                                           302      302    302    302    302  400       400  400
POST /team/konto/app/aus                                       302      302    302    302    302  303       303  303
GET  /team/konto/bestaetigen                                   302      302    302    302    302  200       200  200
POST /team/konto/bestaetigen                                   302      302    302    302    302  422       422  422
POST /team/konto/ersatzcodes                                   302      302    302    302    302  303       303  303
GET  /team/konto/passwort                                      302      302    302    302    302  200       200  200
POST /team/konto/passwort                                      302      302    302    302    302  303       303  303
POST /team/konto/passkeys                                      302      302    302    302    302  303       303  303
POST /team/konto/passkeys/<passkey_id>/entfernen               302      302    302    302    302  404       404  404
POST /team/konto/passkeys/frage                                302      302    302    302    302  200       200  200
GET  /team/neu                                                 302      302    302    302    302  403       200  200
GET  /team/schluessel                                          302      302    302    302    302  200       200  200
GET  /team/schluessel/<loan_id>/quittung                       302      302    302    302    302  200       200  200
GET  /team/protokoll                                           302      302    302    302    302  403       200  200
GET  /team/protokoll.csv                                       302      302    302    302    302  403       200  200
GET  /team/statistik                                           302      302    302    302    302  403       200  200
POST /team/statistik                                           302      302    302    302    302  403       303  303
GET  /team/statistik/nutzungen.csv                             302      302    302    302    302  403       200  200
GET  /team/wochenplan                                          302      302    302    302    302  403       302  302
GET  /team/wochenplan/<text>                                   302      302    302    302    302  403       200  200
GET  /uebergabe/<token>                                        404      200    404    404    404  404       404  404
POST /uebergabe/<token>                                        404      303+   404    404    404  404       404  404
"""

ROLES, *ROWS = (line.split() for line in TABLE.strip().splitlines())
EXPECTED = {" ".join(row[:2]): dict(zip(ROLES, row[2:], strict=True)) for row in ROWS}

#: What everybody gets alike is asked for by these alone, and by all others as variants.
OUTERMOST = ("stranger", "admin")
ALIKE = {address for address, answers in EXPECTED.items() if len(set(answers.values())) == 1}

MEMBERS = ("reception", "team", "admin")
TOKENS = {"groupA": "page", "groupB": "other", "second": "second", "feed": "calendar"}


def written(rule: Rule) -> str:
    """``GET /a/<token>``"""
    (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return f"{method} " + re.sub(r"<(?:[^:<>]+:)?([a-z_]+)>", r"<\1>", rule.rule)


def test_every_address_stands_in_the_table(app: Flask) -> None:
    assert sorted(map(written, rules(app))) == sorted(EXPECTED)


@pytest.mark.parametrize(
    ("role", "left_out"),
    [
        *(pytest.param(role, set() if role in OUTERMOST else ALIKE, id=role) for role in ROLES),
        *(
            pytest.param(role, set(EXPECTED) - ALIKE, marks=pytest.mark.variant, id=f"{role}, as everybody")
            for role in ROLES
            if role not in OUTERMOST
        ),
    ],
)
def test_everybody_gets_what_is_theirs(app: Flask, whole_house: WholeHouse, role: str, left_out: set[str]) -> None:
    house, before = whole_house, whole_house.rows()
    client = Client(app)
    if role in MEMBERS:
        client.sign_in(make.staff(role=role))
        house.keep()
    csrf_token, session = token_of(client), client.get_cookie("session").value

    found, told = {}, []
    for rule in rules(app):
        if written(rule) in left_out:
            continue
        client = Client(app)
        client.set_cookie("session", session)
        path = house.address(rule, secret(role, rule, house))
        if rule.endpoint in FORMS:
            form = {"csrf_token": csrf_token, "version": house.version, **FORMS[rule.endpoint](house)}
            answer = client.post(path, data=form)
        elif rule.endpoint in WITHOUT_TOKEN:
            answer = client.post(path, json={})
        else:
            answer = client.get(path)
        has_acted = rule.endpoint in FORMS and house.rows() != before
        found[written(rule)] = f"{answer.status_code}{'+' if has_acted else ''}"
        if EMAIL in answer.get_data(as_text=True):
            told.append(written(rule))
        answer.close()
        if rule.endpoint in FORMS and answer.status_code < 400:
            house.restore()

    assert found == {address: expected[role] for address, expected in EXPECTED.items() if address not in left_out}
    assert told == [] or role in ("groupA", "second", "team", "admin")


def secret(role: str, rule: Rule, house: WholeHouse) -> str:
    """The token that somebody has for such an address."""
    if role == "groupA" and rule.rule.startswith("/uebergabe"):
        return house.tokens["handover"]
    return house.tokens[TOKENS[role]] if role in TOKENS else UNKNOWN
