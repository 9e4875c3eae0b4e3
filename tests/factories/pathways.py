"""Programs and people under way in them, made by the product's own verbs."""

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, levels, programs
from pathways.models import Enrollment, LevelOfCareAssessment, ProgramVersion, Reminder
from pathways.programs.library import shipped
from pathways.rules.levels import Need
from patients.models import Patient
from tests.factories import clinic, patients
from tests.factories.patients import NOW

KRATOM = "kratom-outpatient"


def document(**changes: Any) -> dict[str, Any]:
    """A copy of the shipped kratom program as data, with parts replaced."""
    found = next(each for each in shipped() if each.name == KRATOM)
    return {**copy.deepcopy(dict(found.document)), **changes}


def program(
    *, published: bool = True, changed: Mapping[str, Any] | None = None, now: datetime = NOW, by: Actor | None = None
) -> ProgramVersion:
    """The shipped program as a version; asked again, the same one. `changed` replaces parts of the document."""
    loader = by or clinic.job()
    return programs.load(by=loader, now=now, document=document(**(changed or {})), publish=published)


def enrolled(
    patient: Patient | None = None,
    *,
    by: Actor | None = None,
    site: Site | None = None,
    now: datetime = NOW,
    **given: Any,
) -> Enrollment:
    """Somebody in the first phase of the kratom program."""
    program(now=now - timedelta(days=1))
    site = site or _site_of(patient)
    by = by or clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    patient = patient or patients.patient(site, by=by, now=now)
    return enrollments.enroll(
        by=by, now=now, patient_id=patient.public_id, **({"program_key": KRATOM, "site_id": site.public_id} | given)
    )


def rated(
    patient: Patient, *values: int | None, by: Actor, now: datetime = NOW, sud: bool = True, **given: Any
) -> LevelOfCareAssessment:
    """Six ratings in the order of `Need`; those left out are 0: `rated(patient, 3, by=…)` is severe withdrawal."""
    six = [*values, *([0] * (len(Need) - len(values)))]
    ratings = dict(zip(Need, six, strict=True))
    return levels.rate(by=by, now=now, patient_id=patient.public_id, ratings=ratings, sud_diagnosis=sud, **given)


def standing(reminder: Reminder, status: str) -> Reminder:
    """The reminder as a worker would leave it on the way."""
    held = status in ("leased", "sending")
    reminder.status, reminder.status_at = status, reminder.planned_at
    reminder.claim_id = uuid4() if held else None
    reminder.leased_until = reminder.planned_at + timedelta(minutes=3) if held else None
    with allow_direct_writes():
        reminder.save()
    return reminder


def _site_of(patient: Patient | None) -> Site:
    if patient is None:
        return clinic.site()
    return patient.site_stays.get(until__isnull=True).site
