"""Safety flags: raised by answers and by measured values, taken on and closed by people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from patients.actions.locks import lock_child, lock_patient
from patients.models import Assessment, AssessmentDraft, Observation, Patient, SafetyFlag
from patients.rules.instruments import Definition, Severity
from patients.rules.instruments.definition import score_comparisons
from patients.rules.texts import text_problem

LEAST_SEVERITY = Severity.WARNING
"""An alert of severity info is advice on the assessment; from a warning on somebody has to act, which is a flag."""
ACTION_LIMIT = 2000


@action(Permission.ASSESSMENT_RECORD, "flag.take")
def take(*, flag: SafetyFlag, expected_version: int, by: Actor, now: datetime) -> SafetyFlag:
    """Somebody sees to it; taking it over from another is possible and recorded.

    Raises Refused: 404, 409 when closed, 412 when somebody else took it meanwhile.
    """
    row = _open(flag, expected_version, by)
    before = row.taken_by
    row.taken_at, row.taken_by = now, by
    _save(row)
    _record("flag.take", row, by, now, taken_over_from=str(before.public_id) if before else "")
    return row


@action(Permission.FLAG_CLOSE, "flag.close")
def close(*, flag: SafetyFlag, expected_version: int, action_taken: str, by: Actor, now: datetime) -> SafetyFlag:
    """A named person says what was done, and that it is enough. Nothing else closes a flag.

    Raises Refused: 403 for anybody but a person, 404, 409 when closed, 412, 422 without what was done.
    """
    problem = text_problem(action_taken, limit=ACTION_LIMIT, required=True, lines=True)
    if problem is not None:
        raise bad_input(action_taken=problem)
    row = _open(flag, expected_version, by)
    row.closed_at, row.closed_by, row.action_taken = now, by, action_taken.strip()
    _save(row)
    _record("flag.close", row, by, now)
    return row


def follow_draft(
    draft: AssessmentDraft, definition: Definition, alerts: Iterable[str], *, by: Actor, now: datetime
) -> list[SafetyFlag]:
    """Flags as the answers of a draft have them; what needs a whole form waits for it. Inside an action only."""
    early = {key for key in alerts if not score_comparisons(definition.alert(key).when)}
    source = _Source(draft.public_id, draft.patient, draft.site, definition.key)
    return _follow(source, _severities(definition, early), by, now)


def follow_assessment(
    assessment: Assessment, definition: Definition, source_id: UUID, *, by: Actor, now: datetime, is_new: bool
) -> list[SafetyFlag]:
    """Flags as a recorded form has them; those its draft raised become its own. `is_new`: there was nothing before it
    that could have raised any. Inside an action only."""
    source = _Source(source_id, assessment.patient, assessment.site, definition.key, assessment=assessment)
    alerts = _severities(definition, assessment.alerts)
    if is_new:
        return _raise(source, alerts, _serious(alerts), by, now)
    SafetyFlag.objects.filter(source_id=source_id, assessment__isnull=True).update(assessment=assessment)
    return _follow(source, alerts, by, now)


def follow_observation(
    observation: Observation, source_id: UUID, alerts: Mapping[str, Severity], *, by: Actor, now: datetime
) -> list[SafetyFlag]:
    """Flags as a measured value has them. Inside an action only."""
    source = _Source(source_id, observation.patient, observation.site, observation.code, observation=observation)
    return _follow(source, alerts, by, now)


def mark_corrected(source_id: UUID, *, by: Actor, now: datetime) -> None:
    """The answer a flag rested on is no longer there: noted, never closed (decisions.md 10). Inside an action only."""
    for flag in _raised_by(source_id):
        _mark_corrected(flag, by, now)


@dataclass(frozen=True, slots=True)
class _Source:
    """What flags are raised by: a draft, a form or a measured value; `instrument` is its code."""

    public_id: UUID
    patient: Patient
    site: Site
    instrument: str
    assessment: Assessment | None = None
    observation: Observation | None = None


def _severities(definition: Definition, alerts: Iterable[str]) -> dict[str, Severity]:
    return {key: definition.alert(key).severity for key in alerts}


def _serious(alerts: Mapping[str, Severity]) -> list[str]:
    return sorted(key for key, severity in alerts.items() if severity.rank >= LEAST_SEVERITY.rank)


def _follow(source: _Source, alerts: Mapping[str, Severity], by: Actor, now: datetime) -> list[SafetyFlag]:
    """New alerts raise, vanished ones are noted as corrected, returned ones count again."""
    serious = _serious(alerts)
    known = {flag.alert_key: flag for flag in _raised_by(source.public_id)}
    for key, flag in known.items():
        if key not in serious:
            _mark_corrected(flag, by, now)
        elif flag.corrected_at is not None:
            flag.corrected_at = flag.corrected_by = None
            _save(flag)
    return _raise(source, alerts, [key for key in serious if key not in known], by, now)


def _raised_by(source_id: UUID) -> list[SafetyFlag]:
    """Every flag of a source, locked, by id."""
    rows = SafetyFlag.objects.filter(source_id=source_id).order_by("id")
    return list(rows.select_for_update(no_key=True, of=("self",)))


def _mark_corrected(flag: SafetyFlag, by: Actor, now: datetime) -> None:
    if flag.corrected_at is None:
        flag.corrected_at, flag.corrected_by = now, by
        _save(flag)


def _raise(
    source: _Source, alerts: Mapping[str, Severity], keys: Iterable[str], by: Actor, now: datetime
) -> list[SafetyFlag]:
    made = SafetyFlag.objects.bulk_create(
        SafetyFlag(
            patient=source.patient, site=source.site, source_id=source.public_id, assessment=source.assessment,
            observation=source.observation, instrument=source.instrument, alert_key=key, severity=alerts[key].value,
            raised_at=now, raised_by=by,
        )
        for key in keys
    )  # fmt: skip
    for flag in made:
        _record("flag.raise", flag, by, now)
    return made


def _open(flag: SafetyFlag, expected_version: int, by: Actor) -> SafetyFlag:
    lock_patient(flag.patient, by)
    fresh = SafetyFlag.objects.get(pk=flag.pk)
    if fresh.closed_at is not None:
        raise Refused("flag_closed", sentence("refused.flag_closed"))
    return lock_child(flag, expected_version)


def _save(flag: SafetyFlag) -> None:
    flag.version += 1
    flag.save()


def _record(name: str, flag: SafetyFlag, by: Actor, now: datetime, **details: object) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("safety_flag", flag.public_id),
        patients=[flag.patient.public_id],
        details={"instrument": flag.instrument, "alert": flag.alert_key, **details},
    )
