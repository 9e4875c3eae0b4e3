"""Recording what was measured; putting right what was recorded.

A panel is what was recorded together: vital signs of one moment, the results of one specimen. The validity of a urine
specimen and some alerts follow from several of its values, so putting one right looks at the whole panel again: a value
whose specimen is judged otherwise now gets its own amendment, and flags follow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from patients.actions import flags
from patients.actions.locks import lock_patient
from patients.models import Observation, Patient
from patients.queries import observations as queries
from patients.queries.flags import sources_with_flags
from patients.queries.patients import site_for
from patients.rules.observations import (
    Alert,
    Entry,
    Measured,
    ObservationCategory,
    ObservationStatus,
    ObservationTest,
    Specimen,
    SpecimenValidity,
    alerts_of,
    measured,
    panel_problems,
    validity_of,
)
from patients.rules.texts import plain, text_problem

REASON_LIMIT = 300
LABORATORY_LIMIT = 80
MOST_ENTRIES = 60
FROM_A_LABORATORY = frozenset({ObservationCategory.LAB, ObservationCategory.DRUG_SCREEN})


@dataclass(frozen=True, slots=True)
class Collection:
    """Where and how the values of a panel came about; only those from a specimen take it on.

    specimen: where it is not the test's usual one · witnessed: whether somebody watched; None where nobody said.
    """

    laboratory: str = ""
    specimen: Specimen | None = None
    resulted_on: date | None = None
    witnessed: bool | None = None


@action(Permission.ASSESSMENT_RECORD, "observation.record")
def record_panel(
    *,
    patient: Patient,
    effective_at: datetime,
    entries: Sequence[Entry],
    by: Actor,
    now: datetime,
    collection: Collection | None = None,
    site: Site | None = None,
) -> list[Observation]:
    """What was measured together, in the order given; what it warns of becomes flags.

    effective_at: when it was measured or collected, at or before now and after birth.
    Raises Refused: 404, 409 when the same values of the same moment are recorded already, 422 with each bad part.
    """
    fresh = lock_patient(patient, by)
    how = collection or Collection()
    _check(fresh, entries, effective_at, how, now)
    place = site_for(by, fresh, site)
    tests = queries.library()
    values = [measured(tests[each.code], each) for each in entries]
    _refuse_known(fresh, values, effective_at)
    panel, validity = uuid4(), validity_of(values)
    rows = Observation.objects.bulk_create(
        Observation(
            **_parts(tests[value.code], value, how, validity),
            patient=fresh, site=place, panel=panel, effective_at=effective_at, recorded_at=now, recorded_by=by,
        )
        for value in values
    )  # fmt: skip
    _follow_panel(fresh, rows, by, now)
    _record("observation.record", fresh, panel, rows, by, now)
    return rows


@action(Permission.ASSESSMENT_AMEND, "observation.amend")
def amend_observation(
    *,
    observation: Observation,
    entry: Entry,
    reason: str,
    by: Actor,
    now: datetime,
    effective_at: datetime | None = None,
    resulted_on: date | None = None,
) -> list[Observation]:
    """A corrected value in place of the original, which stays and is marked amended.

    The first row is the correction; those after it are values of the same specimen that had to be judged again.
    Raises Refused: 404, 409 when it is not the current one, 422.
    """
    patient = lock_patient(observation.patient, by)
    old = _current(observation)
    _check_reason(reason)
    at, told = effective_at or old.effective_at, resulted_on or old.resulted_on
    _check(patient, [_same_test(old, entry)], at, Collection(resulted_on=told), now, alone=True)
    value = measured(queries.definition_of(old.code), entry)
    beside = queries.panel_of(old.panel).exclude(pk=old.pk)
    validity = validity_of([*(queries.measured_of(each) for each in beside), value])
    made = _replace(
        old, value, plain(reason), by, now, effective_at=at, resulted_on=told,
        specimen_validity=_validity(old.specimen, validity),
    )  # fmt: skip
    others = _settle(patient, old.panel, plain(reason), by, now)
    _record("observation.amend", patient, old.panel, [made, *others], by, now)
    return [made, *others]


@action(Permission.ASSESSMENT_AMEND, "observation.retract")
def retract_observation(*, observation: Observation, reason: str, by: Actor, now: datetime) -> list[Observation]:
    """Entered in error: kept, but it counts for nothing any more; its flags are marked corrected and stay open.

    The first row is the retracted one; those after it are values of the same specimen that had to be judged again.
    Raises Refused: 404, 409 when it is no longer the current one, 422 without a reason.
    """
    patient = lock_patient(observation.patient, by)
    row = _current(observation)
    _check_reason(reason)
    row.status, row.retracted_at, row.retracted_by = ObservationStatus.ENTERED_IN_ERROR, now, by
    row.retraction_reason = plain(reason)
    row.save(update_fields=["status", "retracted_at", "retracted_by", "retraction_reason"])
    flags.mark_corrected(source_of(row), by=by, now=now)
    others = _settle(patient, row.panel, plain(reason), by, now)
    _record("observation.retract", patient, row.panel, [row, *others], by, now)
    return [row, *others]


def source_of(observation: Observation) -> UUID:
    """The public id flags are kept under: that of the first value, whatever it was amended to."""
    while observation.amends is not None:
        observation = observation.amends
    return observation.public_id


def _check(
    patient: Patient, entries: Sequence[Entry], at: datetime, how: Collection, now: datetime, *, alone: bool = False
) -> None:
    """Raises Refused (422); `alone`: there is one entry, and its parts are named without its place."""
    queries.check_moments(patient, at, how.resulted_on, now)
    known = queries.library()
    unknown = {
        f"entries.{place}.code": sentence("observation.refused.unknown")
        for place, each in enumerate(entries)
        if each.code not in known
    }
    if unknown or len(entries) > MOST_ENTRIES:
        raise bad_input(**unknown or {"entries": sentence("observation.refused.too_many", most=MOST_ENTRIES)})
    problems = panel_problems(known, entries, at) | _birth_problems(patient, entries)
    laboratory = text_problem(how.laboratory, limit=LABORATORY_LIMIT)
    if laboratory is not None:
        problems["laboratory"] = laboratory
    if problems:
        raise bad_input(**{name.removeprefix("entries.0.") if alone else name: said for name, said in problems.items()})


def _birth_problems(patient: Patient, entries: Sequence[Entry]) -> dict[str, Sentence]:
    return {
        f"entries.{place}.value": sentence("observation.refused.moment_before_birth")
        for place, each in enumerate(entries)
        if isinstance(each.value, datetime) and each.value.astimezone(patient.zone).date() < patient.birth_date
    }


def _same_test(old: Observation, entry: Entry) -> Entry:
    if entry.code != old.code:
        raise bad_input(code=sentence("refused.not_offered"))
    return entry


def _refuse_known(patient: Patient, values: Iterable[Measured], at: datetime) -> None:
    """The same values of the same moment once more are a form sent twice."""
    there = queries.current(patient).filter(effective_at=at)
    known = {(each.code, each.quantity, each.result, each.choice, each.moment) for each in there}
    given = {(each.code, each.quantity, each.result or "", each.choice, each.moment) for each in values}
    if given <= known:
        raise Refused("observation_known")


def _parts(test: ObservationTest, value: Measured, how: Collection, validity: SpecimenValidity) -> dict[str, Any]:
    """What a row keeps of a value and of how it came about."""
    specimen = (how.specimen or test.specimen) if test.specimen else None
    is_screen = test.category is ObservationCategory.DRUG_SCREEN
    tested = test.category in FROM_A_LABORATORY
    return {
        **_value(value),
        "category": test.category.value,
        "laboratory": plain(how.laboratory) if tested else "",
        "specimen": specimen.value if specimen else "",
        "specimen_validity": _validity(specimen.value if specimen else "", validity),
        "witnessed": how.witnessed if is_screen else None,
        "resulted_on": how.resulted_on if tested else None,
    }


def _validity(specimen: str, validity: SpecimenValidity) -> str:
    """Only urine is judged by the checks of urine."""
    return (validity if specimen == Specimen.URINE else SpecimenValidity.NOT_CHECKED).value


def _value(value: Measured) -> dict[str, Any]:
    return {
        "code": value.code,
        "quantity": value.quantity,
        "unit": value.unit,
        "result": value.result.value if value.result else "",
        "choice": value.choice,
        "moment": value.moment,
        "cut_off": value.cut_off,
        "cut_off_unit": value.cut_off_unit,
        "method": value.method,
        "reference_low": value.reference_low,
        "reference_high": value.reference_high,
        "note": value.note,
    }


def _replace(old: Observation, value: Measured, reason: str, by: Actor, now: datetime, **changes: Any) -> Observation:
    """The row that takes the place of another; the old one is marked amended."""
    Observation.objects.filter(pk=old.pk).update(status=ObservationStatus.AMENDED)
    same = ("category", "laboratory", "specimen", "specimen_validity", "witnessed", "effective_at", "resulted_on")
    kept = {name: getattr(old, name) for name in same}
    return Observation.objects.create(
        **(kept | _value(value) | changes), patient=old.patient, site=old.site, panel=old.panel,
        recorded_at=now, recorded_by=by, amends=old, amendment_reason=reason,
    )  # fmt: skip


def _settle(patient: Patient, panel: UUID, reason: str, by: Actor, now: datetime) -> list[Observation]:
    """A panel after a change: specimens judged again, flags as the values have them now. Returns what was amended."""
    rows = list(queries.panel_of(panel).select_for_update(no_key=True, of=("self",)))
    validity = validity_of(queries.measured_of(each) for each in rows).value
    again = [each for each in rows if each.specimen == Specimen.URINE and each.specimen_validity != validity]
    made = [_replace(each, queries.measured_of(each), reason, by, now, specimen_validity=validity) for each in again]
    _follow_panel(patient, [each for each in rows if each not in again] + made, by, now)
    return made


def _follow_panel(patient: Patient, rows: Sequence[Observation], by: Actor, now: datetime) -> None:
    """Flags of every value of a panel as its values are now."""
    raised = _alerts(patient, rows)
    sources = {row.pk: source_of(row) for row in rows}
    flagged = sources_with_flags(sources.values())
    for row in rows:
        alerts = {each.key: each.severity for each in raised if each.code == row.code}
        if alerts or sources[row.pk] in flagged:
            flags.follow_observation(row, sources[row.pk], alerts, by=by, now=now)


def _alerts(patient: Patient, rows: Sequence[Observation]) -> tuple[Alert, ...]:
    """What the panel warns of; a rise is counted from the value before its earliest."""
    if not rows:
        return ()
    tests = queries.library()
    watched = [each.code for each in rows if any(rule.rise_at_least for rule in tests[each.code].alerts)]
    first = min(each.effective_at for each in rows)
    earlier = queries.earlier_numbers(patient, watched, first) if watched else {}
    values = [queries.measured_of(each) for each in rows]
    return alerts_of(values, tests, sex=patient.sex_for_clinical_use, earlier=earlier)


def _current(observation: Observation) -> Observation:
    rows = Observation.objects.select_for_update(no_key=True, of=("self",)).select_related("patient", "site")
    row = rows.get(pk=observation.pk)
    if row.status != ObservationStatus.FINAL:
        raise Refused("observation_not_current")
    return row


def _check_reason(reason: str) -> None:
    problem = text_problem(reason, limit=REASON_LIMIT, required=True)
    if problem is not None:
        raise bad_input(reason=problem)


def _record(name: str, patient: Patient, panel: UUID, rows: Iterable[Observation], by: Actor, now: datetime) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("observation_panel", panel),
        patients=[patient.public_id],
        details={"codes": [each.code for each in rows], "ids": [str(each.public_id) for each in rows]},
    )
