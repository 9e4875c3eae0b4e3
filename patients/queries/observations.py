"""What was measured: the catalogue of tests, one value, the values of a person, the panel it stands in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, QuerySet

from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.sentences import sentence
from patients import observations
from patients.models import Observation, Patient
from patients.rules.observations import (
    Level,
    Measured,
    ObservationCategory,
    ObservationResult,
    ObservationStatus,
    ObservationTest,
    SpecimenValidity,
    creatinine_ratio,
)
from patients.rules.observations.specimens import CREATININE, MASS, RATIO

MOST_LEVELS = 90
UNTRUSTED = (SpecimenValidity.SUBSTITUTED, SpecimenValidity.ADULTERATED)


def definition_of(code: str) -> ObservationTest:
    """The test of this code. Raises Refused (404, unknown_observation)."""
    try:
        return observations.definition(code)
    except observations.UnknownObservation:
        raise Refused("unknown_observation", sentence("observation.refused.unknown"), status=404) from None


def definitions(category: ObservationCategory | None = None) -> tuple[ObservationTest, ...]:
    """Every test, or those of one category, in the catalogue's order."""
    return observations.definitions(category)


def library() -> Mapping[str, ObservationTest]:
    """The catalogue by code."""
    return {each.code: each for each in observations.definitions()}


def get(actor: Actor, public_id: UUID | str) -> Observation:
    """A value of somebody the actor may see. Raises Refused (404)."""
    found = _shown(Observation.objects.filter(patient__in=Patient.objects.visible_to(actor)))
    row = found.filter(public_id=public_id).first()
    if row is None:
        raise not_found()
    return row


def listed(
    actor: Actor, patient: Patient, *, code: str = "", category: ObservationCategory | None = None
) -> QuerySet[Observation]:
    """Everything measured of a person, whatever became of it, newest first."""
    rows = Observation.objects.filter(patient__in=Patient.objects.visible_to(actor), patient=patient)
    if code:
        rows = rows.filter(code=code)
    if category is not None:
        rows = rows.filter(category=category)
    return _shown(rows).order_by("-effective_at", "-id")


def current(patient: Patient, *, code: str = "") -> QuerySet[Observation]:
    """The values that count, newest first: not amended away, not in error."""
    rows = Observation.objects.filter(patient=patient, status=ObservationStatus.FINAL)
    return _shown(rows.filter(code=code) if code else rows).order_by("-effective_at", "-id")


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest value of one test that counts, and how many earlier ones there are."""

    row: Observation
    earlier: int


def newest_of(patient: Patient) -> dict[str, Newest]:
    """The newest value of every test that was ever made of a person, by code; two queries."""
    rows = Observation.objects.filter(patient=patient, status=ObservationStatus.FINAL)
    counts = dict(rows.order_by().values_list("code").annotate(n=Count("id")))
    newest = _shown(rows).order_by("code", "-effective_at", "-id").distinct("code")
    return {row.code: Newest(row, counts[row.code] - 1) for row in newest}


def kratom_levels(patient: Patient) -> list[Level]:
    """Kratom per creatinine, newest first: as the laboratory gave it, else computed from the same panel.

    A specimen that is none tells nothing.
    """
    rows = Observation.objects.filter(
        patient=patient, code__in=[RATIO, MASS, CREATININE], status=ObservationStatus.FINAL, quantity__isnull=False
    ).exclude(specimen_validity__in=UNTRUSTED)
    panels: dict[UUID, dict[str, Observation]] = {}
    for row in rows.order_by("-effective_at", "-id")[:MOST_LEVELS]:
        panels.setdefault(row.panel, {})[row.code] = row
    found = [_level(each) for each in panels.values()]
    return [each for each in found if each is not None]


def newest_panel_with(patient: Patient, code: str) -> list[Measured]:
    """What counts of the newest panel in which this test was made."""
    row = current(patient, code=code).first()
    return [measured_of(each) for each in panel_of(row.panel)] if row is not None else []


def panel_of(panel: UUID) -> QuerySet[Observation]:
    """The values that count of what was recorded together."""
    rows = Observation.objects.filter(panel=panel, status=ObservationStatus.FINAL)
    return rows.select_related("patient", "site").order_by("id")


def earlier_numbers(patient: Patient, codes: Iterable[str], before: datetime) -> dict[str, Decimal]:
    """The newest number of each test before a moment, in one query."""
    rows = Observation.objects.filter(
        patient=patient, code__in=list(codes), status=ObservationStatus.FINAL, quantity__isnull=False
    )
    rows = rows.filter(effective_at__lt=before).order_by("code", "-effective_at", "-id").distinct("code")
    return {row.code: row.quantity for row in rows if row.quantity is not None}


def measured_of(row: Observation) -> Measured:
    """A kept value as the rules read it."""
    return Measured(
        code=row.code,
        quantity=row.quantity,
        unit=row.unit,
        result=ObservationResult(row.result) if row.result else None,
        choice=row.choice,
        moment=row.moment,
        cut_off=row.cut_off,
        cut_off_unit=row.cut_off_unit,
        method=row.method,
        reference_low=row.reference_low,
        reference_high=row.reference_high,
        note=row.note,
    )


def check_moments(patient: Patient, effective_at: datetime, resulted_on: date | None, now: datetime) -> None:
    """Measured at or before now and after birth, the result not before it. Raises Refused (422)."""
    collected_on, today = (at.astimezone(patient.zone).date() for at in (effective_at, now))
    if effective_at > now:
        raise bad_input(effective_at=sentence("observation.refused.effective_later"))
    if collected_on < patient.birth_date:
        raise bad_input(effective_at=sentence("observation.refused.effective_before_birth"))
    if resulted_on is not None and resulted_on < collected_on:
        raise bad_input(resulted_on=sentence("observation.refused.resulted_before"))
    if resulted_on is not None and resulted_on > today:
        raise bad_input(resulted_on=sentence("observation.refused.resulted_later"))


def _level(panel: Mapping[str, Observation]) -> Level | None:
    if RATIO in panel:
        row = panel[RATIO]
        return Level(row.quantity, row.effective_at) if row.quantity is not None else None
    mass, creatinine = panel.get(MASS), panel.get(CREATININE)
    if mass is None or creatinine is None or mass.quantity is None or creatinine.quantity is None:
        return None
    ratio = creatinine_ratio(mass.quantity, creatinine.quantity)
    return Level(ratio, mass.effective_at) if ratio is not None else None


def _shown(rows: QuerySet[Observation]) -> QuerySet[Observation]:
    return rows.select_related("patient", "site", "recorded_by", "retracted_by", "amends", "amended_as")
