"""The public calendar: list, day and week."""

from datetime import date

import pytest

from booking.database import transaction
from booking.domain.status import Status
from booking.web.public import pages
from tests import make
from tests.support.pages import find_form, parse, text


@pytest.fixture
def rooms(app):
    make.house()
    hall = make.room("Große Fläche", 60, parts=["vorn", "hinten"])
    return hall, make.room("Fläche vorn", 30, parts=["vorn"]), make.room("Besprechung", 8)


def table(response):
    """The week's table: for each room its cells from Monday on, in words."""
    root, _ = parse(response.text)
    rows = [[text(cell) for cell in row] for row in root.find("body//table/tbody")]
    return {row[0].split(" bis zu")[0]: row[1:] for row in rows}


def test_list_tells_of_days_with_meetings_only(checked_client, rooms):
    make.booking(rooms[0], "2026-12-02T16:00", "2026-12-09T16:00", status=Status.APPROVED)

    root, _ = parse(checked_client.get("/kalender").text)

    days = [text(heading) for heading in root.iter("h2") if heading.get("class") == "day__name"]
    assert days == ["Mi, 2. Dezember", "Mi, 9. Dezember"]


def test_list_tells_of_closed_days_in_a_row_at_once(checked_client, rooms):
    make.closure("2026-12-24T00:00", "2026-12-27T00:00", reason="Zwischen den Jahren")

    page = checked_client.get("/kalender")

    assert "Do, 24. Dezember bis Sa, 26. Dezember" in page.text.replace("\u00a0", " ")
    assert "Haus geschlossen: Zwischen den Jahren" in page.text


def test_month_tells_of_its_own_days_and_leads_to_those_beside_it(checked_client, rooms):
    make.booking(
        rooms[0], "2026-11-30T16:00", "2026-12-01T16:00", "2026-12-31T21:00", "2027-01-01T16:00", status=Status.APPROVED
    )

    root, _ = parse(checked_client.get("/kalender/monat/2026-12").text)

    days = [text(heading) for heading in root.iter("h2") if heading.get("class") == "day__name"]
    links = {link.get("rel"): link.get("href") for link in root.iter("a") if link.get("rel")}
    assert days == ["Di, 1. Dezember morgen", "Do, 31. Dezember"]
    assert links == {"prev": "/kalender/monat/2026-11", "next": "/kalender/monat/2027-01"}
    assert "In diesem Monat ist nichts eingetragen." in checked_client.get("/kalender/monat/2027-02").text


def test_month_with_more_than_a_page_holds_names_its_last_days_and_leads_to_them(checked_client, rooms, monkeypatch):
    monkeypatch.setattr(pages, "MOST_LINES", 2)
    make.booking(rooms[0], *(f"2026-12-{day:02}T16:00" for day in (1, 2, 30)), status=Status.APPROVED)

    root, _ = parse(checked_client.get("/kalender/monat/2026-12").text)

    more = [link.get("href") for link in root.iter("a") if link.get("class") == "month-more"]
    assert more == [f"/kalender/tag/2026-12-{day:02}" for day in range(30, 32)]
    assert [link.get("href") for link in root.iter("a") if "von=" in link.get("href")] == ["/kalender?von=2026-12-30"]


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "1999-12", "2100-01", "Dezember", "2026-12-01"])
def test_month_that_is_none_is_not_there(checked_client, rooms, month):
    assert checked_client.get(f"/kalender/monat/{month}").status_code == 404


def test_list_of_empty_weeks_invites(checked_client, rooms):
    assert "In diesen vier Wochen ist nichts eingetragen." in checked_client.get("/kalender?von=2027-03-01").text


def test_day_tells_of_meetings_and_of_free_times(checked_client, rooms):
    make.booking(rooms[1], "2026-12-08T19:00", status=Status.APPROVED, group="Schreiben")

    root, _ = parse(checked_client.get("/kalender/tag/2026-12-08").text)

    free = [text(item) for item in root.iter("li") if item.find("div/b") is not None and item.find("a") is not None]
    assert text(root.find("body//h1")) == "Dienstag, 8. Dezember 2026"
    assert "19:00 bis 21:00 Treffen Schreiben" in text(root.find("body//main"))
    assert free == [
        *(
            f"{room}9 bis 19 Uhr Anfragen: {room}, 9 bis 19 Uhr 21 bis 22 Uhr Anfragen: {room}, 21 bis 22 Uhr"
            for room in ("Große Fläche", "Fläche vorn")
        ),
        "Besprechungganzer Tag, 9 bis 22 Uhr Anfragen: Besprechung, 9 bis 22 Uhr",
    ]


