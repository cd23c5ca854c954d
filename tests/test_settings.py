"""Settings: a wrong one ends the start with a sentence that says what to do."""

import pytest

from booking import WrongSetting, create_app


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "many"}, "BOOKING_PORT must be a whole number from 1 to 65535, not 'many'."),
        ({"PORT": 70000}, "BOOKING_PORT must be a whole number from 1 to 65535, not 70000."),
        ({"SMTP_TIMEOUT": 0}, "BOOKING_SMTP_TIMEOUT must be a whole number from 1 to 300, not 0."),
        ({"SMTP_TIMEOUT": 2.5}, "BOOKING_SMTP_TIMEOUT must be a whole number from 1 to 300, not 2.5."),
        ({"UNDO_SECONDS": -1}, "BOOKING_UNDO_SECONDS must be a whole number from 0 to 3600, not -1."),
        ({"UNDO_SECONDS": 10**12}, "BOOKING_UNDO_SECONDS must be a whole number from 0 to 3600, not 1000000000000."),
        ({"PROXIES": True}, "BOOKING_PROXIES must be a whole number from 0 to 10, not True."),
        ({"NOW": "9999-12-31T23:59"}, "BOOKING_NOW must lie in one of the years from 2000 to 2999, not in 9999."),
        ({"NOW": "0001-01-01T00:00"}, "BOOKING_NOW must lie in one of the years from 2000 to 2999, not in 1."),
        (
            {"SECRET_KEY": "geheim"},
            "BOOKING_SECRET_KEY must have at least 16 characters that nobody can guess, not digits alone.",
        ),
        (
            {"SECRET_KEY": 12345678901234567890},
            "BOOKING_SECRET_KEY must have at least 16 characters that nobody can guess, not digits alone.",
        ),
        (
            {"PUBLIC_URL": "https://raeume.example.org"},
            "BOOKING_PUBLIC_URL begins with https, and the server listens on this machine alone: so a proxy stands"
            " in front, and without BOOKING_PROXIES=1 all visitors would count as one. Set it to the number of proxies,"
            " and let them set X-Forwarded-For, -Proto and -Host.",
        ),
        ({"RATE_LIMITS": "no"}, "BOOKING_RATE_LIMITS is on or off, not 'no'."),
        ({"SECOND_FACTOR": "yes"}, "BOOKING_SECOND_FACTOR is offered or demanded, not 'yes'."),
        (
            {"OIDC_ISSUER": "http://login.example.org", "OIDC_CLIENT_ID": "rooms"},
            "BOOKING_OIDC_ISSUER must be like https://login.example.org/realms/city, not 'http://login.example.org'.",
        ),
        (
            {"OIDC_ISSUER": "https://login.example.org"},
            "BOOKING_OIDC_CLIENT_ID is missing: by which name BOOKING_OIDC_ISSUER knows this service.",
        ),
        (
            {"CALENDARS_INSIDE": "https://exchange.example.org exchange"},
            "BOOKING_CALENDARS_INSIDE must be like https://exchange.example.org, not 'exchange': origins with spaces"
            " between.",
        ),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with sqlite:/// or postgresql://."),
        ({"NOW": "heute"}, "BOOKING_NOW must be a local time like 2026-12-08T18:42, not 'heute'."),
        (
            {"NOW": "2026-12-08T18:42", "HOST": "0.0.0.0"},
            "BOOKING_NOW is for trying things out: it works only while the server listens on 127.0.0.1,"
            " and BOOKING_HOST is 0.0.0.0.",
        ),
        (
            {"RATE_LIMITS": "off", "HOST": "0.0.0.0"},
            "BOOKING_RATE_LIMITS is for trying things out: it works only while the server listens on 127.0.0.1,"
            " and BOOKING_HOST is 0.0.0.0.",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_ends_the_start_with_a_sentence(sqlite_url, settings, sentence):
    with pytest.raises(WrongSetting) as end:
        create_app({"DATABASE_URL": sqlite_url, **settings})

    assert str(end.value) == sentence


@pytest.mark.parametrize(
    "address",
    [
        "raeume.example.org",
        "ftp://raeume.example.org",
        "https://raeume.example.org/",
        "https://raeume.example.org/raeume/",
        "https://raeume.example.org//raeume",
        "https://raeume.example.org/../raeume",
        "https://raeume.example.org/r%C3%A4ume",
        "https://raeume.example.org?a",
        "https://raeume.example.org#a",
        "https://:pw@raeume.example.org",
        "https://:8443",
        "https://raeume.example.org:x",
        "https://[::1",
        "https://räume\N{SNOWMAN}.example",
    ],
)
def test_public_address_is_a_host_and_perhaps_a_path(sqlite_url, address):
    with pytest.raises(WrongSetting) as end:
        create_app({"DATABASE_URL": sqlite_url, "PUBLIC_URL": address, "PROXIES": 1})

    assert str(end.value) == (
        "BOOKING_PUBLIC_URL must be like https://raeume.example.org or https://stadt.example.org/raeume, not"
        f" {address!r}: scheme, host and perhaps a port and a path, without a slash at the end."
    )


def test_a_mail_server_that_cannot_be_meant_ends_the_start(sqlite_url):
    with pytest.raises(WrongSetting, match="BOOKING_SMTP_URL must be like smtp://"):
        create_app({"DATABASE_URL": sqlite_url, "SMTP_URL": "smtp://mail.example.org:x"})


@pytest.mark.parametrize("sender", ["Räume", "räume@example.org", "a@..ü"])
def test_a_sender_that_no_letter_can_have_ends_the_start(sqlite_url, sender):
    with pytest.raises(WrongSetting, match="BOOKING_MAIL_FROM must be like"):
        create_app({"DATABASE_URL": sqlite_url, "MAIL_FROM": sender})


def test_an_unknown_setting_ends_the_start(sqlite_url, monkeypatch):
    monkeypatch.setenv("BOOKING_PUBLIK_URL", "https://example.org")

    with pytest.raises(WrongSetting, match="BOOKING_PUBLIK_URL is no setting of this service"):
        create_app({"DATABASE_URL": sqlite_url})


def test_a_database_without_tables_is_not_served(tmp_path):
    with pytest.raises(SystemExit, match="This database is not served"):
        create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite'}"})


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/booking.sqlite", "postgresql://booking:secret@127.0.0.1:1/booking"]
)
def test_a_database_that_cannot_be_reached_ends_the_start(url):
    with pytest.raises(WrongSetting, match="cannot be reached") as end:
        create_app({"DATABASE_URL": url})

    assert "secret" not in str(end.value)


