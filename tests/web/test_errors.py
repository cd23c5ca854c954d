"""What people and machines read when something does not work out."""

import pytest
from flask import abort
from sqlalchemy import text as text_sql
from sqlalchemy.exc import OperationalError

from booking.database import db, transaction, writing
from booking.models import Initiative
from booking.web.access import public
from tests import make
from tests.support.app import application
from tests.support.pages import parse, text


@pytest.fixture
def app(sqlite_url, clock, request):
    """One of its own where a test adds addresses to it."""
    with application(sqlite_url, own="failing" in request.fixturenames) as app:
        yield app


@pytest.fixture
def house(app):
    return make.house()


@pytest.fixture
def failing(app):
    """Addresses that fail: /fehler/<code>, and one where the program itself is at fault."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False

    @public
    def fail(code):
        abort(code)

    @public
    def break_down():
        raise ZeroDivisionError("SELECT 1 from what is away")

    app.add_url_rule("/fehler/<int:code>", "fail", fail)
    app.add_url_rule("/api/fehler/<int:code>", "api_fail", fail)
    app.add_url_rule("/senden", "send", break_down, methods=["POST"])
    app.add_url_rule("/kaputt", "break_down", break_down)
    app.add_url_rule("/api/kaputt", "api_break_down", break_down)


def headline(response):
    root, _ = parse(response.text)
    return text(root.find("body//h1"))


HEADLINES = [
    (400, "Das konnten wir nicht verstehen", "We could not understand that"),
    (403, "Diese Seite ist nicht für alle", "This page is not for everybody"),
    (404, "Diese Seite gibt es nicht (mehr)", "This page doesn’t exist (any more)"),
    (405, "Das geht hier nicht", "That does not work here"),
    (409, "Inzwischen hat sich etwas geändert", "Something has changed meanwhile"),
    (413, "Das war zu viel", "That was too much"),
    (429, "Bitte warte ein wenig", "Please wait a little"),
    (500, "Da ist bei uns etwas schiefgegangen", "Something went wrong on our side"),
    (503, "Wir sind gleich wieder da", "We’ll be right back"),
    (418, "Das konnten wir nicht verstehen", "We could not understand that"),
    (502, "Da ist bei uns etwas schiefgegangen", "Something went wrong on our side"),
]


def test_error_page_speaks_both_languages(checked_client, house, failing):
    for code, german, english in HEADLINES:
        answers = [checked_client.get(f"{prefix}/fehler/{code}") for prefix in ("", "/en")]

        assert [(answer.status_code, headline(answer)) for answer in answers] == [(code, german), (code, english)]


def test_api_answers_with_a_problem_document(client, house, failing):
    for code in (400, 404, 409, 429, 500):
        answer = client.get(f"/api/fehler/{code}")

        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == answer.status_code == code
        assert set(answer.json) == {"type", "title", "status", "detail"}


def test_breakdown_is_told_kindly_and_without_a_trace(checked_client, house, failing):
    page, document = checked_client.get("/kaputt"), checked_client.get("/api/kaputt")

    assert (page.status_code, headline(page)) == (500, "Da ist bei uns etwas schiefgegangen")
    assert (document.status_code, document.mimetype) == (500, "application/problem+json")
    assert [word for word in ("SELECT", "away", "Traceback") if word in page.text + document.text] == []


def test_error_page_stands_without_a_database(checked_client, house, failing, monkeypatch):
    def away(*_):
        raise OperationalError("SELECT 1", {}, Exception("the database is away"))

    monkeypatch.setattr("booking.web.errors.house", away)

    page = checked_client.get("/kaputt")

    assert (page.status_code, headline(page)) == (500, "Da ist bei uns etwas schiefgegangen")
    assert "nav" not in page.text


def test_installation_without_a_house_says_how_to_set_it_up(checked_client, app):
    page = checked_client.get("/")

    assert page.status_code == 503
    assert "flask --app app house load FOLDER" in page.text
    assert page.headers["Retry-After"] == "120"


def test_unknown_address_leads_on(checked_client, house):
    page = checked_client.get("/gibt/es/nicht")

    assert page.status_code == 404
    assert 'href="/kalender"' in page.text


def test_forged_host_gets_a_page_that_repeats_nothing_of_it(checked_client, house):
    page = checked_client.get("/", headers={"Host": "evil.example"})

    assert (page.status_code, headline(page)) == (400, "Das konnten wir nicht verstehen")
    assert "evil" not in page.text
    assert "evil" not in str(page.headers)


def test_missing_csrf_token_says_what_to_do(checked_client, house, failing):
    page = checked_client.post("/senden")

    assert page.status_code == 400
    assert headline(page) == "Bitte schick das noch einmal ab"


def test_error_page_offers_the_same_page_in_the_other_language(checked_client, house):
    assert 'href="/en/nix?a=1"' in checked_client.get("/nix?a=1").text


def test_error_page_leads_to_no_other_site(checked_client, house):
    page = checked_client.get("/en//evil.example/x")

    assert page.status_code == 404
    assert 'href="//' not in page.text


def test_missing_file_is_not_kept_by_browsers(client, house):
    with client.get("/static/css/public.css?v=1") as file, client.get("/static/css/nix.css?v=1") as missing:
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert missing.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/kalender", "/en/kalender", "/lobby"])
def test_database_that_fails_is_told_as_a_service_that_comes_back(checked_client, house, path, caplog):
    with writing():
        db.session.execute(text_sql("ALTER TABLE closure RENAME TO gone"))
        db.session.commit()

    page = checked_client.get(path)

    assert (page.status_code, page.headers["Retry-After"]) == (503, "120")
    assert ("Wir sind gleich wieder da" in page.text, "right back" in page.text) == ("/en" not in path, "/en" in path)
    assert "SELECT" not in page.text + caplog.text


def test_log_holds_neither_secret_addresses_nor_what_people_wrote(app, failing, checked_client, house, caplog):
    @public
    def store(token):
        with transaction():
            db.session.add(Initiative(slug=token, name="Zoë Müller", kind="none that there is"))

    app.add_url_rule("/fehler/<token>", "store", store)

    response = checked_client.get("/fehler/secret")

    assert response.status_code == 500
    assert "GET store failed" in caplog.text
    assert [each for each in ("secret", "Zoë") if each in caplog.text] == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/team/gibt-es-nicht", 404, id="no such page"),
        pytest.param("GET", "/team/anfragen/IO-26-99999", 404, id="no such request"),
        pytest.param("GET", "/en/team/ausgang/nichts", 404, id="in English"),
        pytest.param("POST", "/team/ausgang", 405, id="another method"),
    ],
)
def test_error_below_the_team_carries_its_frame_for_whoever_is_signed_in(client, house, method, path, status):
    def answer():
        page = client.open(path, method=method)
        main_menu = {"Team": "masthead", "public": "site-nav"}
        return page.status_code, [name for name, mark in main_menu.items() if f'class="{mark}"' in page.text]

    client.sign_in(make.staff(role="reception"))
    assert answer()[1] == ["Team"]
    client.sign_in(make.staff("Kim", "kim@example.org"))
    assert answer() == (status, ["Team"])
    assert client.get("/gibt/es/nicht").text.count("masthead") == 0
