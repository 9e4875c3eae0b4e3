"""Writing down where many reminders stand, in one statement however many they are and however they differ."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from clinic.rules.sentences import Sentence
from pathways.rules.gates import sentence_as_record
from pathways.rules.reminders import ReminderStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reminder stands now, why, and when it is next tried (None: that stays as it is)."""

    reminder_id: int
    status: ReminderStatus
    reason: Sentence | None = None
    next_at: datetime | None = None


WRITE = """
    UPDATE pathways_reminder AS reminder
    SET status = told.status, status_code = told.code, status_params = told.params::jsonb, status_at = %s,
        next_at = COALESCE(told.next_at, reminder.next_at), leased_until = NULL,
        claim_id = CASE WHEN %s THEN NULL ELSE claim_id END,
        needs_person = reminder.needs_person AND told.status IN ('sent', 'delivered')
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
        AS told(id, status, code, params, next_at)
    WHERE reminder.id = told.id
"""


def write_standings(standings: Sequence[Standing], now: datetime, *, let_go: bool = False) -> None:
    """End the lease of rows the caller has locked. `let_go`: the claim is forgotten, because nothing was tried."""
    if not standings:
        return
    kept = [sentence_as_record(each.reason) if each.reason else {"code": "", "params": {}} for each in standings]
    columns = (
        [each.reminder_id for each in standings],
        [each.status.value for each in standings],
        [each["code"] for each in kept],
        [json.dumps(each["params"]) for each in kept],
        [each.next_at for each in standings],
    )
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [now, let_go, *columns])