def test_day_tells_from_when_on_guests_of_an_open_meeting_may_come_in(checked_client, rooms):
    for room, title, is_open in ((rooms[1], "Lesung", True), (rooms[2], "Probe", False)):
        booking = make.booking(room, "2026-12-08T19:00", status=Status.APPROVED, title=title, is_open=is_open)
        with transaction():
            booking.occurrences[0].doors = make.instant("2026-12-08T18:30")

    root, _ = parse(checked_client.get("/kalender/tag/2026-12-08").text)

    assert text(root.find("body//main")).count("Einlass ab 18:30") == 1


def test_day_too_close_for_the_form_offers_the_phone(checked_client, rooms):
    page = checked_client.get("/kalender/tag/2026-12-01")

    assert "Anrufen" in page.text
    assert "Anfragen" not in page.text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        pytest.param("2026-12-19", "Haus geschlossen: Inventur", id="closure on a Saturday"),
        pytest.param("2026-12-25", "Haus geschlossen: Erster Weihnachtstag", id="public holiday"),
        pytest.param("2026-12-26", "Haus geschlossen: Zweiter Weihnachtstag", id="public holiday on a Saturday"),
    ],
)
def test_day_on_which_the_house_is_closed_invites_nobody(checked_client, rooms, day, said):
    make.closure("2026-12-19T00:00", "2026-12-20T00:00", reason="Inventur")

    main = text(parse(checked_client.get(f"/kalender/tag/{day}").text)[0].find("body//main"))

    assert said in main
    assert "Vielleicht euer nächstes Treffen?" not in main
    assert "Noch frei" not in main


def test_day_without_opening_hours_can_be_asked_for_as_the_form_allows(checked_client, rooms):
    make.booking(rooms[2], "2026-12-12T09:00", minutes=13 * 60, status=Status.APPROVED)

    root, _ = parse(checked_client.get("/kalender/tag/2026-12-12").text)

    aside = text(root.find("body//aside"))
    assert "Das liegt außerhalb der Öffnungszeiten (Mo bis Fr, 9 bis 17 Uhr). Kein Problem" in aside
    free = [text(item) for item in root.findall(".//ul[@class='free']/li")]
    assert free == [
        "Große Flächeganzer Tag, 9 bis 22 Uhr, außerhalb der Öffnungszeiten Anfragen: Große Fläche, 9 bis 22 Uhr",
        "Fläche vornganzer Tag, 9 bis 22 Uhr, außerhalb der Öffnungszeiten Anfragen: Fläche vorn, 9 bis 22 Uhr",
        "Besprechungganz belegt",
    ]


def test_week_as_a_list_says_which_days_are_outside_opening_hours_and_which_closed(checked_client, rooms):
    make.closure("2026-12-10T00:00", "2026-12-11T00:00", reason="Inventur")

    root, _ = parse(checked_client.get("/kalender/woche/2026-W50").text)

    days = [text(each) for each in root.iter("section") if each.get("class") == "day"]
    assert [day.endswith("Haus geschlossen: Inventur") for day in days] == [False] * 3 + [True] + [False] * 3
    outside = "Außerhalb der Öffnungszeiten. Ihr könnt trotzdem einen Raum anfragen."
    assert [day.endswith(outside) for day in days] == [False] * 5 + [True] * 2
    assert ["nächstes Treffen?" in day for day in days] == [True] * 3 + [False] + [True] + [False] * 2


