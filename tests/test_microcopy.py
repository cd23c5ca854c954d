"""What people read while they ask for a room, as it was agreed: English in the code, German in the catalogue.

A change here is a change of what was agreed, and no slip.
"""

import re
from html import unescape

import pytest

from tools import messages
from tools.messages import GERMAN, ROOT

#: Key, English, German; of a plural its form for many.
AGREED = [
    # step 1
    ("s1.h1", "When do you meet?", "Wann trefft ihr euch?"),
    (
        "required",
        "We need every field that isn’t marked “(optional)”.",
        "Alle Felder ohne „(freiwillig)“ brauchen wir.",
    ),
    ("opt", "(optional)", "(freiwillig)"),
    ("step", "Step %(step)d of 4", "Schritt %(step)d von 4"),
    ("rhythm", "How often do you meet?", "Wie oft trefft ihr euch?"),
    ("rhythm.once", "Once", "Einmal"),
    ("rhythm.week", "Every week", "Jede Woche"),
    ("rhythm.week hint", "for example every Wednesday", "zum Beispiel jeden Mittwoch"),
    ("rhythm.two", "Every two weeks", "Alle zwei Wochen"),
    ("rhythm.two hint", "one week on, one week off", "eine Woche ja, eine Woche nein"),
    ("rhythm.month", "Once a month, on the same weekday", "Einmal im Monat, am gleichen Wochentag"),
    (
        "rhythm.month hint",
        "for example on the second Tuesday of each month",
        "zum Beispiel immer am zweiten Dienstag",
    ),
    ("rhythm.single", "On individual dates", "An einzelnen Terminen"),
    ("rhythm.single hint", "no fixed rhythm, up to 12 dates", "ohne festen Rhythmus, bis zu 12 Termine"),
    ("date.once", "On which day?", "An welchem Tag?"),
    ("date.first", "When is the first meeting?", "Wann ist das erste Treffen?"),
    ("date.hint", "For example %(day)s (day.month.year)", "Zum Beispiel %(day)s"),
    ("date.echo", "That is a %(weekday)s: %(day)s.", "Das ist ein %(weekday)s: %(day)s."),
    ("cal.open", "Choose from calendar", "Im Kalender auswählen"),
    ("cal.close", "Close calendar", "Kalender schließen"),
    ("cal.day free", "%(day)s, free", "%(day)s, noch frei"),
    ("cal.day partly", "%(day)s, partly booked", "%(day)s, teilweise belegt"),
    ("cal.day closed", "%(day)s, closed: %(reason)s", "%(day)s, geschlossen: %(reason)s"),
    ("start", "Start", "Beginn"),
    ("end", "End", "Ende"),
    ("time.hint", "For example 19:00", "Zum Beispiel 19:00"),
    (
        "end.help",
        "Even if it’s open-ended: until when do you need the room at the latest?",
        "Auch wenn es offen ausklingt: Bis wann braucht ihr den Raum spätestens?",
    ),
    ("before", "Time before (set-up, doors)", "Zeit davor (Aufbau, Einlass)"),
    ("after", "Time after (tidying up)", "Zeit danach (Aufräumen)"),
    (
        "buffer.hint",
        "The room is reserved for you during this time too.",
        "In dieser Zeit ist der Raum auch für euch reserviert.",
    ),
    ("until", "How long should the series run?", "Bis wann soll die Reihe gehen?"),
    ("until.date", "Until a date", "Bis zu einem Datum"),
    ("until.count", "For a number of meetings", "Für eine bestimmte Anzahl Treffen"),
    (
        "until.hint",
        "We currently plan up to %(day)s. After that you can simply extend.",
        "Wir planen zurzeit bis zum %(day)s. Danach könnt ihr einfach verlängern.",
    ),
    ("skip.hol", "We don’t meet on public holidays", "An Feiertagen treffen wir uns nicht"),
    (
        "skip.school",
        "We don’t meet in the school holidays (%(place)s)",
        "In den Schulferien (%(place)s) treffen wir uns nicht",
    ),
    ("room", "Which room?", "Welcher Raum?"),
    ("room.any", "Any room that fits", "Egal, Hauptsache es passt"),
    ("room.line seats", "up to %(num)d people", "bis zu %(num)d Personen"),
    ("room.line access", "step-free access", "stufenlos erreichbar"),
    ("people", "Roughly how many will you be?", "Wie viele seid ihr ungefähr?"),
    ("people.hint", "An estimate is fine.", "Eine Schätzung reicht."),
    ("check", "Check availability", "Verfügbarkeit prüfen"),
    ("live.free", "Good news: %(day)s, %(times)s, is free.", "Gute Nachricht: %(day)s, %(times)s ist noch frei."),
    (
        "live.some",
        "%(num)d of %(number)d dates are free.",
        "%(num)d von %(number)d Terminen sind frei.",
    ),
    (
        "live.some advice",
        "In the next step you’ll find options for the other %(num)d.",
        "Im nächsten Schritt findet ihr Lösungen für die anderen %(num)d.",
    ),
    ("live.busy", "%(room)s is taken then.", "An diesem Termin ist %(room)s belegt."),
    (
        "live.busy advice",
        "We’ll show you alternatives in the next step.",
        "Im nächsten Schritt zeigen wir euch Alternativen.",
    ),
    (
        "live.pending",
        "Someone else has asked for this date too.",
        "Für diesen Termin gibt es schon eine andere Anfrage.",
    ),
    (
        "live.pending advice",
        "You can still ask; we’ll see how it fits.",
        "Ihr könnt trotzdem anfragen, wir schauen, wie es passt.",
    ),
    (
        "live.out",
        "That’s outside opening hours (%(hours)s). No problem; we’ll ask how you get in.",
        "Das liegt außerhalb der Öffnungszeiten (%(hours)s). Kein Problem, wir fragen gleich, wie ihr ins Haus kommt.",
    ),
    (
        "live.tight",
        "There are only %(num)d minutes after the meeting before yours.",
        "Zum Treffen davor sind nur %(num)d Minuten Luft.",
    ),
    ("next", "Continue", "Weiter"),
    ("back", "Back", "Zurück"),
    # step 2
    ("s2.h1", "Your dates", "Eure Termine"),
    ("s2.rule", "Is this right?", "Passt das so?"),
    ("s2.nth", "%(day)s is the %(nth)s in %(month)s.", "Der %(day)s ist der %(nth)s im %(month)s."),
    (
        "s2.fifth",
        "Not every month has a fifth %(weekday)s.",
        "Einen fünften %(weekday)s gibt es nicht in jedem Monat.",
    ),
    (
        "s2.sum",
        "%(total)d dates: %(num)d are free, %(open)d need a decision.",
        "%(total)d Termine: %(num)d sind frei, bei %(open)d müsst ihr euch entscheiden.",
    ),
    ("s2.decide", "These need a decision (%(number)d)", "Hier müsst ihr euch entscheiden (%(number)d)"),
    ("s2.free", "These dates are free (%(number)d)", "Diese Termine sind frei (%(number)d)"),
    ("st.busy", "taken", "belegt"),
    ("st.busyby", "Taken: %(title)s, %(times)s.", "Belegt: %(title)s, %(times)s."),
    ("st.closed", "House closed: %(reason)s.", "Haus geschlossen: %(reason)s."),
    ("st.holiday", "Public holiday: %(name)s.", "Feiertag: %(name)s."),
    ("alt.room", "Other room: %(room)s, same time", "Anderer Raum: %(room)s, gleiche Zeit"),
    ("alt.time", "Other time: %(times)s", "Andere Zeit: %(times)s"),
    ("alt.day", "Other day: %(day)s, same time", "Anderer Tag: %(day)s, gleiche Zeit"),
    ("alt.skip", "Skip this date", "Diesen Termin auslassen"),
    ("alt.anyway", "Ask anyway", "Trotzdem anfragen"),
    ("alt.none", "Sorry, nothing else is free that day.", "An diesem Tag ist leider nichts mehr frei."),
    ("bulk", "Apply to all %(number)d dates", "Für alle %(number)d Termine übernehmen"),
    ("add.date", "Add another date", "Weiteren Termin hinzufügen"),
    # step 3
    ("s3.h1", "About you and your meeting", "Über euch und euer Treffen"),
    ("title", "What is your meeting called?", "Wie heißt euer Treffen?"),
    (
        "title hint",
        "This appears in the calendar and on the lobby screen.",
        "So steht es im Kalender und auf dem Bildschirm im Eingang.",
    ),
    ("group", "Who is meeting?", "Wer trifft sich?"),
    (
        "group hint",
        "Name of your initiative, association or team",
        "Name eurer Initiative, eures Vereins oder eures Teams",
    ),
    ("kind", "Who do you belong to?", "Zu wem gehört ihr?"),
    (
        "kind.initiative",
        "Initiative, association or informal group",
        "Initiative, Verein oder freie Gruppe",
    ),
    ("kind.department", "Department of the city", "Fachamt der Stadt"),
    ("kind.other", "Company or other organisation", "Unternehmen oder andere Einrichtung"),
    ("purpose", "What is it about?", "Worum geht es?"),
    (
        "purpose hint",
        "A few sentences will do. Only we read this.",
        "Ein paar Sätze reichen. Nur wir lesen das.",
    ),
    ("public", "Who can come?", "Wer darf kommen?"),
    ("public.open", "Open to everyone", "Offen für alle"),
    (
        "public.open hint",
        "Title and time are shown publicly.",
        "Titel und Zeit stehen öffentlich im Kalender.",
    ),
    ("public.closed", "Closed group", "Geschlossene Gruppe"),
    (
        "public.closed hint",
        "The public only sees “Closed meeting”, without your name.",
        "Öffentlich steht nur „Geschlossenes Treffen“, ohne euren Namen.",
    ),
    ("url", "Link for people who are interested", "Link für Interessierte"),
    ("equip", "What do you need?", "Was braucht ihr?"),
    (
        "a11y",
        "What do people in your group need to take part?",
        "Was brauchen Menschen bei euch, um gut dabei sein zu können?",
    ),
    (
        "a11y hint",
        "For example step-free access. Please no names and no diagnoses.",
        "Zum Beispiel stufenloser Zugang. Bitte keine Namen und keine Diagnosen.",
    ),
    (
        "access",
        "Your meeting is outside opening hours. How will you get in?",
        "Euer Treffen liegt außerhalb der Öffnungszeiten. Wie kommt ihr ins Haus?",
    ),
    ("access.have", "One of us already has a key", "Jemand von uns hat schon einen Schlüssel"),
    ("access.need", "We need a key", "Wir brauchen einen Schlüssel"),
    ("access.talk", "Please contact us to sort it out", "Bitte meldet euch, wir klären das"),
    ("onsite", "Who is responsible on the evening?", "Wer ist an dem Abend verantwortlich?"),
    (
        "onsite hint",
        "Name and mobile number. For emergencies only; deleted four weeks after the last meeting.",
        "Name und Handynummer. Nur für Notfälle, vier Wochen nach dem letzten Treffen gelöscht.",
    ),
    ("name", "What’s your name?", "Wie heißt du?"),
    ("email", "Your e-mail address", "Deine E-Mail-Adresse"),
    (
        "email hint",
        "We’ll send the link to your request here.",
        "Hierhin schicken wir den Link zu eurer Anfrage.",
    ),
    ("email.typo", "Did you mean %(address)s?", "Meintest du %(address)s?"),
    ("phone", "Phone", "Telefon"),
    ("note", "Anything else you’d like to tell us?", "Möchtest du uns noch etwas sagen?"),
    # step 4 and what comes after it
    ("s4.h1", "Is everything correct?", "Alles richtig?"),
    ("s4.change", "Change", "Ändern"),
    (
        "rules",
        "We have read the house rules and will follow them.",
        "Wir haben die Hausordnung gelesen und halten uns daran.",
    ),
    ("send", "Send request", "Anfrage absenden"),
    ("send.busy", "Sending …", "Wird gesendet …"),
    ("done.h1", "Thank you, we’ve got your request!", "Danke, eure Anfrage ist da!"),
    ("done.ref", "Your reference:", "Eure Vorgangsnummer:"),
    (
        "done.mail",
        "We’ve sent an e-mail to %(address)s. It contains the link to view and change everything.",
        "Wir haben eine E-Mail an %(address)s geschickt."
        " Darin ist der Link, mit dem du alles ansehen und ändern kannst.",
    ),
    # errors
    ("error: summary 1", "Please check one thing", "Bitte schau dir %(num)d Stellen noch einmal an"),
    ("error: rhythm empty", "Choose how often you meet.", "Wähle aus, wie oft ihr euch trefft."),
    (
        "error: date empty",
        "Enter the day you want to meet, for example %(day)s.",
        "Trag ein, an welchem Tag ihr euch treffen wollt, zum Beispiel %(day)s.",
    ),
    (
        "error: date unreadable",
        "We can’t read “%(text)s” as a date. Write it like this: %(day)s.",
        "„%(text)s“ können wir nicht als Datum lesen. Schreib es zum Beispiel so: %(day)s.",
    ),
    (
        "error: no such day",
        "There is no %(day)s. Which day do you mean?",
        "Den %(day)s gibt es nicht. Welcher Tag ist gemeint?",
    ),
    (
        "error: weekday clash",
        "%(day)s is a %(weekday)s, but you wrote %(written)s. Which is right?",
        "Der %(day)s ist ein %(weekday)s, du hast %(written)s geschrieben. Welcher Tag stimmt?",
    ),
    (
        "error: past",
        "%(day)s is in the past. The first possible day is %(first)s.",
        "Der %(day)s ist schon vorbei. Der erste mögliche Tag ist %(first)s.",
    ),
    (
        "error: too soon",
        "That’s too short notice for this form: the first possible day is %(first)s."
        " If it can’t wait, call us on %(phone)s.",
        "So kurzfristig klappt es hier nicht mehr: Der erste mögliche Tag ist %(first)s."
        " Eilt es, ruf uns an: %(phone)s.",
    ),
    (
        "error: too far",
        "We don’t plan that far ahead yet. The last possible day is %(day)s.",
        "So weit planen wir noch nicht. Der letzte mögliche Tag ist der %(day)s.",
    ),
    (
        "error: time unreadable",
        "We can’t read “%(text)s” as a time. Write for example 19:30.",
        "„%(text)s“ können wir nicht als Uhrzeit lesen. Schreib zum Beispiel 19:30.",
    ),
    (
        "error: end before start",
        "The end (%(end)s) is before the start (%(start)s). Please check both.",
        "Das Ende (%(end)s) liegt vor dem Beginn (%(start)s). Bitte prüf beide Zeiten.",
    ),
    (
        "error: over midnight",
        "Sorry, we can’t offer the room beyond %(time)s.",
        "Länger als bis %(time)s Uhr können wir euch den Raum leider nicht geben.",
    ),
    (
        "error: until before first",
        "The series ends before the first meeting.",
        "Das Ende der Reihe liegt vor dem ersten Treffen.",
    ),
    (
        "error: too many",
        "That would be %(number)d dates. No more than %(most)d at once: choose an earlier end.",
        "Das wären %(number)d Termine. Mehr als %(most)d auf einmal gehen nicht, wählt ein früheres Ende.",
    ),
    (
        "error: none left",
        "With these settings no date is left (all fall in holidays).",
        "Mit diesen Angaben bleibt kein Termin übrig (alle liegen in den Ferien oder auf Feiertagen).",
    ),
    ("error: people", "Enter a number, for example 12.", "Trag eine Zahl ein, zum Beispiel 12."),
    (
        "error: people > seats",
        "%(room)s holds %(seats)d people, you are about %(people)d. Better take %(better)s (up to %(more)d).",
        "%(room)s hat Platz für %(seats)d Personen, ihr seid etwa %(people)d. Nehmt lieber %(better)s (bis %(more)d).",
    ),
    (
        "error: undecided",
        "Decide what should happen on %(day)s.",
        "Entscheidet noch, was am %(day)s passieren soll.",
    ),
    (
        "error: changed meanwhile",
        "While you were writing, this date was taken: %(day)s. Your other details are still here.",
        "Während du geschrieben hast, ist dieser Termin vergeben worden: %(day)s. Deine anderen Angaben sind noch da.",
    ),
    ("error: title", "Give your meeting a name.", "Gebt eurem Treffen einen Namen."),
    ("error: group", "Say who is meeting.", "Schreibt, wer sich trifft."),
    ("error: purpose", "Say briefly what it is about.", "Schreibt kurz, worum es geht."),
    (
        "error: email",
        "Enter an e-mail address, for example name@example.org.",
        "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de.",
    ),
    (
        "error: phone cond.",
        "Enter a mobile number where we can reach someone that evening.",
        "Trag eine Handynummer ein, unter der wir an dem Abend jemanden erreichen.",
    ),
    (
        "error: rules",
        "Please confirm that you have read the house rules.",
        "Bitte bestätigt, dass ihr die Hausordnung gelesen habt.",
    ),
    (
        "error: sent twice",
        "We’ve already received this request.",
        "Diese Anfrage haben wir schon bekommen.",
    ),
    (
        "error: session gone",
        "You took a longer break. What you typed is still here; have a quick look.",
        "Du hast länger Pause gemacht. Deine Eingaben sind noch da, schau sie kurz durch.",
    ),
]

