"""What early warnings rest on, gathered for everybody under way at a site at once: eight queries for any number.

The database finds who may have to be warned about; the rule (rules/warnings.py) decides on what was found.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest, JSONObject

from clinic.models import Actor, Site
from clinic.queries.among import among
from clinic.queries.prepared import Given, prepared
from clinic.rules.roles import Permission
from pathways.modalities import modality
from pathways.models import Attendance, CallResult, Enrollment, FollowUp, Reminder, Reply, WarningNote
from pathways.queries.facts.findings import RELIED_ON
from pathways.queries.risks import UNANSWERED, missed_calls
from pathways.rules.follow_ups import OUTCOMES, Outcome
from pathways.rules.moves import RUNNING
from pathways.rules.reminders import ReminderStatus
from pathways.rules.replies import NOT_FROM_THEM
from pathways.rules.sessions import AttendanceStatus, SessionKind
from pathways.rules.warnings import (
    CRAVING,
    CRAVING_HIGH,
    GROUPS_IN_A_ROW,
    LONGEST_SILENCE,
    NEGATIVES_BEFORE,
    RECENT,
    RISES,
    SILENT_DAYS,
    CravingReading,
    EarlyWarning,
    GroupPlace,
    ScreenResult,
    Unanswered,
    WarningFacts,
    warnings,
)
from patients.models import Assessment, Observation, Patient
from patients.observations import definition
from patients.rules.observations import ObservationCategory, ObservationResult, ObservationStatus

Row = TypeVar("Row", bound=Model)
Warned = Mapping[int, tuple[EarlyWarning, ...]]
"""Warnings by person (row id), the gravest first."""
Silent = Mapping[int, datetime | None]
"""Of whom nothing was heard for a week: when anything last was, by person (row id)."""
Moment = datetime | Given
SENT = (ReminderStatus.SENT, ReminderStatus.DELIVERED)
HEARD = [each for each, rule in OUTCOMES.items() if rule.contact_made or each is Outcome.DECLINED]
KNOWN_PLACES = (AttendanceStatus.ATTENDED, AttendanceStatus.NO_SHOW)
CAME = (AttendanceStatus.ATTENDED, AttendanceStatus.CHECKED_IN)
SILENT = timedelta(days=SILENT_DAYS)


def early_warnings(actor: Actor, site: Site, *, now: datetime) -> Warned:
    """Every warning about people under way at a site that this actor may read and nobody has noted."""
    people, silent = [pk for (pk,) in _people_at(site.pk)], dict(_silent_at(site.pk, now - SILENT, now))
    return _standing(people, silent, site.time_zone, now, findings=actor.may(Permission.ASSESSMENT_READ))


def warnings_of(actor: Actor, patient: Patient, *, now: datetime) -> tuple[EarlyWarning, ...]:
    """The warnings about one person who is under way at a site of the actor."""
    people = Enrollment.objects.filter(patient=patient, status__in=RUNNING, site__in=actor.sites.all())
    newest = people.select_related("site").order_by("-opened_at", "-pk").first()
    if newest is None:
        return ()
    reads, zone = actor.may(Permission.ASSESSMENT_READ), newest.site.time_zone
    silent = dict(_silent_among(people, now - SILENT, now))
    return _standing([patient.pk], silent, zone, now, findings=reads).get(patient.pk, ())


def warned_people(warned: Warned) -> dict[int, UUID]:
    """The public ids of those about whom there is a warning, by row id, by when they registered."""
    return dict(Patient.objects.filter(pk__in=warned).order_by("pk").values_list("pk", "public_id"))


@prepared
def _people_at(site: int) -> QuerySet[Any, Any]:
    """Whoever is under way at a site."""
    return Enrollment.objects.filter(site=site, status__in=RUNNING).values_list("patient_id").distinct()


def _standing(people: list[int], silent: Silent, zone: str, now: datetime, *, findings: bool) -> Warned:
    facts = _facts(people, silent, zone, now, findings=findings)
    found = {pk: warnings(known, now) for pk, known in facts.items()}
    noted = set(_noted([pk for pk, some in found.items() if some]))
    kept = {pk: tuple(each for each in some if (pk, each.kind, each.key) not in noted) for pk, some in found.items()}
    return {pk: some for pk, some in kept.items() if some}


@prepared
def _noted(patients: list[int]) -> QuerySet[Any, Any]:
    return WarningNote.objects.filter(patient__in=among(patients)).values_list("patient_id", "kind", "evidence")


def _facts(people: list[int], silent: Silent, zone: str, now: datetime, *, findings: bool) -> dict[int, WarningFacts]:
    """Facts of those who may have to be warned about, by person (row id). `findings`: also of assessments and
    results."""
    groups, unanswered, missed = _groups(people, now), _unanswered(silent, now), _missed(people, now)
    cravings = _cravings(people, now) if findings else {}
    screens = _screens(people, now) if findings else {}
    return {
        each: WarningFacts(
            zone=zone,
            groups=groups.get(each, ()),
            cravings=cravings.get(each, ()),
            screens=screens.get(each, ()),
            unanswered=unanswered.get(each),
            missed=missed.get(each, ()),
        )
        for each in {*groups, *cravings, *screens, *unanswered, *missed}
    }


def _newest(rows: QuerySet[Row], moment: str, *same: str) -> QuerySet[Row]:
    """Of each person (and each `same` besides) the newest row, with the moment as its order."""
    alike = {name: OuterRef(name) for name in ("patient", *same)}
    return rows.filter(~Exists(rows.filter(**alike, **{f"{moment}__gt": OuterRef(moment)})))


def _earlier(rows: QuerySet[Row], moment: str, *same: str) -> QuerySet[Row]:
    """The rows of the same person before an outer one, the newest first."""
    alike = {name: OuterRef(name) for name in ("patient", *same)}
    return rows.filter(**alike, **{f"{moment}__lt": OuterRef(moment)}).order_by(f"-{moment}", "-pk")


# -- groups -----------------------------------------------------------------------------------------------------------


def _groups(people: list[int], now: datetime) -> dict[int, list[GroupPlace]]:
    """Of whoever missed the newest group of late: that one, and those before it. One query."""
    found = _missed_groups(people, now - RECENT, now)
    return {patient: [_place(each) for each in (newest, *some)] for patient, newest, some in found}


@prepared
def _missed_groups(people: list[int], since: datetime, now: datetime) -> QuerySet[Any, Any]:
    held = Attendance.objects.filter(session__kind=SessionKind.GROUP, status__in=KNOWN_PLACES, starts_at__lte=now)
    kept = JSONObject(
        id="session__public_id", title="session__title", modality="session__modality", at="starts_at", status="status"
    )
    before = _earlier(held, "starts_at").values(kept=kept)[: GROUPS_IN_A_ROW - 1]
    rows = _newest(held, "starts_at").filter(
        patient__in=among(people), status=AttendanceStatus.NO_SHOW, starts_at__gte=since
    )
    return rows.annotate(kept=kept, before=ArraySubquery(before)).values_list("patient_id", "kept", "before")


def _place(row: Mapping[str, Any]) -> GroupPlace:
    title = row["title"] or modality(row["modality"]).title
    return GroupPlace(_uuid(row["id"]), title, _moment(row["at"]), row["status"] == AttendanceStatus.ATTENDED)


# -- craving ----------------------------------------------------------------------------------------------------------


# For each person a look into the index, and only what presses comes back: what no query set can say in one statement.
_PRESSING = """
    SELECT asked.patient, found.ids, found.moments, found.totals
    FROM unnest(%(people)s::bigint[]) AS asked (patient)
    CROSS JOIN LATERAL (
        SELECT array_agg(public_id) AS ids, array_agg(effective_at) AS moments, array_agg(total::int) AS totals
        FROM (
            SELECT public_id, effective_at, total FROM patients_assessment
            WHERE patient_id = asked.patient AND instrument = %(craving)s AND effective_at <= %(now)s
                AND status = 'final' AND scoring_status = 'complete'
            ORDER BY effective_at DESC, id DESC LIMIT %(most)s
        ) AS newest
    ) AS found
    WHERE found.totals[1] >= %(high)s OR found.totals[1] > found.totals[2]