@pytest.mark.parametrize(
    ("day", "state"),
    [
        pytest.param("2027-05-01", "closed", id="holiday on a Saturday"),
        pytest.param("2027-05-02", "outside", id="Sunday"),
        pytest.param("2027-05-06", "closed", id="holiday on a Thursday"),
        pytest.param("2027-05-07", "", id="Friday"),
        pytest.param("2027-05-08", "closed", id="closure on a Saturday"),
    ],
)
def test_week_day_and_form_agree_on_what_is_closed_and_what_outside_opening_hours(
    checked_client, clock, rooms, day, state
):
    make.closure("2027-05-08T00:00", "2027-05-09T00:00", reason="Inventur")
    clock.set("2027-04-20T10:00")
    wanted = date.fromisoformat(day)

    page = checked_client.get(f"/kalender/tag/{day}").text
    year, number, weekday = wanted.isocalendar()
    cell = parse(checked_client.get(f"/kalender/woche/{year}-W{number:02}").text)[0].findall(".//tbody/tr[1]/td")
    picked = parse(checked_client.get(f"/anfrage/kalender?month={day[:7]}").text)[0]

    (choice,) = [each for each in picked.iter() if each.get("data-day") == day]
    words = {"closed": "geschlossen", "outside": "außerhalb der Öffnungszeiten", "": "noch frei"}
    assert words[state] in text(choice)
    assert cell[weekday - 1].get("class", "") == state
    assert [word in text(parse(page)[0].find("body//main")) for word in ("Haus geschlossen", "außerhalb der")] == [
        state == "closed",
        state == "outside",
    ]


def test_week_shows_meetings_what_is_taken_and_what_is_free(checked_client, rooms):
    make.booking(rooms[0], "2026-12-08T17:30", status=Status.APPROVED, group="Ernährungsrat")
    make.booking(rooms[2], "2026-12-09T09:00", status=Status.APPROVED, group="Geheim", is_open=False)

    page = checked_client.get("/kalender/woche/2026-W50")

    cells = table(page)
    assert cells["Große Fläche"][1] == (
        "17:30–19:30 Treffen Ernährungsrat Ernährungsrat"
        "frei 9–\u206017:30 Uhr: Große Fläche am Di, 8. Dezember anfragen"
        "frei 19:30–\u206022 Uhr: Große Fläche am Di, 8. Dezember anfragen"
    )
    assert cells["Fläche vorn"][1].startswith("belegt 17:30–19:30frei 9–\u206017:30")
    assert cells["Besprechung"][2].startswith("09:00–11:00 Geschlossenes Treffen")
    assert cells["Besprechung"][0] == "frei: Besprechung am Mo, 7. Dezember anfragen"
    weekend = ("Sa, 12. Dezember", "So, 13. Dezember")
    assert cells["Besprechung"][5:] == [f"frei: Besprechung am {day} anfragen" for day in weekend]
    assert "Geheim" not in page.text


def test_week_says_taken_where_a_date_holds_its_room_but_is_not_public(checked_client, rooms):
    make.booking(rooms[2], "2026-12-09T09:00", status=Status.PROPOSED, group="Vorschlag")
    make.booking(rooms[2], "2026-12-10T09:00", status=Status.REQUESTED, group="Anfrage")

    page = checked_client.get("/kalender/woche/2026-W50")

    cells = table(page)["Besprechung"]
    assert cells[2].startswith("belegt 09:00–11:00frei 11–\u206022 Uhr")
    assert cells[3] == "frei: Besprechung am Do, 10. Dezember anfragen"
    assert "Vorschlag" not in page.text


@pytest.mark.parametrize(
    ("address", "title"),
    [
        pytest.param("2026-W50", "Woche vom 7. bis 13. Dezember 2026", id="one month"),
        pytest.param("2026-W49", "Woche vom 30. November bis 6. Dezember 2026", id="two months"),
        pytest.param("2026-W53", "Woche vom 28. Dezember 2026 bis 3. Januar 2027", id="two years"),
    ],
)
def test_week_is_named_by_its_days(checked_client, rooms, address, title):
    assert title in checked_client.get(f"/kalender/woche/{address}").text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    "path",
    [
        "/kalender?von=gestern",
        "/kalender?von=2026-02-30",
        "/kalender?von=9999-12-31",
        "/kalender/tag/2026-02-30",
        "/kalender/tag/20261208",
        "/kalender/tag/٢٠٢٦-12-08",
        "/kalender/tag/1999-12-31",
        "/kalender/woche/2026-W54",
        "/kalender/woche/2027-W53",
        "/kalender/woche/2026-50",
        "/kalender/woche/9999-W52",
    ],
)
def test_calendar_knows_no_page_for_what_is_no_date(checked_client, rooms, path):
    assert checked_client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/kalender?von=2099-12-31", "/kalender/tag/2099-12-31", "/kalender/woche/2099-W52"])