def test_a_forged_host_is_refused(app, client):
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_the_public_and_the_loopback_host_are_answered(app, client):
    hosts = ("localhost", "127.0.0.1:5000")

    assert [client.get("/healthz", headers={"Host": host}).status_code for host in hosts] == [200, 200]


def test_only_this_machine_is_answered_while_limits_are_off(app, client):
    assert client.get("/healthz", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"])
def test_nobody_who_was_forwarded_is_this_machine_while_limits_are_off(app, client, name):
    assert client.get("/healthz", headers={name: "127.0.0.1"}).status_code == 403


def test_browsers_are_told_to_stay_with_https_where_the_address_has_it(app, client):
    before = client.get("/healthz").headers.get("Strict-Transport-Security")
    app.config["PUBLIC_URL"] = "https://raeume.example.org"

    assert (before, client.get("/healthz").headers["Strict-Transport-Security"]) == (None, "max-age=31536000")


def test_what_groups_tell_is_readable_by_the_service_alone(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKING_INSTANCE", str(tmp_path / "house"))

    apps = [create_app({"DATABASE_URL": sqlite_url}) for _ in range(2)]

    folder = tmp_path / "house"
    assert {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())} == {
        "house": 0o700,
        "secret-key": 0o600,
    }
    assert len(apps[0].config["SECRET_KEY"]) == 64
    assert apps[0].config["SECRET_KEY"] == apps[1].config["SECRET_KEY"]
