"""What was found: assessments, observations, safety flags."""

from collections import defaultdict

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from clinic.wording import UnknownSentence, say
from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates import OpenFlag, Reading
from pathways.rules.gates.observations import Observed
from patients.instruments import UnknownInstrument, definition
from patients.models import Assessment, Observation, SafetyFlag
from patients.observations import UnknownObservation
from patients.observations import definition as test_of
from patients.rules.instruments import Severity
from patients.rules.observations import ObservationResult, SpecimenValidity, alert_sentence

RELIED_ON = frozenset({SpecimenValidity.VALID, SpecimenValidity.NOT_CHECKED})


@fact_query(Reading)
def readings(asked: Asked) -> Answers:
    """The newest final assessments of each instrument, newest first."""
    wanted, newest = asked.newest(Reading, "instrument")
    rows = (
        Assessment.objects.filter(
            wanted, patient__in=asked.patients, status="final", scoring_status="complete", effective_at__lte=asked.as_of
        )
        .annotate(place=_newest_of("instrument"))
        .filter(newest)
        .order_by("patient_id", "instrument", "place")
        .values_list("patient_id", "public_id", "instrument", "effective_at", "total", "subscores", "band")
    )
    grouped: dict[int, list[Reading]] = defaultdict(list)
    for patient, public_id, instrument, at, total, subscores, band in rows:
        whole = {key: int(value) for key, value in subscores.items()}
        said = band if isinstance(band, str) else None
        points = None if total is None else int(total)
        grouped[patient].append(Reading(public_id, instrument, at, points, whole, said))
    return asked.of_patients(grouped)


@fact_query(Observed)
def observations(asked: Asked) -> Answers:
    """The newest results of each test, newest first; what was amended or entered in error is not known."""
    wanted, newest = asked.newest(Observed, "code")
    rows = (
        Observation.objects.filter(wanted, patient__in=asked.patients, status="final", effective_at__lte=asked.as_of)
        .annotate(place=_newest_of("code"))
        .filter(newest)
        .order_by("patient_id", "code", "place")
        .values_list(
            *("patient_id", "public_id", "code", "effective_at", "quantity", "unit"),
            *("result", "reference_low", "reference_high", "specimen_validity"),
        )
    )
    grouped: dict[int, list[Observed]] = defaultdict(list)
    for patient, public_id, code, at, value, unit, result, low, high, validity in rows:
        said, valid = ObservationResult(result) if result else None, validity in RELIED_ON
        grouped[patient].append(Observed(public_id, code, at, value, unit, said, low, high, valid))
    return asked.of_patients(grouped)


@fact_query(OpenFlag)
def open_flags(asked: Asked) -> Answers:
    """Every flag open now, whenever it was raised: a back-dated move does not walk past it."""
    rows = SafetyFlag.objects.filter(patient__in=asked.patients, closed_at__isnull=True).order_by("-raised_at", "id")
    grouped: dict[int, list[OpenFlag]] = defaultdict(list)
    for patient, public_id, severity, instrument, alert_key, at in rows.values_list(
        "patient_id", "public_id", "severity", "instrument", "alert_key", "raised_at"
    ):
        grouped[patient].append(OpenFlag(public_id, Severity(severity), flag_title(instrument, alert_key), at))
    return asked.of_patients(grouped)


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


def _newest_of(key: str) -> Window:
    return Window(
        RowNumber(),
        partition_by=[F("patient_id"), F(key)],
        order_by=[F("effective_at").desc(), F("id").desc()],
    )