def test_calendar_reaches_to_its_last_day(checked_client, rooms, path):
    assert checked_client.get(path).status_code == 200


def test_week_without_a_number_leads_to_the_one_that_runs(client, rooms):
    assert client.get("/kalender/woche").location == "/kalender/woche/2026-W49"


@pytest.mark.parametrize(
    ("url", "links"),
    [
        pytest.param("https://example.org/treffen", 1, id="web address"),
        pytest.param("javascript:alert(1)", 0, id="script"),
        pytest.param("", 0, id="none"),
    ],
)
def test_page_of_an_open_date_links_to_its_page_on_the_web(checked_client, rooms, url, links):
    (date,) = make.booking(rooms[0], "2026-12-02T16:00", status=Status.APPROVED, url=url).occurrences

    root, _ = parse(checked_client.get(f"/termine/{date.id}").text)

    assert len([a for a in root.iter("a") if url and a.get("href") == url]) == links


def test_titles_lead_to_the_page_of_the_date_and_names_to_that_of_the_group(checked_client, rooms):
    make.initiative("Nachbarn", is_public=False)
    made = [
        make.booking(rooms[0], f"2026-12-02T1{n}:00", minutes=60, status=Status.APPROVED, group=group, **more)
        for n, (group, more) in enumerate(
            [("Chor", {}), ("Nachbarn", {}), ("Selbsthilfe", {"is_open": False}), ("Lesekreis", {"title": "Lesekreis"})]
        )
    ]
    first, second, _closed, last = (booking.occurrences[0].id for booking in made)
    dates = {f"/en/termine/{number}" for number in (first, second, last)}

    def led(path):
        hrefs = {a.get("href") for a in parse(checked_client.get(f"/en{path}").text)[0].find("body/main").iter("a")}
        return {href for href in hrefs if "/termine/" in href}, {href for href in hrefs if "/gruppen/" in href}

    for path in ("/", "/kalender", "/kalender/tag/2026-12-02", "/kalender/monat/2026-12"):
        regular = {"/en/gruppen/lesekreis"} if path == "/" else set()
        assert led(path) == (dates, {"/en/gruppen/chor"} | regular), path
    assert led("/kalender/woche/2026-W49") == (dates, {"/en/gruppen/chor"})
    assert led("/raeume/grosse-flaeche") == (dates, set())
    assert led(f"/termine/{first}")[1] == {"/en/gruppen/chor"}
    assert led(f"/termine/{second}")[1] == set()
    assert led(f"/termine/{last}")[1] == {"/en/gruppen/lesekreis"}


def test_pages_for_everybody_show_titles_as_text(checked_client, rooms):
    make.booking(rooms[0], "2026-12-02T16:00", status=Status.APPROVED, title="<b>Größe</b> & „Über-Mut“ 🌱")

    for path in ("/", "/kalender", "/kalender/tag/2026-12-02", "/kalender/woche/2026-W49", "/raeume/grosse-flaeche"):
        assert "<b>Größe</b> & „Über-Mut“ 🌱" in text(parse(checked_client.get(path).text)[0].find("body/main"))


def crowd(room, day, number):
    """So many meetings of a quarter of an hour, one after the other, in rooms enough."""
    for n in range(number):
        if n % 40 == 0:
            room = make.room(f"{room.name} {n // 40}") if n else room
        hour, quarter = divmod(n % 40, 4)
        start = f"{day}T{10 + hour}:{15 * quarter:02}"
        make.booking(room, start, minutes=15, status=Status.APPROVED, title=f"Treffen {n}")


def titles(response):
    root, _ = parse(response.text)
    return [text(line) for line in root.findall(".//ol[@class='plan']/li/div[@class='what']/a")]


