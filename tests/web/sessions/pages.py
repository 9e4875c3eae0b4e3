"""The pages of sessions, as the tests of their folder read and fill them in."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.models import Actor, Site
from patients.models import Patient
from tests.factories import patients
from tests.factories.sessions import DAY

HTMX = {"HX-Request": "true"}


def registered(site: Site, by: Actor, number: int = 1) -> list[Patient]:
    """Several people of a site, none of them under way."""
    return [patients.patient(site, by=by, now=clock.now()) for _ in range(number)]


def text(answer: Any) -> str:
    """The page, with its markup."""
    return str(answer.content.decode())


def day_list(browser: Client, **query: str) -> str:
    """The page of a day."""
    answer = browser.get(reverse("sessions"), query)
    assert answer.status_code == 200
    return text(answer)


def typed(now: datetime, site: Site, **changed: Any) -> dict[str, Any]:
    """What the form sends that books counseling for the day after tomorrow."""
    day = (now.astimezone(site.zone) + 2 * DAY).date()
    return {
        "what": "individual-counseling.individual", "on_day": str(day.day), "on_month": str(day.month),
        "on_year": str(day.year), "at": "10:30", "minutes": "", "leader": "", "room": "", "mode": "in_person",
    } | changed  # fmt: skip
