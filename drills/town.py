"""A town that is set up from the docs alone, up to its first approved booking.

``python -m drills.town`` does what docs/operations.md says, in its order and with its own blocks of settings, SQL,
units and proxies, in which nothing but names, paths and ports is replaced: a clone, ``make setup``, PostgreSQL with two
roles, the folder of a house from answers, the first of the team by a link, gunicorn and letters as processes of their
own, a real mail server, and nginx with TLS in front, then Apache. A browser asks, approves and looks; TEST_SHOTS names
a folder for its pictures. It needs nginx (Debian: nginx-light), and Apache (apache2) unless it is called with apache=0;
port 443 of 127.0.0.77 must be free, and be its own to take: run it as root.
"""

import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, Page, sync_playwright

from booking import clock
from drills.service import ROOT, settings
from tests.support import pages
from tests.support.browser import ARGUMENTS, check_axe, look, press, shoot
from tests.support.mail import MailServer, free_port, plain
from tests.support.postgresql import Cluster
from tests.support.visitor import Visitor
from tests.test_new_house import ANSWERS
from tools.machine import NO_CHROMIUM, NO_POSTGRESQL, find_chromium, find_postgresql
from tools.messages import FAMILIAR

HOST, ADDRESS = "raeume.steinbrueck.internal", "127.0.0.77"
OWNER, SERVICE = "booking_owner:secret@", "booking_service:secret@"
PASSWORD = "Mahlgang-Wehr-Linde-7"
#: Seconds; what is sent sooner after the first page is asked for once more.
QUICK = 8
#: Texts, facts and pictures that a person would write and draw.
WRITTEN = ROOT / "tests" / "houses" / "steinbrueck"
#: What only the example may say.
EXAMPLE = re.compile(r"Bielefeld|Innovation Office|\bOIC\b|NRW|Alter Markt", re.IGNORECASE)
APACHE_MODULES = ("mpm_event", "authz_core", "ssl", "socache_shmcb", "proxy", "proxy_http", "headers")
PATHS = ("/", "/anfrage", "/kalender", "/raeume", "/raeume/mahlsaal", "/impressum", "/datenschutz", "/barrierefreiheit")
PATHS += ("/hausordnung", "/hilfe", "/link", "/heute", "/lobby", "/en/", "/en/impressum", "/en/hausordnung")