#: Words of offices and of machines, and the one that nobody understands alike.
FORBIDDEN = re.compile(
    r"buch(en|t|st|te|ung\w*|bar\w*)\b"
    r"|\bgenehmig|\bAntrag|\bAnträge|\bbeantrag|\bablehn|\babgelehnt|\bungültig|\bPflichtfeld|\bjede[nrsm]? zweite",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def catalogue() -> dict[str, set[str]]:
    """What each English sentence is in German, with or without a context; of a plural the form for many."""
    found: dict[str, set[str]] = {}
    for message in messages.read(GERMAN):
        if message.id:
            for text in messages.identifier(message)[1]:
                found.setdefault(text, set()).add(messages.texts(message)[-1])
    return found


@pytest.mark.parametrize(("english", "german"), [pytest.param(*row[1:], id=row[0]) for row in AGREED])
def test_page_says_what_was_agreed(catalogue, english, german):
    assert german in catalogue.get(english, set())


def sentences(language: str = "de") -> list[tuple[str, str]]:
    """All that people read in a language, each with where it stands; the English of the catalogue is its messages."""
    all_messages = [message for message in messages.read(GERMAN) if message.id]
    texts_of = messages.texts if language == "de" else lambda message: messages.identifier(message)[1]
    found = [("catalogue", text) for message in all_messages for text in texts_of(message)]
    for path in [
        *ROOT.glob(f"templates/mail/{language}/**/*.*"),
        *ROOT.glob(f"templates/public/_texts/*.{language}.html"),
    ]:
        plain = unescape(re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", " ", path.read_text(), flags=re.DOTALL))
        found.append((path.name, plain))
    return found


@pytest.mark.parametrize("language", ["de", "en"])
def test_quotes_and_apostrophes_are_those_of_print(language):
    assert [(place, text[:80]) for place, text in sentences(language) if re.search("[\"']", text)] == []


def test_no_german_sentence_has_a_forbidden_word():
    faults = [(place, word[0], text[:80]) for place, text in sentences() for word in FORBIDDEN.finditer(text)]

    assert faults == []


@pytest.mark.parametrize(
    "text",
    [
        *("Raum buchen", "gebucht", "Deine Buchung", "ausgebucht", "Wir genehmigen", "Antrag", "beantragt"),
        *("abgelehnt", "ablehnen", "ungültig", "Pflichtfelder", "an jedem zweiten Dienstag", "jeden zweiten"),
    ],
)
def test_forbidden_words_are_found_in_each_of_their_forms(text):
    assert FORBIDDEN.search(text)


@pytest.mark.parametrize("text", ["Buchstabe", "Gesetzbuch", "am zweiten Dienstag", "Bücherei", "Vertrag"])
def test_other_words_are_not_forbidden(text):
    assert not FORBIDDEN.search(text)
