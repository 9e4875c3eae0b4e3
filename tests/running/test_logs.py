"""No line of the log says what a person wrote."""

import json
import logging
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import ResolverMatch

from clinic.config.logs import RequestLogMiddleware, drop_exception_words

CANARY = "Zebulon-Canary"


def test_an_error_is_named_without_its_words() -> None:
    try:
        raise ValueError(f"Key (legal_name)=({CANARY}) already exists")
    except ValueError as error:
        event: Any = drop_exception_words(None, "error", {"event": "Internal Server Error", "exc_info": error})
    assert CANARY not in json.dumps(event)
    assert event["error"] == "builtins.ValueError"
    assert "test_logs.py" in event["at"][-1]


def test_a_request_is_named_by_its_route() -> None:
    request = RequestFactory().get(f"/patients/{CANARY}", {"name": CANARY})
    assert RequestLogMiddleware.format_request(request) == "GET (no route)"
    request.resolver_match = ResolverMatch(lambda: None, (), {}, route="patients/<uuid:public_id>/")
    assert RequestLogMiddleware.format_request(request) == "GET /patients/<uuid:public_id>/"


@pytest.mark.django_db
def test_neither_query_nor_path_nor_body_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Client().get(f"/no-such-page/{CANARY}", {"q": CANARY})
        Client().post("/o/token/", {"client_id": CANARY, "client_secret": CANARY})
    assert all(CANARY not in str(vars(record)) for record in caplog.records if record.name != "django.request")
    assert any("request_finished" in str(record.msg) for record in caplog.records)
