"""The API describes itself: OpenAPI 3.1 without warnings, and a page that keeps to the strict policy."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import sync_playwright

from clinic.rules.roles import SCOPES
from tests import chromium

CHANGING = ("post", "put", "patch", "delete")


def _schema() -> dict[str, Any]:
    answer = Client().get("/api/v1/schema/")
    assert answer.status_code == 200
    return json.loads(answer.content)


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in _schema()["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.django_db
def test_the_document_is_valid_and_says_all_without_warning(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))
    assert _schema()["openapi"].startswith("3.1")


@pytest.mark.django_db
def test_the_scopes_of_the_permission_table_stand_in_the_document() -> None:
    flow = _schema()["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/o/token/"
    assert set(flow["scopes"]) == set(SCOPES)


@pytest.mark.django_db
def test_every_operation_says_who_may_and_how_it_refuses() -> None:
    for path, method, operation in _operations():
        assert operation["security"], (method, path)
        assert {"401", "403", "429", "503"} <= set(operation["responses"]), (method, path)
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert "application/problem+json" in answer["content"], (method, path, status)


@pytest.mark.django_db
def test_every_operation_has_a_name_of_its_own_and_a_sentence() -> None:
    names = [operation["operationId"] for _, _, operation in _operations()]
    assert len(names) == len(set(names))
    assert all(operation.get("description") for _, _, operation in _operations())


@pytest.mark.django_db
def test_a_version_is_asked_for_where_something_is_edited() -> None:
    named = {(o["operationId"], p["name"]) for _, _, o in _operations() for p in o.get("parameters", [])}
    assert ("change_site", "If-Match") in named
    assert ("open_site", "Idempotency-Key") in named
    assert ("list_sites", "Idempotency-Key") not in named


@pytest.mark.django_db
def test_the_root_names_the_collections() -> None:
    said = Client().get("/api/v1/").json()
    assert said["sites"] == "http://testserver/api/v1/sites/"
    assert said["docs"] == "http://testserver/api/v1/docs/"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_shows_the_operations_without_breaking_the_policy(live_server: Any) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.found(), args=["--no-sandbox"])
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        answer = page.goto(f"{live_server.url}/api/v1/docs/")
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        page.locator("#operations-tag-sites").click()
        page.get_by_text("open_site", exact=True).first.click()
        page.get_by_text("Idempotency-Key").first.wait_for()
        browser.close()
    assert complaints == []
