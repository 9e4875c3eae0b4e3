"""Writing down what became of a window, in bulk, only where the claim is still ours."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.reminders.standings import Standing, write_standings
from pathways.actions.reminders.window import Prepared
from pathways.models import Attempt, Reminder
from pathways.rules.reminders import OutcomeKind, ReminderStatus, classify

NEVER_TRIED = frozenset({"latch_shut", "not_tried"})
"""Outcomes of messages that never came near the socket: no attempt was made, and none is counted."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One message and what its channel said of it."""

    prepared: Prepared
    kind: OutcomeKind
    provider_id: str = ""
    retry_after: timedelta | None = None
    detail_code: str = ""

    @property
    def tried(self) -> bool:
        """Whether anything went to the provider at all."""
        return self.detail_code not in NEVER_TRIED


@action(None, "reminder.record_outcomes")
def record_outcomes(*, by: Actor, now: datetime, claim_id: UUID, reported: Sequence[Reported]) -> dict[str, int]:
    """The attempts' outcomes, and the reminders' new status where this claim still holds them and no later attempt has
    begun (fencing).

    A worker that lost its lease writes nothing into a reminder: it has become *uncertain* meanwhile and is settled by
    asking. Returns counts by status.
    """
    _finish_attempts([each for each in reported if each.tried], now)
    ours = _still_ours(claim_id, reported)
    _take_back([each for each in reported if not each.tried and each.prepared.reminder_id in ours])
    after = [
        _after(each, ours[each.prepared.reminder_id], now) for each in reported if each.prepared.reminder_id in ours
    ]
    write_standings(after, now)
    counts = Counter(each.status.value for each in after)
    counts["fenced"] = len(reported) - len(ours)
    return dict(counts)


def _still_ours(claim_id: UUID, reported: Sequence[Reported]) -> dict[int, UUID]:
    numbers = {each.prepared.reminder_id: each.prepared.number for each in reported}
    rows = Reminder.objects.filter(pk__in=numbers, claim_id=claim_id, status=ReminderStatus.SENDING).order_by("pk")
    held = rows.select_for_update(no_key=True, of=("self",)).values_list("pk", "public_id", "tries")
    return {pk: public_id for pk, public_id, tries in held if tries == numbers[pk]}


def _after(reported: Reported, public_id: UUID, now: datetime) -> Standing:
    after = classify(
        reported.kind,
        attempt=reported.prepared.number,
        reminder_id=public_id,
        retry_after=reported.retry_after,
    )
    return Standing(reported.prepared.reminder_id, after.status, after.reason, now + (after.retry_in or timedelta(0)))


FINISH = """
    UPDATE pathways_attempt AS attempt
    SET finished_at = %s, outcome = told.outcome, provider_id = told.provider_id, detail_code = told.detail_code
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS told(public_id, outcome, provider_id, detail_code)
    WHERE attempt.public_id = told.public_id AND attempt.outcome = ''
"""


def _take_back(untried: Sequence[Reported]) -> None:
    """An attempt written down and then never made is none."""
    Attempt.objects.filter(public_id__in=[each.prepared.reference for each in untried]).delete()
    Reminder.objects.filter(pk__in=[each.prepared.reminder_id for each in untried]).update(tries=F("tries") - 1)


def _finish_attempts(reported: Sequence[Reported], now: datetime) -> None:
    columns = (
        [str(each.prepared.reference) for each in reported],
        [each.kind.value for each in reported],
        [each.provider_id[:128] for each in reported],
        [each.detail_code[:60] for each in reported],
    )
    with connection.cursor() as cursor:
        cursor.execute(FINISH, [now, *columns])
