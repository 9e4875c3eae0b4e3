"""Two records that may be one person: warn, keep as a task, decide."""

from collections.abc import Sequence
from datetime import datetime

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from patients.actions.contacts import NewContactPoint
from patients.actions.details import Details
from patients.actions.locks import lock_identity, lock_patients
from patients.models import Patient, PossibleDuplicate
from patients.queries import duplicates as queries
from patients.queries.duplicates import Likeness
from patients.rules.contact import PHONE_CHANNELS, Channel
from patients.rules.identity import Person, Strength

SAME, DIFFERENT = "same", "different"


@action(Permission.DUPLICATE_REVIEW, "duplicate.decide")
def decide_duplicate(*, duplicate: PossibleDuplicate, decision: str, by: Actor, now: datetime) -> PossibleDuplicate:
    """A named person's word on two records: `same` links the newer to the older, `different` unlinks them.

    Nothing is rewritten, so the word can be taken back. Both people must be visible. Raises Refused 404, 422.
    """
    if decision not in (SAME, DIFFERENT):
        raise bad_input(decision=sentence("refused.not_offered"))
    people = lock_patients([duplicate.patient, duplicate.other], by)
    row = PossibleDuplicate.objects.select_for_update(no_key=True, of=("self",)).get(pk=duplicate.pk)
    row.decision, row.decided_at, row.decided_by = decision, now, by
    row.save(update_fields=["decision", "decided_at", "decided_by"])
    newer, older = people[max(people)], people[min(people)]
    _link(newer, older if decision == SAME else None, unlink=older, by=by, now=now)
    audit.record(
        action="duplicate.decide",
        by=by,
        now=now,
        subject=("possible_duplicate", row.public_id),
        patients=[newer.public_id, older.public_id],
        details={"decision": decision},
    )
    return row


def look(details: Details, points: Sequence[NewContactPoint], *, by: Actor, confirmed: bool) -> list[Likeness]:
    """Everybody who may be this person, those included whom somebody is registering at this moment.

    Raises Refused (409) with the visible ones unless that was confirmed. Inside an action only.
    """
    person = as_person(details, points)
    lock_identity(person)
    found = queries.likenesses(by, person)
    seen = [each for each in found if each.visible]
    if seen and not confirmed:
        raise Refused("possible_duplicate", details={"matches": [_shown(each) for each in seen]})
    return found


def open_tasks(patient: Patient, found: Sequence[Likeness], *, by: Actor, now: datetime) -> list[PossibleDuplicate]:
    """A task for each match the registrar could not judge, and for each likely one that was waved through."""
    return PossibleDuplicate.objects.bulk_create(
        PossibleDuplicate(
            patient=patient,
            other=each.patient,
            reasons=[reason.code for reason in each.match.reasons],
            opened_at=now,
            opened_by=by,
        )
        for each in found
        if not each.visible or each.match.strength is Strength.LIKELY
    )


def as_person(details: Details, points: Sequence[NewContactPoint]) -> Person:
    """What the duplicate rule compares, of somebody being registered (addresses already in one spelling)."""
    return Person(
        given=details.given_name,
        family=details.family_name,
        birth_date=details.birth_date,
        preferred=details.preferred_name,
        phones=tuple(point.address for point in points if point.channel in PHONE_CHANNELS),
        emails=tuple(point.address for point in points if point.channel == Channel.EMAIL),
    )


def _shown(likeness: Likeness) -> dict[str, object]:
    """Codes and public ids only; who shows a match reads the person through `visible_to`."""
    return {
        "patient": str(likeness.patient.public_id),
        "record_number": likeness.patient.record_number,
        "strength": likeness.match.strength.value,
        "reasons": [reason.code for reason in likeness.match.reasons],
    }


def _link(newer: Patient, target: Patient | None, *, unlink: Patient, by: Actor, now: datetime) -> None:
    if target is None and newer.merged_into_id != unlink.pk:
        return
    newer.merged_into, newer.merged_at, newer.merged_by = (target, now, by) if target else (None, None, None)
    newer.version += 1
    newer.save(update_fields=["merged_into", "merged_at", "merged_by", "version"])
