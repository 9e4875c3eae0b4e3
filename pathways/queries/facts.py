"""What gates look at, gathered for many enrollments at once: four queries whatever their number or history."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.models import Attestation, Enrollment, PhaseStay
from pathways.rules.gates import Attested, GateFacts, OpenFlag, Reading
from patients.instruments import UnknownInstrument, definition, definitions
from patients.models import Assessment, SafetyFlag
from patients.rules.instruments import Severity

READINGS_KEPT = 12
"""Newest readings of each instrument handed to a gate; the program rules allow no criterion that asks for more."""

Readings = dict[str, tuple[Reading, ...]]


@cache
def patient_filled() -> frozenset[str]:
    """Instruments a patient can fill in without a clinician."""
    return frozenset(each.key for each in definitions() if each.administration.startswith("patient"))


@dataclass(slots=True)
class _Gathered:
    entered: Mapping[int, datetime]
    readings: Mapping[int, Readings]
    flags: Mapping[int, list[OpenFlag]]
    attested: Mapping[int, list[Attested]]
    sendable: frozenset[str] = field(default_factory=lambda: patient_filled())


def gather(enrollments: Collection[Enrollment], *, as_of: datetime) -> dict[int, GateFacts]:
    """Facts effective at or before `as_of` and known now, by enrollment id (decisions.md 9).

    `enrollment.site` must be loaded. Four queries.
    """
    patients = {each.patient_id for each in enrollments}
    found = _Gathered(
        _phase_entries(enrollments, as_of),
        _readings(patients, as_of),
        _open_flags(patients),
        _attestations(enrollments, as_of),
    )
    return {each.pk: _facts(each, found, as_of) for each in enrollments}


def facts_of(enrollment: Enrollment, *, as_of: datetime) -> GateFacts:
    """The facts of one enrollment."""
    return gather([enrollment], as_of=as_of)[enrollment.pk]


def _facts(enrollment: Enrollment, found: _Gathered, as_of: datetime) -> GateFacts:
    zone = enrollment.site.time_zone
    entered = found.entered.get(enrollment.pk)
    return GateFacts(
        as_of=as_of,
        zone=zone,
        phase_entered_on=entered.astimezone(ZoneInfo(zone)).date() if entered else None,
        readings=found.readings.get(enrollment.patient_id, {}),
        flags=tuple(found.flags.get(enrollment.patient_id, ())),
        attestations=tuple(found.attested.get(enrollment.pk, ())),
        sendable=found.sendable,
    )


def _phase_entries(enrollments: Iterable[Enrollment], as_of: datetime) -> dict[int, datetime]:
    stays = PhaseStay.objects.filter(enrollment__in=[each.pk for each in enrollments], ended_at__isnull=True)
    return {stay.enrollment_id: stay.started_at for stay in stays if stay.started_at <= as_of}


def _readings(patients: Collection[int], as_of: datetime) -> dict[int, Readings]:
    newest = Window(
        RowNumber(),
        partition_by=[F("patient_id"), F("instrument")],
        order_by=[F("effective_at").desc(), F("id").desc()],
    )
    rows = (
        Assessment.objects.filter(
            patient__in=patients, status="final", scoring_status="complete", effective_at__lte=as_of
        )
        .annotate(place=newest)
        .filter(place__lte=READINGS_KEPT)
        .order_by("patient_id", "instrument", "place")
    )
    grouped: dict[int, dict[str, list[Reading]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[row.patient_id][row.instrument].append(reading_of(row))
    return {patient: {key: tuple(each) for key, each in kinds.items()} for patient, kinds in grouped.items()}


def reading_of(row: Assessment) -> Reading:
    """A stored assessment as a gate reads it."""
    return Reading(
        public_id=row.public_id,
        effective_at=row.effective_at,
        total=None if row.total is None else int(row.total),
        subscores={key: int(value) for key, value in row.subscores.items()},
        band=row.band if isinstance(row.band, str) else None,
    )


def _open_flags(patients: Collection[int]) -> dict[int, list[OpenFlag]]:
    """Every flag open now, whenever it was raised: a back-dated move does not walk past it."""
    rows = SafetyFlag.objects.filter(patient__in=patients, closed_at__isnull=True)
    grouped: dict[int, list[OpenFlag]] = defaultdict(list)
    for row in rows.order_by("-raised_at", "id"):
        title = flag_title(row.instrument, row.alert_key)
        grouped[row.patient_id].append(OpenFlag(row.public_id, Severity(row.severity), title, row.raised_at))
    return grouped


def flag_title(instrument: str, alert_key: str) -> str:
    """What a flag asks for, in words for people: "PHQ-9: Thoughts of being better off dead or of self-harm. …"."""
    try:
        known = definition(instrument)
        return f"{known.short_name}: {say(known.alert(alert_key).said)}"
    except (UnknownInstrument, KeyError, ValueError):
        return f"{instrument}: {alert_key}"


def _attestations(enrollments: Iterable[Enrollment], as_of: datetime) -> dict[int, list[Attested]]:
    rows = Attestation.objects.filter(
        enrollment__in=[each.pk for each in enrollments], withdrawn_at__isnull=True, attested_at__lte=as_of
    ).select_related("attested_by")
    grouped: dict[int, list[Attested]] = defaultdict(list)
    for row in rows.order_by("-attested_at", "-id"):
        said = Attested(row.public_id, row.key, Role(row.role), row.attested_by.name, row.attested_at)
        grouped[row.enrollment_id].append(said)
    return grouped


def evidence_ids(facts: GateFacts) -> list[UUID]:
    """Public ids of the records the facts rest on, for the history."""
    readings = [reading.public_id for kinds in facts.readings.values() for reading in kinds]
    return readings + [flag.public_id for flag in facts.flags] + [each.public_id for each in facts.attestations]