"""


def _cravings(people: list[int], now: datetime) -> dict[int, list[CravingReading]]:
    """Of those whose newest reading is high, or higher than the one before it: the newest of these. One query."""
    given: dict[str, Any] = {"people": people, "craving": CRAVING, "now": now, "most": RISES + 1, "high": CRAVING_HIGH}
    with connection.cursor() as cursor:
        cursor.execute(_PRESSING, given)
        rows = cursor.fetchall()
    return {
        patient: [CravingReading(*each) for each in zip(ids, moments, totals, strict=True)]
        for patient, ids, moments, totals in rows
    }


# -- drug screens -----------------------------------------------------------------------------------------------------


def _screens(people: list[int], now: datetime) -> dict[int, list[list[ScreenResult]]]:
    """Of each test whose newest result is positive: that one, and those before it that can be relied on. One query."""
    found: dict[int, list[list[ScreenResult]]] = defaultdict(list)
    for patient, code, public_id, at, result, some in _positives(people, now - RECENT, now):
        newest = {"id": public_id, "at": at, "result": result}
        found[patient].append([_screen(code, each) for each in (newest, *some)])
    return found


@prepared
def _positives(people: list[int], since: datetime, now: datetime) -> QuerySet[Any, Any]:
    said = Observation.objects.filter(
        Q(result=ObservationResult.POSITIVE) | Q(result=ObservationResult.NEGATIVE, specimen_validity__in=RELIED_ON),
        category=ObservationCategory.DRUG_SCREEN,
        status=ObservationStatus.FINAL,
        effective_at__lte=now,
    )
    kept = JSONObject(id="public_id", at="effective_at", result="result")
    before = _earlier(said, "effective_at", "code").values(kept=kept)[:NEGATIVES_BEFORE]
    rows = _newest(said, "effective_at", "code").filter(
        patient__in=among(people), result=ObservationResult.POSITIVE, effective_at__gte=since
    )
    columns = ("patient_id", "code", "public_id", "effective_at", "result", "before")
    return rows.annotate(before=ArraySubquery(before)).values_list(*columns)


def _screen(code: str, row: Mapping[str, Any]) -> ScreenResult:
    result = ObservationResult(row["result"])
    return ScreenResult(_uuid(row["id"]), definition(code).title, _moment(row["at"]), result)


# -- silence and calls without an answer ------------------------------------------------------------------------------


def _unanswered(silent: Silent, now: datetime) -> dict[int, Unanswered]:
    """Of those from whom nothing was heard for a week: in which messages went out. One query, where there are any."""
    if not silent:
        return {}
    sent = Reminder.objects.filter(
        patient__in=among(silent), status__in=SENT, status_at__range=(now - LONGEST_SILENCE, now)
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for patient, at in sent.order_by("patient", "status_at").values_list("patient_id", "status_at"):
        heard = silent[patient]
        if heard is None or at > heard:
            found[patient].append(at)
    return {patient: Unanswered(len(some), some[0], silent[patient]) for patient, some in found.items()}


@prepared
def _silent_at(site: int, since: datetime, now: datetime) -> QuerySet[Any, Any]:
    return _silent_among(Enrollment.objects.filter(site=site, status__in=RUNNING), since, now)


def _silent_among(people: QuerySet[Enrollment], since: Moment, now: Moment) -> QuerySet[Any, Any]:
    """Of whom nothing was heard since then, and when anything last was."""
    own = {"patient": OuterRef("patient")}
    came = Attendance.objects.filter(**own, status__in=CAME, starts_at__lte=now)
    reached = FollowUp.objects.filter(**own, outcome__in=HEARD, closed_at__lte=now)
    wrote = Reply.objects.filter(**own, received_at__lte=now).exclude(effect__in=NOT_FROM_THEM)
    answered = Assessment.objects.filter(**own, status="final", effective_at__lte=now)
    rows = people.filter(
        ~Exists(came.filter(starts_at__gt=since)),
        ~Exists(reached.filter(closed_at__gt=since)),
        ~Exists(wrote.filter(received_at__gt=since)),
        ~Exists(answered.filter(effective_at__gt=since)),
    )
    heard = Greatest(
        _last(came, "starts_at"), _last(reached, "closed_at"), _last(wrote, "received_at"),
        _last(answered, "effective_at"),
    )  # fmt: skip
    return rows.annotate(heard=heard).values_list("patient_id", "heard")


def _last(rows: QuerySet[Row], moment: str) -> Subquery:
    return Subquery(rows.order_by().values("patient").annotate(at=Max(moment)).values("at"))


def _missed(people: list[int], now: datetime) -> Mapping[int, Any]:
    """Calls without an answer, of those who have an open contact on which there was one lately. Two queries."""
    return missed_calls([pk for (pk,) in _called_lately(people, now - RECENT)], now=now)


@prepared
def _called_lately(people: list[int], since: datetime) -> QuerySet[Any, Any]:
    calls = CallResult.objects.filter(
        follow_up__patient__in=among(people), follow_up__outcome="",
        undone_at__isnull=True, result__in=UNANSWERED, made_at__gte=since,
    )  # fmt: skip
    return calls.order_by().values_list("follow_up__patient_id").distinct()


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
