"""What the tests of this folder ask of sessions, and the fields a refusal points at."""

from datetime import datetime, timedelta
from typing import Any

from clinic.models import Actor, Site
from pathways.models import Attendance, Session
from patients.models import Patient
from tests.factories import sessions as make
from tests.factories.sessions import place_of

PATH = "/api/v1/sessions/"


def body(site: Site, by: Actor, at: datetime, *people: Patient, **changed: Any) -> dict[str, Any]:
    """What a caller sends to book individual counseling at a moment."""
    return {
        "site": str(site.public_id),
        "modality": "individual-counseling",
        "starts_at": at.isoformat(),
        "leader": str(by.public_id),
        "people": [{"patient": str(each.public_id)} for each in people],
    } | changed


def pointers(answer: Any) -> set[str]:
    """The fields an answer found fault with."""
    return {each["pointer"] for each in answer.json()["errors"]}


def begun(person: Patient, by: Actor, now: datetime) -> tuple[Session, Attendance]:
    """A session that began a minute ago."""
    row = make.individual(person, by=by, at=now - timedelta(minutes=1), now=now)
    return row, place_of(row, person)
