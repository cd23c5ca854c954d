"""Laws of the code base: what must hold for every route, template and setting, proved by walking them."""

import re
import sys
from pathlib import Path

import config
from booking import log
from booking.domain.status import Action
from tests import make
from tests.support.pages import find_form

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "booking").rglob("*.py"))


def test_every_route_says_for_whom_it_is(app):
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "audience", None) not in ("public", "link_holder", "staff")
    ]

    assert unmarked == []


def test_routes_below_team_are_for_the_team_only(app):
    others = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/team")
        and app.view_functions[rule.endpoint].audience != "staff"
        and not rule.endpoint.startswith("auth.")
    ]

    assert others == []


def test_every_setting_is_documented():
    documented = (ROOT / "docs" / "operations.md").read_text()
    settings = [name for name in vars(config) if name.isupper()]

    missing = [name for name in settings if f"`BOOKING_{name}`" not in documented and f"`{name}`" not in documented]

    assert missing == []


def test_every_proof_of_a_promise_exists():
    """A renamed test is renamed there too, so that no promise stands without its proof."""
    told = (ROOT / "docs" / "reliability.md").read_text()
    proofs = re.findall(r"`([\w/]+\.py)::(\w+)`", told)
    sources = {file: (ROOT / "tests" / file).read_text() for file, _ in proofs}

    missing = [f"{file}::{name}" for file, name in proofs if f"def {name}(" not in sources[file]]
    missing += [name for name in re.findall(r"ARGS=(\w+)", told) if not (ROOT / "drills" / f"{name}.py").exists()]

    assert (missing, len(proofs) > 100) == ([], True)


def test_files_that_documents_name_exist():
    """So that no page speaks of what is gone."""
    there = {
        path.name
        for folder in ("booking", "house", "migrations", "templates", "tests", "tools", "drills", "docs")
        for path in (ROOT / folder).rglob("*")
    }
    there |= {path.name for path in ROOT.iterdir()}
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]
        for name in re.findall(r"`([\w/]+\.(?:py|toml|html|txt))\b", path.read_text())
    }

    gone = sorted((page, name) for page, name in named if Path(name).name not in there)

    assert (gone, len(named) > 30) == ([], True)


def test_decisions_are_numbered_one_after_another():
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    titles = [path.read_text().split(".", 1)[0] for path in files]

    assert titles == [f"# {number}" for number in range(1, len(files) + 1)]
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))


