"""Laws of the shape of booking/: names, sizes and imports. `make check` runs them, and web/test_statements.py."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.variant  # of `make check`, which runs all of these

ROOT = Path(__file__).parent.parent
SOURCES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / "booking").rglob("*.py")}

MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_FUNCTION = 60

# Names that a protocol demands of each module that follows it, and why.
PROTOCOLS = {
    "init_app": "parts of the application are put into it one by one, as Flask's extensions are",
    "settings": "booking/__init__ asks each part for what it adds to the configuration",
    "options": "booking.database asks the module of the engine",
    "set_up": "booking.database asks the module of the engine",
}


@cache
def tree(module):
    return ast.parse(SOURCES[module].read_text())


def functions(module):
    return [node for node in tree(module).body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def types(module):
    """The classes of a module, and the names it gives to types of others."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ClassDef):
            yield node.name
    for node in tree(module).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and re.match(r"[A-Z]\w*[a-z]", target.id):
                    yield target.id


def is_view(function):
    """Whether people call it: by an address, or as a command in the terminal."""
    calls = [each.func for each in function.decorator_list if isinstance(each, ast.Call)]
    return any(
        isinstance(call, ast.Attribute) and call.attr in ("get", "post", "route", "command", "cli_command")
        for call in calls
    )


def calls(module, name):
    """What a module calls by this name in others, as ``changing.cancel_dates``."""
    return {
        ast.unparse(node.value).split(".")[-1]
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and node.attr == name
    }


def shared_with_its_verb(name, places):
    """Whether these are one verb and the views that call it."""
    views = [module for module, function in places if is_view(function)]
    verbs = [module.split(".") for module, function in places if not is_view(function)]
    return len(verbs) == 1 and all(calls(view, name) & set(verbs[0]) for view in views)


def test_type_is_defined_once_in_the_house():
    defined = Counter(name for module in SOURCES for name in types(module))

    shared = {name: times for name, times in defined.items() if times > 1}

    assert shared == {}


def test_name_of_a_function_is_shared_by_a_view_and_the_verb_it_calls_alone():
    defined = defaultdict(list)
    for module in SOURCES:
        for function in functions(module):
            defined[function.name].append((module, function))

    shared = {
        name: len(places)
        for name, places in sorted(defined.items())
        if len(places) > 1 and name not in PROTOCOLS and not shared_with_its_verb(name, places)
    }

    assert shared == {}


def test_protocols_are_followed_by_several_modules():
    defined = Counter(function.name for module in SOURCES for function in functions(module))

    assert [name for name in PROTOCOLS if defined[name] < 2] == []


def test_nothing_of_ours_is_a_coroutine():
    found = {name for name, path in SOURCES.items() for each in ast.walk(ast.parse(path.read_text())) if is_async(each)}

    assert found == set()  # the application calls its views as they are


def is_async(node):
    return isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith)


def test_no_module_is_long():
    long = {path.name for path in SOURCES.values() if len(path.read_text().splitlines()) > MOST_LINES_OF_A_MODULE}

    assert long == set()


def test_no_function_is_long():
    long = {
        node.name
        for module in SOURCES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= MOST_LINES_OF_A_FUNCTION
    }

    assert long == set()


def test_every_module_can_be_imported_first():
    found = subprocess.run(
        [sys.executable, ROOT / "tests" / "support" / "imported_first.py"], capture_output=True, text=True, check=True
    )

    assert json.loads(found.stdout) == [], found.stderr


def test_every_excuse_gives_its_reason_on_its_own_line():
    excuse = re.compile(r"# (?:noqa|type: ignore)\b")
    reason = re.compile(r"# (?:noqa: [A-Z\d, ]+ - |type: ignore\[.+\]  # )(?!(?:see|as) above)\w")
    files = [
        path for folder in ("booking", "bench", "drills", "tests", "tools") for path in (ROOT / folder).rglob("*.py")
    ]
    lines = {
        f"{path.relative_to(ROOT)}:{n}": line
        for path in files
        for n, line in enumerate(path.read_text().splitlines(), 1)
    }

    assert [place for place, line in lines.items() if excuse.search(line) and not reason.search(line)] == []


def test_no_code_asks_for_one_language():
    """What differs between languages stands in booking/languages.py, so that a further one is an entry there."""
    asks = re.compile(r"""[=!]= ["'](?:de|en)["']|["'](?:de|en)["'] [=!]=|\(["']de["'], ["']en["']\)|match language""")
    texts = [*SOURCES.values(), *(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]

    assert [str(path.relative_to(ROOT)) for path in texts if asks.search(path.read_text())] == []
