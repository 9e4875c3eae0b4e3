"""Links of people, and the pages behind them as a browser without cookies sees them."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import links
from pathways.actions.links import give_link
from pathways.models import Attendance, FollowUp, PatientLink
from pathways.queries.links import keys
from pathways.rules.links import LinkPurpose, token
from patients.models import Patient
from tests.factories import clinic, pathways
from tests.factories.course import to_therapy
from tests.factories.patients import NOW
from tests.refusals import refused as refusal_of

BASE = "https://go.example"


def to_appointment(place: Attendance, *, by: Actor, now: Any = NOW) -> PatientLink:
    """A link to somebody's place in a session."""
    return give_link(by=by, now=now, purpose=LinkPurpose.APPOINTMENT, patient_id=place.patient.public_id,
                     attendance_id=place.public_id)  # fmt: skip


def to_form(patient: Patient, instrument: str, *, by: Actor, now: Any = NOW) -> PatientLink:
    """A link to a form somebody fills in themselves."""
    return give_link(by=by, now=now, purpose=LinkPurpose.QUESTIONNAIRE, patient_id=patient.public_id,
                     instrument=instrument)  # fmt: skip


def to_form_of(follow_up: FollowUp, *, by: Actor, now: Any = NOW) -> PatientLink:
    """A link to the form that a contact asks for."""
    return give_link(by=by, now=now, purpose=LinkPurpose.QUESTIONNAIRE, patient_id=follow_up.patient.public_id,
                     follow_up_id=follow_up.public_id)  # fmt: skip


def to_preferences(patient: Patient, *, by: Actor, now: Any = NOW) -> PatientLink:
    """A link to how somebody is written to."""
    return give_link(by=by, now=now, purpose=LinkPurpose.PREFERENCES, patient_id=patient.public_id)


def form_owed(person: Patient, by: Actor) -> FollowUp:
    """The first mood questionnaire that somebody in therapy is asked for."""
    row = pathways.enrolled(person, by=by)
    to_therapy(row, clinic.actor(roles=[Role.CLINICIAN], sites=by.sites.all()))
    return row.follow_ups.filter(instrument="phq9", outcome="").earliest("due_at")


def again(link: PatientLink) -> PatientLink:
    """The same, as it stands now."""
    return PatientLink.objects.get(pk=link.pk)


def bearer(link: PatientLink) -> Actor:
    """Who uses a link."""
    return links.bearer(link, NOW)


def refused(code: str, verb: Any, **said: Any) -> Refused:
    """The refusal of a verb with this code."""
    refusal = refusal_of(verb, now=NOW, **said)
    assert refusal.code == code
    return refusal


def path_of(link: PatientLink) -> str:
    """Where the link leads on this server."""
    return reverse("link", args=[token(link.handle, keys()[0])])


def altered(path: str) -> str:
    """The address with another last letter, whatever it ends with."""
    return f"{path[:-2]}{'3' if path[-2] == '2' else '2'}/"


def born(patient: Patient, **changes: str) -> dict[str, str]:
    """The answer to who is there."""
    day = patient.birth_date
    return {"act": "who", "born_day": str(day.day), "born_month": str(day.month), "born_year": str(day.year)} | changes


def known(link: PatientLink, browser: Client | None = None) -> str:
    """The pass of a page whose bearer said who they are."""
    answer = (browser or Client()).post(path_of(link), born(link.patient))
    found = re.search(r'name="pass" value="([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


def press(link: PatientLink, act: str, **typed: Any) -> Any:
    """What the page answers when somebody presses this."""
    return Client().post(path_of(link), {"act": act, **typed})


def shown(answer: Any) -> str:
    """The page, with its markup."""
    return str(answer.content.decode())
