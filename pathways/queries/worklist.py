"""What is owed today, gathered set-wise: safety flags, follow-ups, second signatures, messages that need a person."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Q, QuerySet

from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.models import (
    CallResult,
    Enrollment,
    EvidenceReview,
    FollowUp,
    LevelOfCareAssessment,
    OverrideRequest,
    Reminder,
    ReturnToUse,
)
from pathways.queries.courses import move_title
from pathways.queries.enrollments import DOCUMENT
from pathways.queries.enrollments import TOGETHER as ENROLLMENT_TOGETHER
from pathways.queries.facts import flag_title
from pathways.queries.levels import awaiting_signature
from pathways.queries.programs import document_of
from pathways.queries.returns import to_rate_again
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.moves import WAITING
from pathways.rules.programs import MESSAGE_RUNGS, ContactMode, Purpose
from pathways.rules.reminders import ReminderStatus
from pathways.rules.worklist import DISCHARGE_DAYS, RETURN_TO_USE_DAYS, Item, Line, LineKind, RiskFacts, worklist
from patients.models import SafetyFlag
from patients.rules.instruments import Severity

MOST_LINES = 1_000
"""Rows of each sort read for one page of Today; a site that owes more sees the oldest first and is told so."""
URGENT = ("emergency", "urgent")
Signature = OverrideRequest | LevelOfCareAssessment
Subject = EvidenceReview | FollowUp | SafetyFlag | OverrideRequest | LevelOfCareAssessment | Reminder | ReturnToUse


class Scope(StrEnum):
    """Whose work is shown."""

    MINE = "mine"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Owed:
    """Today's list: the lines in order, the row behind each (by public id), and the enrollment beside it, if any."""

    lines: tuple[Line, ...]
    subjects: Mapping[str, Subject]
    enrollments: Mapping[int, Enrollment]
    cut: bool = False

    def subject(self, line: Line) -> Subject:
        return self.subjects[str(line.item.public_id)]

    def enrollment_of(self, line: Line) -> Enrollment | None:
        """The running or newest enrollment of the line's person."""
        subject = self.subject(line)
        return self.enrollments.get(_patient_of(subject))


def _patient_of(subject: Subject) -> int:
    if isinstance(subject, OverrideRequest | ReturnToUse):
        return subject.enrollment.patient_id
    return subject.patient_id


def owed(actor: Actor, site: Site, scope: Scope, *, now: datetime) -> Owed:
    """What is owed at a site, or by the actor there. Fourteen queries whatever the number of rows."""
    end = _end_of_day(site, now)
    contacts = _contacts(actor, site, scope, end)
    flags = _flags(site)
    reviews = _reviews(site)
    signatures: list[Signature] = [*_overrides(site, actor, now), *_levels(site, actor)]
    unclear = _unclear(site, scope, actor)
    unrated = _unrated(site, scope, actor)
    subjects: list[Subject] = []
    subjects += contacts
    subjects += flags
    subjects += signatures
    subjects += unclear
    subjects += reviews
    subjects += unrated
    enrollments = _enrollments({_patient_of(each) for each in subjects})
    risks = _risks({_patient_of(each) for each in subjects}, now, enrollments)
    missed = _last_calls(contacts)
    items = [
        *(_contact_item(each, risks, missed) for each in contacts),
        *(_flag_item(each, site) for each in flags),
        *(_signature_item(each, site, risks) for each in signatures),
        *(_unclear_item(each, risks) for each in unclear),
        *(_review_item(each, site) for each in reviews),
        *(_unrated_item(each, site, risks) for each in unrated),
    ]
    return Owed(
        worklist(items, now),
        {str(each.public_id): each for each in subjects},
        enrollments,
        cut=len(contacts) >= MOST_LINES,
    )


def _end_of_day(site: Site, now: datetime) -> datetime:
    tomorrow = now.astimezone(site.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), site.zone)


def _contacts(actor: Actor, site: Site, scope: Scope, end: datetime) -> list[FollowUp]:
    rows = FollowUp.objects.open().filter(site=site, act_at__lt=end)
    if scope is Scope.MINE:
        rows = rows.filter(_own(actor))
    rows = rows.select_related("patient", "site", "owner", "enrollment__program_version")
    rows = rows.defer(f"enrollment__{DOCUMENT}")
    return list(rows.order_by("act_at", "pk")[:MOST_LINES])


def _own(actor: Actor) -> Q:
    """Theirs by name, or nobody's and for one of their roles. What somebody left behind is nobody's."""
    return Q(owner=actor) | Q(_nobody(), owner_role__in=actor.roles)


def _nobody(path: str = "") -> Q:
    return Q(**{f"{path}owner__isnull": True}) | Q(**{f"{path}owner__is_active": False})


def _flags(site: Site) -> list[SafetyFlag]:
    """Open urgent flags are everybody's until a named person closes them."""
    rows = SafetyFlag.objects.filter(site=site, closed_at__isnull=True, severity__in=URGENT)
    return list(rows.select_related("patient", "taken_by").order_by("raised_at", "pk")[:MOST_LINES])


