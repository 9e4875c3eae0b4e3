"""Early warnings somebody has looked at."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import WarningNote
from pathways.queries.warnings import warnings_of
from pathways.rules.warnings import WarningKind
from patients.queries import patients as people

Named = tuple[WarningKind, str]
"""A warning by its kind and the key of what it rests on."""


@action(Permission.FOLLOW_UP_WORK, "warning.note")
def note_warnings(
    *, by: Actor, now: datetime, patient_id: UUID, warnings: Collection[Named], note: str = ""
) -> list[WarningNote]:
    """Note that somebody has looked at these warnings: each stays away until there is something new.

    Raises Refused: a foreign person (404); a warning that does not hold any more, or was noted meanwhile (409).
    """
    patient = people.get(by, patient_id)
    standing = {(each.kind, each.key) for each in warnings_of(by, patient, now=now)}
    if not warnings or not set(warnings) <= standing:
        raise Refused("warning_gone", sentence("warning.refused.gone"))
    made = [
        WarningNote(patient=patient, kind=kind, evidence=key, note=note[:300], noted_at=now, noted_by=by)
        for kind, key in warnings
    ]
    WarningNote.objects.bulk_create(made)
    audit.record(
        action="warning.note",
        by=by,
        now=now,
        subject=("patient", patient.public_id),
        patients=[patient.public_id],
        details={"kinds": sorted(kind.value for kind, _key in warnings)},
    )
    return made