def test_day_with_very_many_meetings_goes_on_on_the_next_page(checked_client, rooms):
    crowd(rooms[2], "2026-12-02", 101)

    first, second = (checked_client.get(f"/kalender/tag/2026-12-02{page}") for page in ("", "?seite=2"))

    assert [len(titles(page)) for page in (first, second)] == [100, 1]
    assert len({*titles(first), *titles(second)}) == 101
    assert 'href="/kalender/tag/2026-12-02?seite=2"' in first.text
    assert 'href="/kalender/tag/2026-12-02"' in second.text
    refused = [
        checked_client.get(f"/kalender/tag/2026-12-02?seite={page}").status_code for page in ("3", "0", "x", "１")
    ]
    assert refused == [404] * 4


def test_list_with_very_many_meetings_is_shorter_and_goes_on_where_it_ends(checked_client, rooms):
    crowd(rooms[2], "2026-12-02", 60)
    crowd(make.room("Werkstatt"), "2026-12-04", 60)

    first = checked_client.get("/kalender")
    second = checked_client.get("/kalender?von=2026-12-04")

    assert [len(titles(page)) for page in (first, second)] == [60, 60]
    assert 'href="/kalender?von=2026-12-04"' in first.text


def test_list_of_a_day_with_very_many_meetings_leads_to_the_rest_of_them(checked_client, rooms):
    crowd(rooms[2], "2026-12-02", 103)

    page = checked_client.get("/kalender")

    assert titles(page) == titles(checked_client.get("/kalender/tag/2026-12-02"))
    root, _ = parse(page.text)
    (more,) = [a for a in root.iter("a") if "weitere Treffen" in text(a)]
    assert (text(more), more.get("href")) == ("3 weitere Treffen an diesem Tag", "/kalender/tag/2026-12-02?seite=2")


def test_day_folds_the_rooms_of_a_large_house(checked_client, rooms):
    for n in range(11):
        make.room(f"Kabinett {n}")

    root, _ = parse(checked_client.get("/kalender/tag/2026-12-02").text)

    shown = [text(each) for each in root.findall(".//ul[@class='free']/li/div/b")]
    folded = [text(each) for each in root.findall(".//aside/details//li/b")]
    assert (len(shown), folded) == (12, ["Kabinett 9", "Kabinett 10"])
    assert text(root.find(".//aside/details/summary")) == "2 weitere Räume"


VIEWS = ("/kalender", "/kalender/tag/2026-12-02", "/kalender/woche/2026-W49", "/kalender/monat/2026-12")


def test_every_view_shows_what_was_chosen_and_leads_on_with_it(checked_client, rooms):
    attic = make.room("Dachboden", step_free=False)
    for room, title, is_open in ((rooms[0], "Unten", True), (rooms[2], "Zu", False), (attic, "Oben", True)):
        make.booking(room, "2026-12-02T16:00", status=Status.APPROVED, title=title, is_open=is_open)
    queries = {
        "": {"Unten", "Geschlossenes Treffen", "Oben"},
        "?offen=ja": {"Unten", "Oben"},
        "?stufenlos=ja": {"Unten", "Geschlossenes Treffen"},
        "?raum=dachboden": {"Oben"},
        "?raum=dachboden&stufenlos=ja": set(),
        "?raum=grosse-flaeche&offen=ja&stufenlos=ja": {"Unten"},
    }

    for path in VIEWS:
        for query, shown in queries.items():
            main = parse(checked_client.get(path + query).text)[0].find("body/main")
            meetings = {text(each).split(" (")[0] for each in main.iter() if each.tag in ("a", "b")}
            assert meetings & queries[""] == shown, (path, query)
            others = [a.get("href") for a in main.iter("a") if a.get("href").startswith("/kalender")]
            lost = [href for href in others if not href.endswith(query.replace("?", ""))]
            assert lost == ([path] if query else []), (path, query)  # to see all again


def test_programs_find_the_feeds_of_a_page_by_themselves(checked_client, rooms):
    for path in (*VIEWS, "/raeume/besprechung"):
        query = "" if "/raeume/" in path else "?raum=besprechung&offen=ja"
        links = parse(checked_client.get(path + query).text)[0].iter("link")
        feeds = [each.get("href") for each in links if each.get("rel") == "alternate" and each.get("type")]
        assert feeds[0] == ("/kalender.ics" if query else "/raeume/besprechung.ics") + query, path
        assert [checked_client.get(feed).status_code for feed in feeds] == [200] * len(feeds), path