def _overrides(site: Site, actor: Actor, now: datetime) -> QuerySet[OverrideRequest]:
    here = Q(from_phase=F("enrollment__current_phase"))
    waits = Q(from_phase__isnull=True, enrollment__status__in=WAITING)
    waiting = OverrideRequest.objects.filter(
        here | waits, enrollment__site=site, cosigned_at__isnull=True, declined_at__isnull=True, expires_at__gt=now
    ).exclude(requested_by=actor)
    return waiting.select_related("enrollment__patient", "requested_by").order_by("requested_at")[:MOST_LINES]


def _levels(site: Site, actor: Actor) -> QuerySet[LevelOfCareAssessment]:
    waiting = awaiting_signature(actor).filter(site=site).exclude(decided_by=actor)
    return waiting[:MOST_LINES]


def _unclear(site: Site, scope: Scope, actor: Actor) -> list[Reminder]:
    """Messages nobody can find out about but a person."""
    rows = Reminder.objects.filter(site=site, status=ReminderStatus.UNCERTAIN, needs_person=True)
    if scope is Scope.MINE:
        rows = rows.filter(Q(follow_up__owner=actor) | Q(attendance__session__leader=actor) | _nobodys_message())
    return list(
        rows.select_related("patient", "follow_up__owner", "attendance__session__leader").order_by("status_at")[
            :MOST_LINES
        ]
    )


def _nobodys_message() -> Q:
    """A contact nobody has, a session nobody leads, or a reply."""
    return (
        (Q(follow_up__isnull=False) & _nobody("follow_up__"))
        | Q(attendance__isnull=False, attendance__session__leader__isnull=True)
        | Q(reply__isnull=False)
    )


def _reviews(site: Site) -> QuerySet[EvidenceReview]:
    """Moves that rested on withdrawn evidence, until somebody has looked again."""
    waiting = EvidenceReview.objects.filter(transition__enrollment__site=site, decided_at__isnull=True)
    return waiting.select_related("patient", "transition__to_phase").order_by("opened_at")[:MOST_LINES]


def _unrated(site: Site, scope: Scope, actor: Actor) -> list[ReturnToUse]:
    """Returns to use after which the needs are to be rated again: for those who may rate them."""
    if not actor.may(Permission.LEVEL_DECIDE):
        return []
    rows = to_rate_again(site)
    if scope is Scope.MINE:
        rows = rows.filter(Q(enrollment__counselor=actor) | Q(enrollment__counselor__isnull=True))
    return list(rows[:MOST_LINES])


def _enrollments(patients: Collection[int]) -> dict[int, Enrollment]:
    """The newest enrollment of each person, an open one first."""
    rows = Enrollment.objects.filter(patient__in=patients).select_related(*ENROLLMENT_TOGETHER).defer(DOCUMENT)
    newest: dict[int, Enrollment] = {}
    for row in rows.order_by("patient_id", "ended_at", "-opened_at"):
        known = newest.get(row.patient_id)
        if known is None or (known.ended_at is not None and row.ended_at is None):
            newest[row.patient_id] = row
    return newest


def _risks(patients: Collection[int], now: datetime, enrollments: Mapping[int, Enrollment]) -> dict[int, RiskFacts]:
    """Risk facts of many people at once."""
    returned = dict(
        ReturnToUse.objects.filter(
            enrollment__patient__in=patients, effective_at__gt=now - timedelta(days=RETURN_TO_USE_DAYS + 1)
        )
        .values("enrollment__patient")
        .annotate(newest=Max("effective_at"))
        .values_list("enrollment__patient", "newest")
    )
    urgent: dict[int, int] = defaultdict(int)
    flags = SafetyFlag.objects.filter(patient__in=patients, closed_at__isnull=True, severity__in=URGENT)
    for patient in flags.values_list("patient_id", flat=True):
        urgent[patient] += 1
    missed = _missed_in_a_row(patients, now)
    return {each: _risk(each, returned, urgent, missed, enrollments, now) for each in patients}


def _risk(
    patient: int,
    returned: Mapping[int, datetime],
    urgent: Mapping[int, int],
    missed: Mapping[int, int],
    enrollments: Mapping[int, Enrollment],
    now: datetime,
) -> RiskFacts:
    row = enrollments.get(patient)
    zone = row.site.zone if row else ZoneInfo("UTC")
    ended = row.ended_at if row and row.ended_at and now - row.ended_at < timedelta(days=DISCHARGE_DAYS + 1) else None
    return RiskFacts(
        return_to_use_on=returned[patient].astimezone(zone).date() if patient in returned else None,
        discharged_on=ended.astimezone(zone).date() if ended else None,
        open_urgent_flags=urgent.get(patient, 0),
        missed_in_a_row=missed.get(patient, 0),
    )


