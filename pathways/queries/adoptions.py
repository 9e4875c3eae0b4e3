"""Who could be moved to another version, what that would change for them, and how a run stands."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import Adoption, AdoptionItem, Enrollment, FollowUp, ProgramVersion
from pathways.queries.adaptations import documents_for
from pathways.queries.enrollments import TOGETHER, next_gate
from pathways.queries.facts import gather
from pathways.rules.adoptions import ItemStatus, RunStatus
from pathways.rules.follow_ups import FollowUpChange, contacts_changed
from pathways.rules.gates import Decision, GateFacts, decide
from pathways.rules.programs import ProgramDocument

SHOWN_AT_ONCE = 50
MOST_PREVIEWED = 2_000
"""More people than a preview counts through; the rest are moved by the same rules."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What adopting would change for one person: the gate before them, then and now, and contacts still to come."""

    row: Enrollment
    phase_key: str | None
    before: Decision | None
    after: Decision | None
    contacts: FollowUpChange

    @property
    def newly_blocked(self) -> bool:
        return self.after is not None and not self.after.met and (self.before is None or self.before.met)

    @property
    def newly_free(self) -> bool:
        return self.before is not None and not self.before.met and (self.after is None or self.after.met)


@dataclass(frozen=True, slots=True)
class Progress:
    """A run in numbers."""

    total: int
    adopted: int
    skipped: int
    refused: int

    @property
    def done(self) -> int:
        return self.adopted + self.skipped + self.refused

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def candidates(
    actor: Actor, version: ProgramVersion, enrollment_ids: Collection[UUID] | None = None
) -> QuerySet[Enrollment]:
    """Open enrollments of the program that are not on the version, as the actor may see them."""
    rows = Enrollment.objects.visible_to(actor).open().filter(program=version.program_id)
    rows = rows.exclude(program_version=version).select_related(*TOGETHER)
    return rows if enrollment_ids is None else rows.filter(public_id__in=enrollment_ids)


def phases_left(rows: QuerySet[Enrollment]) -> list[tuple[str, str, int]]:
    """Key, title and number of people of every phase somebody is in, in the order of the phases."""
    counted = (
        rows.filter(current_phase__isnull=False)
        .order_by()
        .values_list("current_phase__key", "current_phase__title", "current_phase__ordinal")
    )
    found: dict[str, tuple[str, int, int]] = {}
    for key, title, ordinal, people in counted.annotate(people=Count("pk")):
        _, _, before = found.get(key, (title, ordinal, 0))
        found[key] = (title, ordinal, before + people)
    ordered = sorted(found.items(), key=lambda each: each[1][1])
    return [(key, title, people) for key, (title, _, people) in ordered]


def previews(
    rows: Sequence[Enrollment], version: ProgramVersion, phase_map: Mapping[str, str], *, now: datetime
) -> list[Preview]:
    """What would change for each of these, set-wise: the same queries for any number of them."""
    facts, contacts = gather(rows, as_of=now), _open_contacts(rows)
    old, new = _as_they_read(rows, now), _as_they_read(rows, now, version)
    return [
        _preview(row, old[row.pk], new[row.pk], phase_map, facts[row.pk], contacts.get(row.pk, []), now) for row in rows
    ]


def _as_they_read(
    rows: Sequence[Enrollment], now: datetime, version: ProgramVersion | None = None
) -> dict[int, ProgramDocument]:
    """The program as it reads for each where they are today, with what was adapted for them."""
    days: dict[date, list[Enrollment]] = defaultdict(list)
    for each in rows:
        days[now.astimezone(each.site.zone).date()].append(each)
    found: dict[int, ProgramDocument] = {}
    for on, together in days.items():
        found |= documents_for(together, on, version)
    return found


def _preview(
    row: Enrollment,
    old: ProgramDocument,
    new: ProgramDocument,
    phase_map: Mapping[str, str],
    facts: GateFacts,
    contacts: Sequence[FollowUp],
    now: datetime,
) -> Preview:
    here = row.current_phase.key if row.current_phase else None
    there = phase_map.get(here, "") or None if here else None
    moved = facts if here == there else facts.entered_now()
    return Preview(
        row=row,
        phase_key=there,
        before=_decision(old, here, facts),
        after=_decision(new, there, moved) if new.find_phase(there or "") else None,
        contacts=contacts_changed(old, new, here, there, Counter(each.rule_key for each in contacts)),
    )


def _decision(document: ProgramDocument, phase_key: str | None, facts: GateFacts) -> Decision | None:
    gate, _ = next_gate(document, phase_key)
    return decide(gate, facts) if gate is not None else None


def _open_contacts(rows: Sequence[Enrollment]) -> dict[int, list[FollowUp]]:
    grouped: dict[int, list[FollowUp]] = {}
    for each in FollowUp.objects.open().filter(enrollment__in=[row.pk for row in rows]):
        grouped.setdefault(each.enrollment_id, []).append(each)
    return grouped


def runs(program_id: int) -> QuerySet[Adoption]:
    """The runs of a program, newest first."""
    rows = Adoption.objects.filter(program=program_id).select_related("to_version", "requested_by")
    return rows.order_by("-requested_at", "-pk")


def run(public_id: UUID) -> Adoption:
    """One run. Raises Refused not_found."""
    found = Adoption.objects.filter(public_id=public_id).select_related("program", "to_version", "requested_by").first()
    if found is None:
        raise not_found()
    return found


def running() -> list[Adoption]:
    """Every run that has somebody left to move."""
    rows = Adoption.objects.filter(status=RunStatus.RUNNING).select_related("to_version__program", "requested_by")
    return list(rows.order_by("pk"))


def pending(adoption: Adoption, most: int) -> list[int]:
    """Some of those left, in no order: two workers rarely reach for the same one."""
    rows = AdoptionItem.objects.filter(adoption=adoption, status=ItemStatus.PENDING)
    return list(rows.order_by("?").values_list("pk", flat=True)[:most])


def enrollment_of(item_id: int) -> UUID:
    """Whose enrollment an item of a run is about, by its public id."""
    return AdoptionItem.objects.values_list("enrollment__public_id", flat=True).get(pk=item_id)


def progress(adoption: Adoption) -> Progress:
    """How far a run has come."""
    counted = dict(
        AdoptionItem.objects.filter(adoption=adoption).order_by().values_list("status").annotate(n=Count("pk"))
    )
    return Progress(
        total=sum(counted.values()),
        adopted=counted.get(ItemStatus.ADOPTED, 0),
        skipped=counted.get(ItemStatus.SKIPPED, 0),
        refused=counted.get(ItemStatus.REFUSED, 0),
    )


def refused_items(actor: Actor, adoption: Adoption, most: int = SHOWN_AT_ONCE) -> list[AdoptionItem]:
    """Who was not moved, with the words why, as far as the actor may see them."""
    visible = Enrollment.objects.visible_to(actor)
    rows = AdoptionItem.objects.filter(adoption=adoption, status=ItemStatus.REFUSED, enrollment__in=visible)
    return list(rows.select_related("enrollment__patient").order_by("pk")[:most])
