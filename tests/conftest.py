"""Fixtures for all tests; each file in tests/support has those of one kind."""

pytest_plugins = [
    "tests.support.app",
    "tests.support.browser",
    "tests.support.mail",
    "tests.support.postgresql",
    "tests.support.server",
]
