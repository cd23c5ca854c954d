"""Fixtures for all tests; each file in tests/support has those of one kind."""

import gc
import importlib
import os
from contextlib import suppress
from pathlib import Path

import hypothesis
import pytest

# No time limits on single examples: a machine that is busy with something else would fail them. The same examples
# every time, so that a change is judged by what it changes; `make drill ARGS=properties` looks at more and others.
# A test that takes longer for one says by how much fewer it looks at, or more.
hypothesis.settings.register_profile(
    "suite", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "drill",
    hypothesis.settings.get_profile("suite"),
    max_examples=int(os.environ.get("TEST_EXAMPLES", "200")),
    derandomize=False,
    database=None,
)
hypothesis.settings.load_profile("suite")

pytest.register_assert_rewrite("tests.support", "tests.make")

pytest_plugins = [
    "tests.support.app",
    "tests.support.browser",
    "tests.support.calendars",
    "tests.support.codes",
    "tests.support.group_page",
    "tests.support.letters",
    "tests.support.mail",
    "tests.support.postgresql",
    "tests.support.programs",
    "tests.support.raw",
    "tests.support.redis",
    "tests.support.request_form",
    "tests.support.server",
    "tests.support.whole_house",
]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where several processes run all tests, each begins with a share of the files, and finds the others' prepared.

    To rewrite the assertions of a file takes longer than to load it; where all begin with the same file, all do both.
    """
    process = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if process and session.config.args == session.config.getini("testpaths"):
        files = sorted(Path("tests").glob("**/test_*.py"))
        for file in files[int(process) :: int(os.environ["PYTEST_XDIST_WORKER_COUNT"])]:
            with suppress(Exception):  # what is wrong with a file is said when it is collected
                importlib.import_module(".".join(file.with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: no need for the garbage collector to look through them again and again.

    It also comes after 250,000 new objects, not after 700: nearly all are gone by then without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(250_000)