class Town:
    """The town's machine: a folder, and what has been done on it so far."""

    def __init__(self, folder: Path, cluster: Cluster, mail: MailServer) -> None:
        self.folder = folder
        self.clone = folder / "booking"
        self.cluster = cluster
        self.mail = mail
        self.docs = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        self.port = free_port()
        self.commands = self.fields = 0
        self.environment = {name: os.environ[name] for name in os.environ if not name.startswith("BOOKING_")}

    def block(self, containing: str) -> str:
        """A block of the docs, with the town's names, paths and ports in it."""
        (found,) = (each for each in re.findall(r"```\w+\n(.*?)```", self.docs, re.DOTALL) if containing in each)
        for theirs, ours in (
            ("/etc/letsencrypt/live/raeume.example.org/fullchain.pem", str(self.folder / "cert.pem")),
            ("/etc/letsencrypt/live/raeume.example.org/privkey.pem", str(self.folder / "key.pem")),
            ("smtp://user:password@mail.example.org:587?starttls=1", self.mail.url),
            ("@127.0.0.1/booking", f"@/booking?host={self.cluster.folder}"),
            ("raeume.example.org", HOST),
            ("127.0.0.1:5000", f"127.0.0.1:{self.port}"),
            ("listen 443", f"listen {ADDRESS}:443"),
            ("*:443", f"{ADDRESS}:443"),
            ("/var/lib/booking", str(self.folder / "instance")),
            ("/srv/booking", str(self.clone)),
        ):
            found = found.replace(theirs, ours)
        return found

    def command(self, *words: str, owner: bool = False, fields: int = 0) -> str:
        """A command of the docs; ``owner``: with the owner's address of the database."""
        self.commands, self.fields = self.commands + 1, self.fields + fields
        print(f"  $ {' '.join(words)[:100]}", flush=True)
        environment = dict(self.environment)
        if owner:
            environment["DATABASE_URL"] = environment["DATABASE_URL"].replace(SERVICE, OWNER)
        done = subprocess.run(
            words,
            cwd=self.clone if self.clone.exists() else self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout + done.stderr

    def flask(self, *words: str, owner: bool = False, fields: int = 0) -> str:
        return self.command(str(self.clone / ".venv/bin/flask"), "--app", "app", *words, owner=owner, fields=fields)

    def sql(self, containing: str, database: str, role: str = "") -> None:
        """A block of SQL, by an administrator or by a role."""
        url = self.cluster.url(database)
        self.commands += 1
        with psycopg.connect(url.replace("postgres@", role) if role else url, autocommit=True) as connection:
            for statement in self.block(containing).split(";"):
                if statement.strip():
                    connection.execute(statement.encode())

    def settings(self) -> None:
        """The file of settings, in which each line is a field."""
        lines = self.block("BOOKING_SMTP_URL=").splitlines()
        values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        self.fields += len(values)
        self.environment.update(values)

    @contextmanager
    def unit(self, name: str) -> Iterator[None]:
        """What a unit of the docs starts, until the end."""
        (command,) = re.findall(r"^ExecStart=(.*)$", self.block(f"{name}.service"), re.MULTILINE)
        self.commands += 1
        with self.running(name, *command.split()):
            yield

    @contextmanager
    def running(self, name: str, *command: str) -> Iterator[None]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.clone, env=self.environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)

    @contextmanager
    def nginx(self) -> Iterator[None]:
        config = self.folder / "nginx.conf"
        paths = "".join(
            f"  {each}_temp_path {self.folder}/{each};\n"
            for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config.write_text(
            f"daemon off; pid {self.folder}/nginx.pid; error_log stderr;\nevents {{}}\n"
            f"http {{\n  access_log off;\n{paths}{self.block('proxy_pass http')}}}\n"
        )
        with self.running("nginx", "nginx", "-c", str(config)):
            yield

    @contextmanager
    def apache(self) -> Iterator[None]:
        config, modules = self.folder / "apache.conf", "/usr/lib/apache2/modules"
        loaded = "\n".join(f"LoadModule {each}_module {modules}/mod_{each}.so" for each in APACHE_MODULES)
        config.write_text(
            f"ServerRoot {self.folder}\nPidFile {self.folder}/apache.pid\nErrorLog {self.folder}/apache.log\n{loaded}\n"
            f"User www-data\nGroup www-data\nListen {ADDRESS}:443\n{self.block('<VirtualHost')}"
        )
        with self.running("apache", "apache2", "-DFOREGROUND", "-f", str(config)):
            yield

    def logs(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text()[-1500:]}" for path in self.folder.glob("*.log"))

    def answer(self, path: str) -> tuple[int, str]:
        """What the proxy answers, over TLS."""
        request = urllib.request.Request(f"https://{ADDRESS}{path}", headers={"Host": HOST})
        trusted = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
        trusted.check_hostname = False
        try:
            with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:  # noqa: S310 - our own
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode("utf-8", "replace")

    def wait(self) -> None:
        """Until everything is ready behind the proxy."""
        deadline = time.monotonic() + 60
        while True:
            try:
                status, body = self.answer("/readyz")
                if status == 200:
                    return
            except OSError as fault:
                status, body = 0, str(fault)
            if time.monotonic() > deadline:
                raise SystemExit(f"not ready: {status} {body}\n{self.logs()}")
            time.sleep(0.2)


def set_up(town: Town) -> str:
    """All that comes before the start, in the order of the docs; the address at which the first password is chosen."""
    town.command("git", "clone", "--quiet", str(ROOT), str(town.clone))
    town.command("make", "setup")
    town.sql("CREATE ROLE booking_owner", "postgres")
    town.sql("ALTER DEFAULT PRIVILEGES", "booking")
    town.settings()
    town.flask("db", "upgrade", owner=True)
    town.sql("REVOKE INSERT", "booking", OWNER)
    town.sql("log_error_verbosity", "booking")
    house = town.clone / "house" / "steinbrueck"
    answers = {**ANSWERS, "email": "muehlenhof@steinbrueck.internal", "formal": "Sie"}
    words = [word for name, value in answers.items() for word in (f"--{name}", value)]
    town.flask("house", "new", str(house), *words, fields=len(answers))
    for path in WRITTEN.rglob("*"):
        if path.is_file() and path.name not in ("house.toml", "theme.toml"):
            (house / path.relative_to(WRITTEN)).parent.mkdir(exist_ok=True)
            shutil.copy(path, house / path.relative_to(WRITTEN))
    town.fields += len((WRITTEN / "facts.toml").read_text().splitlines())
    print(town.flask("house", "check", str(house)), town.flask("house", "load", str(house)))
    invited = town.flask("staff", "add", "ana@steinbrueck.internal", "--name", "Ana Muster", "--link", fields=2)
    (address,) = re.findall(r"https://\S+", invited)
    return str(address)


def walk(town: Town, browser: Browser, invitation: str) -> None:
    """The first of the team comes, a group asks, the team approves, the group hears of it, the lobby shows it."""
    day = clock.now() + timedelta(days=28)
    day += timedelta(days=(2 - day.weekday()) % 7)
    ana = _page(browser)
    ana.goto(invitation)
    ana.locator("#password").fill(PASSWORD)
    look(ana, "town-invitation")
    ana.locator("form button[type=submit]").last.click()
    ana.locator("#said").wait_for()

    group = Visitor(_page(browser), "en")
    group.open("/anfrage")
    group.choose("Einmal")
    told = {"#date": f"{day:%d.%m.%Y}", "#start": "20:30", "#end": "22:00", "#people": "60"}
    for control, text in told.items():
        group.page.locator(control).fill(text)
    group.page.locator("label", has_text="Mahlsaal").first.click()
    group.press("Weiter")
    group.press("Weiter")  # what is free is shown, as the evening lies outside the hours
    about = {"#title": "Dorfabend", "#group": "Landfrauen", "#purpose": "Wir singen.", "#name": "Zoë Müller"}
    about |= {"#email": "zoe@steinbrueck.internal", "#onsite_name": "Zoë Müller", "#onsite_phone": "0170 1234567"}
    group.choose("Initiative, Verein oder freie Gruppe", "Offen für alle", "Wir brauchen einen Schlüssel")
    for control, text in about.items():
        group.page.locator(control).fill(text)
    group.press("Weiter")
    time.sleep(QUICK)
    group.send()
    _letters(town, 2)
    ana.goto("/team")
    ana.get_by_text("Dorfabend").first.click()
    ana.get_by_role("button", name="Alle freien zusagen (1)").click()
    look(ana, "town-decision")
    press(ana, "1 zusagen und Mail senden")
    press(ana, "Jetzt senden")
    letter = _letters(town, 3)[-1]
    (page,) = re.findall(rf"^https://{HOST}(\S*/a/\S+)\s*$", letter.partition("----")[0], re.MULTILINE)[:1]
    group.page.goto(page)
    look(group.page, "town-group")
    group.page.goto(page.removeprefix("/en"))
    look(group.page, "town-group-german")
    if found := FAMILIAR.search(group.page.locator("body").inner_text()):
        raise SystemExit(f"the page of a group says {found[0]}")


def _page(browser: Browser) -> Page:
    context = browser.new_context(base_url=f"https://{HOST}", ignore_https_errors=True, locale="de-DE")
    context.set_default_timeout(10_000)
    return context.new_page()


def _letters(town: Town, number: int) -> list[str]:
    try:
        letters = [plain(message) for message in town.mail.wait_for(number)]
    except AssertionError as late:
        raise SystemExit(f"{late}\n{town.logs()}") from None
    for letter in letters:
        if EXAMPLE.search(letter):
            raise SystemExit(f"a letter speaks of the example:\n{letter}")
        if "/team/" not in letter and FAMILIAR.search(letter):
            raise SystemExit(f"a letter to a group says du:\n{letter}")
    return letters


def look_around(town: Town, browser: Browser, proxy: str) -> None:
    """Whether every page says what the town says, through this proxy; with pictures of it."""
    for path in PATHS:
        status, body = town.answer(path)
        said = EXAMPLE.findall(body)
        if not path.startswith("/en/"):
            words = pages.text(pages.parse(body)[0])
            said += FAMILIAR.findall(words)
        if status != 200 or said:
            raise SystemExit(f"{path} by {proxy}: {status}, {said}")
    page = _page(browser)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("/", "/anfrage", "/impressum", "/en/"):
            page.goto(path)
            check_axe(page)
            shoot(page, f"town-{proxy}{path.replace('/', '-')}-{width}")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/lobby")
    page.locator(".board, main").first.wait_for()
    shoot(page, f"town-{proxy}-lobby", full_page=False)
    print(f"  {len(PATHS)} pages by {proxy}: nothing of the example, and none that says du")


def main(arguments: list[str]) -> int:
    wanted = settings(arguments, apache=1)
    binaries, chromium = find_postgresql(), find_chromium()
    if binaries is None or chromium is None:
        raise SystemExit(NO_POSTGRESQL if binaries is None else NO_CHROMIUM)
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="town")))
        folder.chmod(0o755)
        cluster, mail = Cluster(binaries), MailServer()
        cluster.start()
        stack.callback(cluster.stop)
        mail.start()
        stack.callback(mail.stop)
        town = Town(folder, cluster, mail)
        certify = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}")
        subprocess.run(
            [*certify, "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True
        )
        invitation = set_up(town)
        stack.enter_context(town.unit("booking-web"))
        stack.enter_context(town.unit("booking-letters"))
        playwright = stack.enter_context(sync_playwright())
        rules = f"--host-resolver-rules=MAP {HOST} {ADDRESS}"
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, rules])
        with town.nginx():
            town.commands += 1
            town.wait()
            print(town.flask("doctor"))
            walk(town, browser, invitation)
            print(
                f"  first approved booking after {town.commands} steps and {town.fields} fields,"
                f" {time.monotonic() - begun:.0f} s of the machine"
            )
            look_around(town, browser, "nginx")
            if changed := town.command("git", "status", "--porcelain"):
                raise SystemExit(f"files of the project were touched:\n{changed}")
        if wanted["apache"]:
            with town.apache():
                town.wait()
                look_around(town, browser, "apache")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
