"""What was found: assessments, observations, safety flags."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.wording import UnknownSentence, say
from pathways.queries.facts.newest import Found, newest
from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates import OpenFlag, Reading
from pathways.rules.gates.observations import Observed
from patients.instruments import UnknownInstrument, definition, definitions
from patients.models import Assessment, Observation, SafetyFlag
from patients.observations import UnknownObservation, codes
from patients.observations import definition as test_of
from patients.rules.instruments import Severity
from patients.rules.observations import ObservationResult, SpecimenValidity, alert_sentence

RELIED_ON = frozenset({SpecimenValidity.VALID, SpecimenValidity.NOT_CHECKED})


@fact_query(Reading)
def readings(asked: Asked) -> Answers:
    """The newest final assessments of each instrument."""
    known = "status = 'final' AND scoring_status = 'complete'"
    keys = [each.key for each in definitions()]
    columns = ("public_id", "instrument", "effective_at", "total", "subscores", "band")
    found = newest(asked, Reading, Assessment, known, "instrument", keys, columns)
    return asked.of_patients({patient: [_reading(each) for each in some] for patient, some in found})


def _reading(row: Found) -> Reading:
    return Reading(
        public_id=row["public_id"],
        instrument=row["instrument"],
        effective_at=row["effective_at"],
        total=None if row["total"] is None else int(row["total"]),
        subscores={key: int(value) for key, value in row["subscores"].items()},
        band=row["band"] if isinstance(row["band"], str) else None,
    )


@fact_query(Observed)
def observations(asked: Asked) -> Answers:
    """The newest results of each test; what was amended or entered in error is not known."""
    columns = ("public_id", "code", "effective_at", "quantity", "unit", "result", "reference_low", "reference_high")
    found = newest(asked, Observed, Observation, "status = 'final'", "code", codes(), (*columns, "specimen_validity"))
    return asked.of_patients({patient: [_observed(each) for each in some] for patient, some in found})


def _observed(row: Found) -> Observed:
    return Observed(
        public_id=row["public_id"],
        code=row["code"],
        effective_at=row["effective_at"],
        value=row["quantity"],
        unit=row["unit"],
        result=ObservationResult(row["result"]) if row["result"] else None,
        reference_low=row["reference_low"],
        reference_high=row["reference_high"],
        specimen_valid=row["specimen_validity"] in RELIED_ON,
    )


@fact_query(OpenFlag)
def open_flags(asked: Asked) -> Answers:
    """Every flag open now, whenever it was raised: a back-dated move does not walk past it."""
    grouped: dict[int, list[OpenFlag]] = defaultdict(list)
    for patient, public_id, severity, instrument, alert_key, at in _open_flags(list(asked.patients)):
        grouped[patient].append(OpenFlag(public_id, Severity(severity), flag_title(instrument, alert_key), at))
    return asked.of_patients(grouped)


@prepared
def _open_flags(patients: list[int]) -> QuerySet[Any, Any]:
    rows = SafetyFlag.objects.filter(patient__in=among(patients), closed_at__isnull=True).order_by("-raised_at", "id")
    return rows.values_list("patient_id", "public_id", "severity", "instrument", "alert_key", "raised_at")


def flag_title(instrument: str, alert_key: str) -> str:
    """What a flag asks for, in words for people: "PHQ-9: Thoughts of being better off dead or of self-harm. …"."""
    try:
        known = definition(instrument)
        return f"{known.short_name}: {say(known.alert(alert_key).said)}"
    except (UnknownInstrument, KeyError, ValueError):
        pass
    try:
        return f"{say(test_of(instrument).title)}: {say(alert_sentence(alert_key))}"
    except (UnknownObservation, UnknownSentence):
        return f"{instrument}: {alert_key}"
