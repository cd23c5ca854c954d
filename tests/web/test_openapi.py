"""The OpenAPI document against what is really answered, by questions that schemathesis makes of the document."""

from flask import Flask

from booking.domain.status import Status
from tests import make
from tests.support.app import Client, Clock
from tests.support.asked import KINDS, ask_all

EXAMPLES = 8


def test_every_answer_is_as_the_document_says(app: Flask, clock: Clock) -> None:
    make.house()
    hall, workshop, _ = make.rooms()
    make.booking(hall, "2026-12-01T16:00", "2026-12-08T16:00", status=Status.APPROVED, after_minutes=30)
    make.booking(workshop, "2026-11-30T16:00", status=Status.CANCELLED, is_open=False)
    make.booking(workshop, "2026-12-02T16:00")
    make.closure("2026-12-03T00:00", "2026-12-04T00:00")

    answered = ask_all(app, EXAMPLES)

    asked = {f"{method.upper()} {path}" for path, of in _paths(app).items() for method in of}
    assert {operation for operation, status in answered if status == 200} == asked
    assert {operation for operation, status in answered if status == 422} == asked - {
        "GET /api/v1/rooms",
        "GET /api/v1/today",
    }
    assert answered.total() > len(KINDS) * EXAMPLES  # else it asked nothing


def test_document_names_each_status_that_is_answered_with_its_problem(app: Flask) -> None:
    make.house()

    of_preview = _paths(app)["/api/v1/preview"]["post"]["responses"]
    of_rooms = _paths(app)["/api/v1/rooms"]["get"]["responses"]

    assert (sorted(of_preview), sorted(of_rooms)) == (
        ["200", "400", "413", "415", "422", "429", "503"],
        ["200", "304", "429", "503"],
    )
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}}
    assert [of_preview[code]["content"] for code in of_preview if code >= "4"] == [problem] * 6


def _paths(app: Flask) -> dict[str, dict[str, dict[str, dict[str, dict[str, object]]]]]:
    return Client(app).get("/api/v1/openapi.json").json["paths"]