def test_every_library_says_what_it_is_for():
    wanted = re.findall(r"^([a-z][a-z0-9-]*)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    rows = re.findall(r"^\| (`.+?) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)

    assert sorted(re.findall(r"`([a-z0-9-]+)`", " ".join(rows))) == sorted(wanted)


def test_every_template_is_used():
    templates = ROOT / "templates"
    named = "\n".join(path.read_text() for path in [*SOURCES, *templates.rglob("*.html"), *templates.rglob("*.txt")])

    def is_named(name: str) -> bool:
        """As it is, or by the view and the language that it is for."""
        folder, _, file = name.rpartition("/")
        view = file.partition(".")[0]
        return name in named or (f'"{folder}/{{name}}.' in named and f'"{view}"' in named)

    names = [str(path.relative_to(templates)) for path in sorted(templates.rglob("*.html"))]
    unused = [name for name in names if not is_named(name)]

    assert unused == []


def test_status_changes_in_lifecycle_alone():
    """In Python, that is; with a quotation mark of SQL it is compared."""
    elsewhere = [
        path.name
        for path in SOURCES
        if path.name != "lifecycle.py" and re.search(r"(?<!self)\.status = (?!')", path.read_text())
    ]

    assert elsewhere == []


def test_state_of_a_change_changes_in_lifecycle_alone():
    elsewhere = [
        path.name
        for path in SOURCES
        if path.name != "lifecycle.py" and re.search(r"change\.state\b[^=\n]* = ", path.read_text())
    ]

    assert elsewhere == []


def test_versions_are_raised_in_one_place_each():
    raised = [
        str(path.relative_to(ROOT)) for path in SOURCES if re.search(r"\.version (?:\+=|= .*version)", path.read_text())
    ]

    # The lifecycle caps what the record has raised, and a restore begins anew.
    allowed = ["booking/house.py", "booking/keeping/restore.py", "booking/lifecycle.py", "booking/log.py"]
    assert sorted(raised) == allowed


def test_commit_stands_in_transaction_alone():
    elsewhere = [str(path.relative_to(ROOT)) for path in SOURCES if re.search(r"\.commit\(\)", path.read_text())]

    assert elsewhere == ["booking/database/__init__.py"]


def test_limits_stand_in_one_module():
    elsewhere = [
        path.name
        for path in SOURCES
        if path.name != "limits.py" and re.search(r"limiter\.(limit|shared_limit)\b", path.read_text())
    ]

    assert elsewhere == []


def test_templates_have_neither_inline_style_nor_script_nor_safe():
    offenders = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if (found := re.findall(r' style="|<style|\son\w+="|\|\s*safe', path.read_text()))
    }

    assert offenders == {}


def test_nothing_is_loaded_from_another_host():
    offenders = {
        path.name: found
        for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("*/*.css")]
        if "vendor" not in path.parts
        and (
            found := re.findall(r'(?:<(?:script|link|img|iframe)[^>]*(?:src|href)=|url\()"?https?://', path.read_text())
        )
    }

    assert offenders == {}


def test_service_fetches_no_address():
    """Whoever types an address makes nothing here connect to it, except what looks where it leads: what could is
    imported nowhere else."""
    fetching = re.compile(r"^\s*(?:import|from) (?:urllib\.request|http\.client|socket|requests|httpx|aiohttp)\b", re.M)

    assert [str(path.relative_to(ROOT)) for path in SOURCES if fetching.search(path.read_text())] == [
        "booking/outside/fetching.py"
    ]


def test_words_that_the_service_does_not_use_stand_nowhere():
    catalogue = ROOT / "booking" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
    texts = [catalogue, *(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    forbidden = r"Pflichtfeld|[Uu]ngültig|[Jj]eden zweiten|[Aa]ntrag\b|genehmig|abgelehnt|Ablehnung"

    offenders = {path.name: found for path in texts if (found := re.findall(forbidden, path.read_text()))}

    assert offenders == {}


def test_way_of_an_approval_is_the_one_that_is_told(staff_client):
    told = (ROOT / "docs" / "architecture.md").read_text()
    way = told.partition("## The way of an approval")[2].partition("\n## ")[0]
    stops = re.findall(r"`([\w.]+\.\w+)`", way)
    make.house()
    booking = make.booking(make.room(), "2026-12-09T16:00", reference="IO-26-0142")
    make.link(booking)
    path = f"/team/anfragen/{booking.reference}"
    panel = staff_client.submit(path, {"date": str(booking.occurrences[0].id)}, form="decision", button="selection")
    filled = find_form(panel.text, "panel").filled({}, "send")
    called = []

    def note(frame, event, _argument):
        if event == "call" and "/booking/" in frame.f_code.co_filename:
            called.append(f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}")

    sys.setprofile(note)
    try:
        answer = staff_client.post(filled.target or path, data=filled.data)
    finally:
        sys.setprofile(None)

    assert answer.status_code == 303
    assert (f"in {len(stops)} stops" in way, len(stops) <= 30) == (True, True)
    ahead = iter(called)
    assert [stop for stop in stops if not any(name.endswith(f".{stop}") for name in ahead)] == []


def test_every_recorded_action_has_words_for_the_team():
    named = re.compile(r'log\.record\(\s*"(\w+)"(?: if \w+ else "(\w+)")?')
    recorded = {name for path in SOURCES for found in named.findall(path.read_text()) for name in found if name}
    recorded |= {step.value for step in Action}
    assert {"accept_title", "refuse_title", "handed_over"} < recorded

    assert recorded - {action for action, _ in log.STEPS} == set()
