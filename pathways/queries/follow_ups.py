"""Follow-ups as seen by somebody, and what is known of each on its ladder."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from clinic.rules.opening_hours import ContactHours, contact_window, next_opening, to_local, to_utc
from pathways.models import CallResult, FollowUp, Reminder
from pathways.queries.enrollments import DOCUMENT
from pathways.rules.follow_ups import LadderFacts
from pathways.rules.follow_ups.outcomes import AGAIN_AT_ANOTHER_HOUR
from pathways.rules.reminders import ReminderStatus
from patients.models import ContactPoint, ContactPreference, Patient
from patients.queries.part2_consents import support_people

TOGETHER = (
    "patient", "site", "owner", "enrollment__program", "enrollment__program_version", "enrollment__current_phase",
)  # fmt: skip


CAME_TO_NOTHING = (ReminderStatus.FAILED, ReminderStatus.SUPPRESSED, ReminderStatus.EXPIRED)
LOOKED_BACK = timedelta(days=2)


def follow_ups(actor: Actor) -> QuerySet[FollowUp]:
    """Every follow-up the actor may see, with what it is shown by."""
    return FollowUp.objects.visible_to(actor).select_related(*TOGETHER).defer(f"enrollment__{DOCUMENT}")


def follow_up(actor: Actor, public_id: UUID) -> FollowUp:
    """One follow-up. Raises Refused not_found."""
    found = follow_ups(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def next_open(patient: Patient) -> FollowUp | None:
    """The open contact of a person on which something is to be done soonest."""
    return FollowUp.objects.open().filter(patient=patient).order_by("act_at", "pk").first()


def next_of_rule(row: FollowUp, now: datetime) -> QuerySet[FollowUp]:
    """The open contacts of the same rule and beginning that are still to come after this one, the next one first."""
    rows = FollowUp.objects.open().filter(enrollment=row.enrollment_id, rule_key=row.rule_key, anchor_id=row.anchor_id)
    return rows.filter(due_at__gt=max(row.due_at, now)).order_by("due_at", "pk")


def untouched(rows: Collection[FollowUp]) -> list[FollowUp]:
    """Those nobody has worked on yet: on the step they were due on, and no call of theirs stands."""
    calls = CallResult.objects.filter(follow_up__in=[each.pk for each in rows], undone_at__isnull=True)
    worked_on = set(calls.values_list("follow_up_id", flat=True))
    return [each for each in rows if each.rung_since == each.due_at and each.pk not in worked_on]


def ladder_facts(rows: Collection[FollowUp], *, now: datetime) -> dict[int, LadderFacts]:
    """What is known of each open follow-up on its ladder, by id: five queries for any number."""
    ids, people = [each.pk for each in rows], {each.patient_id for each in rows}
    tries, channels = _tries(rows), _channels(people)
    grace, supported = grace_hours(people), support_people(people, now)
    silent = set(
        Reminder.objects.filter(follow_up__in=ids, status__in=CAME_TO_NOTHING).values_list(
            "follow_up_id", "subject_version", "rung"
        )
    )
    return {
        each.pk: LadderFacts(
            started_at=each.rung_since or each.due_at,
            tries=tries.get(each.pk, 0),
            came_to_nothing=(each.pk, each.plan_version, each.rung) in silent,
            can_message=bool(channels.get(each.patient_id)),
            can_second_channel=len(channels.get(each.patient_id, ())) > 1,
            can_support_person=each.patient_id in supported,
            grace_hours=grace.get(each.patient_id, 0),
            patient_until=each.climbs_at,
            zone=each.time_zone,
        )
        for each in rows
    }


def _tries(rows: Collection[FollowUp]) -> dict[int, int]:
    since = Q()
    for each in rows:
        since |= Q(follow_up=each.pk, made_at__gte=each.rung_since or each.due_at)
    counted = CallResult.objects.filter(since, undone_at__isnull=True) if rows else CallResult.objects.none()
    return dict(counted.values("follow_up").annotate(n=Count("pk")).values_list("follow_up", "n"))


def written_channels(patients: Collection[int]) -> dict[int, set[str]]:
    """Channels on which there is an address in use, verified or not: what may still become usable before it is due."""
    grouped: dict[int, set[str]] = defaultdict(set)
    rows = ContactPoint.objects.filter(patient__in=patients, retired_at__isnull=True, channel__in=["sms", "email"])
    for patient_id, channel in rows.values_list("patient_id", "channel"):
        grouped[patient_id].add(channel)
    return grouped


def grace_hours(patients: Collection[int]) -> dict[int, int]:
    """How much longer than usual silence is waited for, by patient; those with no more than is usual are left out."""
    rows = ContactPreference.objects.filter(patient__in=patients, grace_hours__gt=0)
    return dict(rows.values_list("patient_id", "grace_hours"))


def _channels(patients: Collection[int]) -> dict[int, set[str]]:
    grouped: dict[int, set[str]] = defaultdict(set)
    rows = ContactPoint.objects.filter(
        patient__in=patients, retired_at__isnull=True, verified_at__isnull=False, channel__in=["sms", "email"]
    )
    for patient_id, channel in rows.values_list("patient_id", "channel"):
        grouped[patient_id].add(channel)
    return grouped


def usual_retry(row: FollowUp, now: datetime) -> datetime:
    """When a call that reached nobody is tried again: another hour of the next day, inside the site's contact hours in
    the person's own day, and never before the contact is due. `site` must be loaded."""
    window = contact_window(ContactHours(row.site.contact_opens, row.site.contact_closes))
    usual = max(now + timedelta(hours=AGAIN_AT_ANOTHER_HOUR), row.due_at)
    if window.empty:
        return usual
    return to_utc(next_opening(to_local(usual, row.time_zone), row.time_zone, window), row.time_zone)


def due_to_climb(now: datetime, limit: int, patients: Collection[int] | None = None) -> list[int]:
    """Ids of open follow-ups to be moved on: their wait is over, or the message of their step came to nothing.

    `patients`: theirs alone.
    """
    waited = FollowUp.objects.open().filter(climbs_at__lte=now).order_by("climbs_at", "pk")
    unsent = Reminder.objects.filter(
        status__in=CAME_TO_NOTHING,
        status_at__gt=now - LOOKED_BACK,
        follow_up__outcome="",
        follow_up__climbs_at__isnull=False,
        rung=F("follow_up__rung"),
        subject_version=F("follow_up__plan_version"),
    ).order_by("status_at")
    if patients is not None:
        waited, unsent = waited.filter(patient__in=patients), unsent.filter(patient__in=patients)
    first = list(waited.values_list("pk", flat=True)[:limit])
    return first + list(unsent.values_list("follow_up_id", flat=True)[: max(limit - len(first), 0)])