def _missed_in_a_row(patients: Collection[int], now: datetime) -> dict[int, int]:
    """Calls without an answer since the last one reached, over the last month."""
    rows = CallResult.objects.filter(
        follow_up__patient__in=patients, undone_at__isnull=True, made_at__gt=now - timedelta(days=30)
    ).order_by("follow_up__patient", "-made_at", "-pk")
    counts: dict[int, int] = {}
    done: set[int] = set()
    for patient, result in rows.values_list("follow_up__patient", "result"):
        if result in (Result.REACHED, Result.DECLINED):
            done.add(patient)
        elif patient not in done:
            counts[patient] = counts.get(patient, 0) + 1
    return counts


def _last_calls(contacts: Sequence[FollowUp]) -> dict[int, CallResult]:
    """The newest call on each contact, those taken back not counted."""
    rows = CallResult.objects.filter(follow_up__in=[each.pk for each in contacts], undone_at__isnull=True)
    return {each.follow_up_id: each for each in rows.order_by("made_at", "pk")}


def contact_kind(row: FollowUp) -> LineKind:
    """The work a contact asks for on the step it stands on."""
    if row.purpose == Purpose.REVIEW or row.mode == ContactMode.INTERNAL:
        return LineKind.REVIEW
    rungs = document_of(row.enrollment.program_version).ladder(row.ladder).rungs
    if rungs[min(row.rung, len(rungs) - 1)].kind in MESSAGE_RUNGS:
        return LineKind.FORM if row.instrument else LineKind.MESSAGE
    return LineKind.VISIT if row.mode == ContactMode.IN_PERSON else LineKind.CALL


def _contact_item(row: FollowUp, risks: Mapping[int, RiskFacts], calls: Mapping[int, CallResult]) -> Item:
    return Item(
        kind=contact_kind(row),
        public_id=row.public_id,
        patient=row.patient.public_id,
        due_at=row.due_at,
        zone=row.time_zone,
        why=_why(row, calls.get(row.pk)),
        window_days=row.window_days,
        risk=risks[row.patient_id],
    )


def _why(row: FollowUp, call: CallResult | None) -> Sentence:
    ladder = document_of(row.enrollment.program_version).ladder(row.ladder)
    step = sentence("worklist.why.step", step=row.rung + 1, of=len(ladder.rungs), kind=ladder.rungs[row.rung].kind)
    if call is None:
        return step
    at = call.made_at.astimezone(ZoneInfo(row.time_zone))
    return sentence("worklist.why.called", result=Result(call.result), at=at, step=step)


def _flag_item(row: SafetyFlag, site: Site) -> Item:
    return Item(
        kind=LineKind.SAFETY,
        public_id=row.public_id,
        patient=row.patient.public_id,
        due_at=row.raised_at,
        zone=site.time_zone,
        why=sentence("worklist.why.flag", what=flag_title(row.instrument, row.alert_key)),
        severity=Severity(row.severity),
    )


def _signature_item(row: Signature, site: Site, risks: Mapping[int, RiskFacts]) -> Item:
    if isinstance(row, OverrideRequest):
        patient, by, code = row.enrollment.patient, row.requested_by, "cosign_override"
        since = row.requested_at
    else:
        patient, by, code = row.patient, row.decided_by or row.recorded_by, "cosign_level"
        since = row.decided_at or row.recorded_at
    return Item(
        kind=LineKind.COSIGN,
        public_id=row.public_id,
        patient=patient.public_id,
        due_at=since,
        zone=site.time_zone,
        why=sentence(f"worklist.why.{code}", by=by.name),
        window_days=1,
        risk=risks[patient.pk],
    )


def _unclear_item(row: Reminder, risks: Mapping[int, RiskFacts]) -> Item:
    return Item(
        kind=LineKind.MESSAGE,
        public_id=row.public_id,
        patient=row.patient.public_id,
        due_at=row.status_at,
        zone=row.time_zone,
        why=sentence("worklist.why.unclear"),
        window_days=1,
        risk=risks[row.patient_id],
    )


def _review_item(row: EvidenceReview, site: Site) -> Item:
    return Item(
        kind=LineKind.SAFETY,
        public_id=row.public_id,
        patient=row.patient.public_id,
        due_at=row.opened_at,
        zone=site.time_zone,
        why=sentence("worklist.why.evidence", move=move_title(row.transition)),
        severity=Severity.URGENT,
    )


def _unrated_item(row: ReturnToUse, site: Site, risks: Mapping[int, RiskFacts]) -> Item:
    on = row.effective_at.astimezone(site.zone).date()
    return Item(
        kind=LineKind.REVIEW,
        public_id=row.public_id,
        patient=row.enrollment.patient.public_id,
        due_at=row.recorded_at,
        zone=site.time_zone,
        why=sentence("worklist.why.rerate", on=on),
        risk=risks[row.enrollment.patient_id],
    )
