"""Records that were found to be of one person: linked, never rewritten (`decide_duplicate`)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet

from clinic.models import Actor
from patients.models import Patient

LINKED = """
    up AS (
        SELECT id, merged_into_id FROM patients_patient WHERE id IN (SELECT id FROM given)
        UNION
        SELECT one.id, one.merged_into_id FROM patients_patient one JOIN up ON one.id = up.merged_into_id
    ), down AS (
        SELECT id AS person, id, died_on FROM patients_patient
        WHERE id IN (SELECT id FROM up WHERE merged_into_id IS NULL)
        UNION
        SELECT down.person, one.id, one.died_on FROM patients_patient one JOIN down ON one.merged_into_id = down.id
    )
"""
"""Parts of a recursive query: from each record `given` up to the one it counts as, and from there down to all that are
linked to it (`down`: `person`, `id`, `died_on`)."""
TOGETHER = f"""
    WITH RECURSIVE given AS (SELECT unnest(%s) AS id), {LINKED}
    SELECT id, person, died_on IS NOT NULL FROM down
"""  # noqa: S608 - our own words; every value is a parameter


@dataclass(frozen=True, slots=True)
class SamePeople:
    """Some people with all their records.

    `of`: by each record (row id) the one it counts as, which stands for the person · `died`: the people, so named, of
    whom any record says that they have died.
    """

    of: Mapping[int, int] = field(default_factory=dict)
    died: frozenset[int] = frozenset()

    @property
    def records(self) -> Collection[int]:
        """Every record of them."""
        return self.of.keys()


def same_people(records: Collection[int]) -> SamePeople:
    """The people these records (row ids) are of, with every other record of theirs. One query; none for nobody."""
    if not records:
        return SamePeople()
    with connection.cursor() as cursor:
        cursor.execute(TOGETHER, [list(records)])
        rows = cursor.fetchall()
    return SamePeople({pk: person for pk, person, _ in rows}, frozenset(person for _, person, died in rows if died))


def visible_records(actor: Actor, record: int) -> QuerySet[Patient]:
    """Every record of the person (row id) that the actor sees, that one among them."""
    return Patient.objects.visible_to(actor).filter(pk__in=same_people([record]).records)
