"""What a message rests on, held from the moment it is asked about until the message is marked as *sending*.

Whoever calls a contact off, moves a session, revokes a consent or closes an address changes one of these rows or locks
it, and so commits before the message is asked about or after it is marked, never between. Nothing is waited for here:
what somebody else has just now is passed over, so that no deadlock is possible and no other message is late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from clinic.actions.locks import lock_name
from patients.queries.records import LINKED

PAUSES = "delivery.pause"
# FOR SHARE: several windows may rest on one row, whoever changes or locks it waits for their end. What any record of a
# person says counts for all, so that all are held.
HOLD = f"""
    WITH RECURSIVE asked AS MATERIALIZED (
        SELECT patient_id, contact_point_id, follow_up_id, attendance_id FROM pathways_reminder
        WHERE id = ANY(%(ids)s) AND claim_id = %(claim)s::uuid AND status = 'leased'
    ), given AS (SELECT patient_id AS id FROM asked), {LINKED}, records AS MATERIALIZED (
        SELECT id FROM patients_patient WHERE id IN (SELECT id FROM down) FOR SHARE SKIP LOCKED
    ), people AS MATERIALIZED (
        SELECT id FROM down WHERE person NOT IN (SELECT person FROM down WHERE id NOT IN (SELECT id FROM records))
    ), points AS MATERIALIZED (
        SELECT id FROM patients_contactpoint WHERE id IN (SELECT contact_point_id FROM asked) FOR SHARE SKIP LOCKED
    ), contacts AS MATERIALIZED (
        SELECT id FROM pathways_followup WHERE id IN (SELECT follow_up_id FROM asked) FOR SHARE SKIP LOCKED
    ), places AS MATERIALIZED (
        SELECT id, session_id FROM pathways_attendance WHERE id IN (SELECT attendance_id FROM asked)
        FOR SHARE SKIP LOCKED
    ), sessions AS MATERIALIZED (
        SELECT id FROM pathways_session WHERE id IN (SELECT session_id FROM places) FOR SHARE SKIP LOCKED
    ), standing AS MATERIALIZED (
        SELECT id FROM places WHERE session_id IN (SELECT id FROM sessions)
    )
    SELECT id,
        patient_id IN (SELECT id FROM people) AND contact_point_id IN (SELECT id FROM points)
        AND (follow_up_id IS NULL OR follow_up_id IN (SELECT id FROM contacts))
        AND (attendance_id IS NULL OR attendance_id IN (SELECT id FROM standing))
    FROM pathways_reminder
    WHERE id = ANY(%(ids)s) AND claim_id = %(claim)s::uuid AND status = 'leased'
    FOR NO KEY UPDATE SKIP LOCKED
"""  # noqa: S608 - our own words; every value is a parameter


@dataclass(frozen=True, slots=True)
class Held:
    """Messages of a claim, locked, by id. `busy`: somebody has just now what they rest on."""

    free: list[int]
    busy: list[int]


def hold(claim_id: UUID, ids: Sequence[int]) -> Held:
    """Lock those messages the claim still holds and all they rest on. One query, inside a verb; what is read in later
    ones is as it stays to the end of the verb. A message somebody else has locked is in neither list: it stays leased.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {"ids": list(ids), "claim": str(claim_id)})
        rows = cursor.fetchall()
    return Held([pk for pk, free in rows if free], [pk for pk, free in rows if not free])


def hold_pauses(*, alone: bool) -> None:
    """To the end of the verb nobody pauses messages; `alone`: nobody marks any either."""
    lock_name(PAUSES, shared=not alone)