@pytest.mark.parametrize("path", VIEWS)
def test_no_view_is_there_for_a_room_that_is_not(checked_client, rooms, path):
    assert checked_client.get(f"{path}?raum=keller").status_code == 404


def test_what_was_chosen_can_be_subscribed_to(checked_client, rooms):
    page = checked_client.get("/en/kalender/abonnieren?offen=ja&raum=besprechung")

    address = "http://localhost/en/kalender.ics?raum=besprechung&offen=ja"
    assert text(parse(page.text)[0].find(".//p[@class='secret-address']")) == address
    made = [make.booking(rooms[2], f"2026-12-0{n}T10:00", status=Status.APPROVED, is_open=n > 2) for n in (2, 3)]
    made.append(make.booking(rooms[0], "2026-12-04T10:00", status=Status.APPROVED))
    feed = checked_client.get(address.removeprefix("http://localhost")).text
    assert [f"/termine/{booking.occurrences[0].id}" in feed for booking in made] == [False, True, False]


def test_free_times_lead_to_the_form_with_day_time_and_room_filled_in(checked_client, rooms):
    make.booking(rooms[2], "2026-12-08T11:00", minutes=8 * 60, status=Status.APPROVED)
    wanted = [
        {"date": "8.12.2026", "start": "09:00", "end": "11:00", "room": "besprechung"},
        {"date": "8.12.2026", "start": "09:00", "end": "", "room": "grosse-flaeche"},  # for how long is theirs to say
        {"date": "8.12.2026", "start": "19:00", "end": "22:00", "room": "besprechung"},
    ]

    def filled(path):
        main = parse(checked_client.get(path).text)[0].find("body/main")
        links = {a.get("href") for a in main.iter("a") if "date=2026-12-08" in a.get("href")}
        for link in sorted(links):
            data = find_form(checked_client.get(link).text, "request").filled({}, "").data
            yield {name: data.get(name, "") for name in wanted[0]}

    for path in ("/kalender/tag/2026-12-08", "/kalender/woche/2026-W50"):
        assert [each for each in filled(path) if each["room"] != "flaeche-vorn"] == wanted, path
    assert list(filled("/raeume/besprechung")) == wanted[::2]


def test_month_is_a_table_of_weeks_and_leads_to_what_does_not_fit(checked_client, rooms):
    for n in range(6):
        make.booking(rooms[2], f"2026-12-02T1{n}:00", minutes=30, status=Status.APPROVED, title=f"Treffen {n}")
    off = make.booking(rooms[0], "2026-12-09T16:00", status=Status.CANCELLED, title="Chor")

    root, _ = parse(checked_client.get("/kalender/monat/2026-12").text)

    weeks = [[text(cell) for cell in row] for row in root.findall(".//tbody/tr")]
    assert [text(each) for each in root.findall(".//thead//th")][::6] == ["Montag", "Sonntag"]
    assert [len(week) for week in weeks] == [7] * 5
    assert weeks[0][0] == ""
    assert weeks[0][2].startswith("2Mittwoch, 2. Dezember 2026 10:00 Treffen 0 11:00")
    assert weeks[0][2].endswith("13:00 Treffen 3 2 weitere, Mi, 2. Dezember")
    assert weeks[1][2] == "9Mittwoch, 9. Dezember 2026 16:00 Chor fällt aus"
    assert weeks[3][4].endswith("geschlossen: Erster Weihnachtstag")
    assert root.find(f".//tbody//a[@href='/termine/{off.occurrences[0].id}']") is not None


def test_week_shows_the_rooms_of_a_large_house_on_several_pages(checked_client, rooms):
    for n in range(10):
        make.room(f"Kabinett {n}")
    make.booking(rooms[0], "2026-12-02T10:00", status=Status.APPROVED, title="Vorn")
    make.booking(make.room("Dachboden"), "2026-12-02T10:00", status=Status.APPROVED, title="Oben")

    first, second = (checked_client.get(f"/kalender/woche/2026-W49{page}") for page in ("", "?seite=2"))

    assert [len(table(page)) for page in (first, second)] == [12, 2]
    assert [("Vorn" in page.text, "Oben" in page.text) for page in (first, second)] == [(True, False), (False, True)]
