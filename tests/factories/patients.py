"""People and what was found of them, made by the product's own verbs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from patients.actions import assessments, observations, part2_consents, patients
from patients.actions.contacts import NewContactPoint
from patients.actions.duplicates import SAME, decide_duplicate
from patients.models import Assessment, Consent, Observation, Patient, PossibleDuplicate
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    RecipientClass,
    SignatureMethod,
)
from patients.rules.contact import Channel
from patients.rules.observations import Entry
from tests.factories import clinic

NOW = datetime(2026, 6, 16, 13, 30, tzinfo=UTC)
_number = count(1)
_SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we"]


def linked(newer: Patient, older: Patient, by: Actor) -> Patient:
    """The newer record, found to be of the same person."""
    with allow_direct_writes():
        task = PossibleDuplicate.objects.create(patient=newer, other=older, reasons=[], opened_at=NOW, opened_by=by)
    decide_duplicate(duplicate=task, decision=SAME, by=by, now=NOW)
    newer.refresh_from_db()
    return newer


def patient(site: Site | None = None, *, by: Actor | None = None, now: datetime = NOW, **fields: Any) -> Patient:
    """Somebody registered at the site; names and birth dates are their own, so that nobody looks like a duplicate."""
    n = next(_number)
    site = site or clinic.site()
    by = by or clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    given = {
        "given_name": _word(n).capitalize(),
        "family_name": _word(n * 7919 + 13).capitalize(),
        "birth_date": date(1950, 1, 1) + timedelta(days=n * 37 % 18000),
        "confirm_not_duplicate": True,
    }
    return patients.register(by=by, now=now, site=site, **(given | fields))


def phone(address: str = "+14155550132", **fields: Any) -> NewContactPoint:
    """A text-message number that was confirmed and agreed to."""
    return NewContactPoint(
        **({"channel": Channel.SMS, "address": address, "confirmed": True, "consent": True} | fields)
    )


def email(address: str = "person@example.org", **fields: Any) -> NewContactPoint:
    """An e-mail address that was confirmed and agreed to."""
    return phone(address, channel=Channel.EMAIL, **fields)


def assessment(
    patient: Patient, instrument: str, answers: dict[str, object], *, by: Actor, at: datetime = NOW, **fields: Any
) -> Assessment:
    """A recorded form."""
    given = {"effective_at": at, "now": at}
    return assessments.record(patient=patient, instrument=instrument, answers=answers, by=by, **(given | fields))


def measured(patient: Patient, *pairs: tuple[str, Any], by: Actor, at: datetime = NOW) -> list[Observation]:
    """Values recorded together: `measured(person, ("alt", 40), ("hbsag", "negative"), by=nurse)`."""
    entries = [Entry(code, Decimal(str(value)) if isinstance(value, int | float) else value) for code, value in pairs]
    return observations.record_panel(patient=patient, effective_at=at, entries=entries, by=by, now=at)


def consented(patient: Patient, *, by: Actor, at: datetime = NOW, **changes: Any) -> Consent:
    """A consent to tell those who treat the person, signed on that day; `changes` replace its terms."""
    terms = ConsentTerms(
        **{
            "kind": ConsentKind.TPO, "patient_name": "Ana Ruiz", "discloser": "Riverbend Clinic",
            "categories": (DisclosureCategory.EVERYTHING_BUT_NOTES,), "purposes": (ConsentPurpose.TREATMENT,),
            "recipient_class": RecipientClass.TREATING_PROVIDERS, "expiry": ConsentExpiry.END_OF_TREATMENT,
            "signer": ConsentSigner.PATIENT, "signer_name": "Ana Ruiz", "method": SignatureMethod.ON_PAPER,
            "signed_on": at.astimezone(patient.zone).date(),
        } | changes
    )  # fmt: skip
    return part2_consents.record_consent(patient=patient, terms=terms, by=by, now=at)


def support_consented(
    patient: Patient, *, by: Actor, at: datetime = NOW, name: str = "Maria Ruiz", **changes: Any
) -> Consent:
    """A consent for a year to ask somebody close to the person about them."""
    terms = {
        "kind": ConsentKind.SPECIFIC, "categories": (DisclosureCategory.ATTENDANCE,), "recipient": name,
        "recipient_class": RecipientClass.SUPPORT_PERSON, "purposes": (ConsentPurpose.FAMILY_SUPPORT,),
        "expiry": ConsentExpiry.ON_DATE, "expires_on": (at + timedelta(days=365)).date(),
    }  # fmt: skip
    return consented(patient, by=by, at=at, **(terms | changes))


def phq9(*values: int) -> dict[str, object]:
    """Answers to the PHQ-9 from the first item on: `phq9(0, 0, 1)` answers three."""
    return {f"phq9_{number}": value for number, value in enumerate(values, start=1)}


def cows(value: int = 0) -> dict[str, object]:
    """A COWS with the same points on each item (0 and 1 stand on most)."""
    return {f"cows_{number}": value for number in range(1, 12)}


def _word(number: int) -> str:
    word = ""
    for _ in range(4):
        number, place = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[place]
    return word
