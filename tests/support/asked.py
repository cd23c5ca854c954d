"""Questions that schemathesis makes of the OpenAPI document, put to the application."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.support.app import Client

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
FIRST, LAST = datetime(2026, 11, 1), datetime(2027, 1, 31)  # noqa: DTZ001 - wall times of the house
OPEN_RULE = {"weekdays": [], "ordinals": [], "until": None, "count": None, "meetings": None, "exdates": []}


def ask_all(app: Flask, examples: int, **more: Any) -> Counter[tuple[str, int]]:
    """Put so many questions of each kind to each operation; how often it answered with which status."""
    answered: Counter[tuple[str, int]] = Counter()
    client = Client(app)
    document = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json)
    document.app = lambda environ, start: app({**environ, "REMOTE_ADDR": "127.0.0.1"}, start)
    slugs = [room["slug"] for room in client.get("/api/v1/rooms").json["rooms"]]
    for operation in (found.ok() for found in document.get_all_operations()):
        for kind in KINDS:

            @settings(
                max_examples=examples, database=None, phases=[Phase.generate], suppress_health_check=HealthCheck, **more
            )
            @given(case=kind(operation, slugs))
            def answer(case: Case) -> None:
                found = case.call_and_validate(headers={"Accept-Encoding": "identity"}, checks=CHECKS)
                answered[case.operation.label, found.status_code] += 1

            try:
                answer()
            except Unsatisfiable:  # nothing can be wrong with a question that has no parameters
                assert kind is _unfit
                assert not operation.query
    return answered


def _fit(operation: Any, _slugs: list[str]) -> st.SearchStrategy[Case]:
    """What the document allows."""
    return operation.as_strategy(GenerationMode.POSITIVE)


def _unfit(operation: Any, _slugs: list[str]) -> st.SearchStrategy[Case]:
    """What it does not."""
    return operation.as_strategy(GenerationMode.NEGATIVE)


def _meant(operation: Any, slugs: list[str]) -> st.SearchStrategy[Case]:
    """What it allows, of rooms that are there and of days that follow each other, which no document can tell."""
    starts = st.datetimes(min_value=FIRST, max_value=LAST).map(lambda at: at.replace(minute=at.minute // 15 * 15))
    return st.builds(_plausible, _fit(operation, slugs), st.sampled_from(slugs), starts, st.integers(0, 61))


def _plausible(case: Case, slug: str, start: datetime, days: int) -> Case:
    query = case.query or {}
    last = start + timedelta(days=days)
    said = {"room": slug, "from": f"{start:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}", "after": days}
    case.query = {name: said[name] for name in query}
    if "to" in query:
        case.query["from"] = said["from"]
    if isinstance(case.body, dict) and "rule" in case.body:
        rule = (
            case.body["rule"]
            | OPEN_RULE
            | {"start": f"{start:%Y-%m-%dT%H:%M}", "interval": days % 4 + 1, "other_times": []}
        )
        extra = [f"{last:%Y-%m-%d}"] if days else []
        case.body |= {"room": slug, "rule": rule | {"extra_dates": extra}, "limit": days + 1}
    return case


KINDS: tuple[Callable[[Any, list[str]], st.SearchStrategy[Case]], ...] = (_fit, _unfit, _meant)
