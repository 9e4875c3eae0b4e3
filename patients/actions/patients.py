"""Registering and correcting people."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, stale
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from patients.actions import contacts, duplicates, search_tokens
from patients.actions.contacts import NewContactPoint
from patients.actions.details import LANGUAGES, Details, checked
from patients.actions.locks import lock_patient
from patients.models import Patient, PatientSite
from patients.models.patient import SexForClinicalUse
from patients.queries.patients import require_site, today_at


@action(Permission.PATIENT_REGISTER, "patient.register")
def register(
    *,
    by: Actor,
    now: datetime,
    site: Site,
    given_name: str,
    family_name: str,
    birth_date: date,
    preferred_name: str = "",
    sex_for_clinical_use: str = SexForClinicalUse.UNKNOWN.value,
    gender: str = "",
    pronouns: str = "",
    language: str = "en",
    time_zone: str = "",
    contact_points: Sequence[NewContactPoint] = (),
    confirm_not_duplicate: bool = False,
) -> Patient:
    """A new person at a site, with a record number, ways to reach them, and the words they are found by.

    Raises Refused: 422 with the fields; 409 `possible_duplicate` with the people the registrar can see who may be the
    same, unless `confirm_not_duplicate`. A possible duplicate elsewhere is never shown: it opens a task.
    """
    require_site(by, site)
    details = Details(given_name, family_name, birth_date, preferred_name, sex_for_clinical_use, gender, pronouns,
                      language, time_zone or site.time_zone)  # fmt: skip
    details = checked(details, today_at(site, now))
    points = contacts.checked_points(contact_points, site.region, within="contact_points", sites=[site])
    found = duplicates.look(details, points, by=by, confirmed=confirm_not_duplicate)
    patient = Patient.objects.create(
        **_columns(details), record_number=_next_record_number(), registered_at=now, registered_by=by
    )
    PatientSite.objects.create(patient=patient, site=site, since=now, added_by=by)
    for rank, point in enumerate(points, start=1):
        contacts.write_point(patient, point, rank=rank, by=by, now=now)
    search_tokens.rewrite(patient)
    tasks = duplicates.open_tasks(patient, found, by=by, now=now)
    audit.record(
        action="patient.register",
        by=by,
        now=now,
        subject=("patient", patient.public_id),
        patients=[patient.public_id],
        details={"site": site.code, "confirmed_not_duplicate": confirm_not_duplicate and any(f.visible for f in found),
                 "possible_duplicates": len(tasks)},
    )  # fmt: skip
    return patient


@action(Permission.PATIENT_CORRECT, "patient.correct")
def correct(*, patient: Patient, expected_version: int, details: Details, by: Actor, now: datetime) -> Patient:
    """The record of who somebody is, as it should be. Names of changed fields are audited, never their content.

    Raises Refused: 404, 412 when somebody else changed it meanwhile, 422 with the fields. Nothing changed is no change.
    """
    fresh = lock_patient(patient, by)
    if fresh.version != expected_version:
        raise stale()
    details = checked(details, now.astimezone(fresh.zone).date(), zone=fresh.time_zone)
    changed = {name: value for name, value in _columns(details).items() if getattr(fresh, name) != value}
    if not changed:
        return fresh
    for name, value in changed.items():
        setattr(fresh, name, value)
    fresh.version += 1
    fresh.save()
    search_tokens.rewrite(fresh)
    _record("patient.correct", fresh, by, now, fields=sorted(changed))
    return fresh


@action(Permission.CONTACT_WRITE, "patient.speak")
def speak(*, patient: Patient, language: str, by: Actor, now: datetime) -> Patient:
    """The language they are written to in from the next planned message on. Raises Refused: 404, 422."""
    fresh = lock_patient(patient, by)
    if language not in LANGUAGES:
        raise bad_input(language=sentence("refused.not_offered"))
    if fresh.language != language:
        fresh.language = language
        fresh.version += 1
        fresh.save(update_fields=["language", "version"])
        _record("patient.speak", fresh, by, now, language=language)
    return fresh


@action(Permission.PATIENT_CORRECT, "patient.add_site")
def add_site(*, patient: Patient, site: Site, by: Actor, now: datetime) -> PatientSite:
    """From now on the site's people see this person too. Doing it twice changes nothing."""
    fresh = lock_patient(patient, by)
    if site.closed_at is not None:
        raise Refused("site_closed")
    stay = PatientSite.objects.filter(patient=fresh, site=site, until__isnull=True).first()
    if stay is not None:
        return stay
    stay = PatientSite.objects.create(patient=fresh, site=site, since=now, added_by=by)
    _record("patient.add_site", fresh, by, now, site=site.code)
    return stay


@action(None, "patient.leave_site")
def leave_site(*, patient: Patient, site: Site, since: datetime, by: Actor, now: datetime) -> int:
    """The site sees this person no longer, where it saw them from that moment on; an older stay goes on."""
    begun = PatientSite.objects.filter(patient=patient, site=site, since=since, until__isnull=True)
    ended = begun.update(until=now)
    if ended:
        _record("patient.leave_site", patient, by, now, site=site.code)
    return ended


def _columns(details: Details) -> dict[str, object]:
    return {name: getattr(details, name) for name in Details.__dataclass_fields__}


def _next_record_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('patients_record_number')")
        return f"SW-{cursor.fetchone()[0]:05d}"


def _record(name: str, patient: Patient, by: Actor, now: datetime, **details: object) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("patient", patient.public_id),
        patients=[patient.public_id],
        details=details,
    )
