"""Fixtures for all tests; each file in tests/support has those of one kind."""

import pytest

pytest.register_assert_rewrite("tests.support", "tests.make")

pytest_plugins = [
    "tests.support.app",
    "tests.support.browser",
    "tests.support.letters",
    "tests.support.mail",
    "tests.support.postgresql",
    "tests.support.raw",
    "tests.support.request_form",
    "tests.support.server",
]
