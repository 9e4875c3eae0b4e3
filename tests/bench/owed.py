"""People under way with every contact their program owes them, and the messages of those still to come."""

from collections.abc import Sequence
from datetime import timedelta

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from pathways.actions.follow_ups.anchors import anchor_of, phase_anchor
from pathways.actions.follow_ups.steps import begin
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.models import Enrollment, FollowUp, ProgramVersion, Transition
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import Anchor, PlannedFollowUp, plan, rules_for
from pathways.rules.programs import AnchorKind
from patients.models import ContactPoint
from tests.bench.planting import under_way
from tests.faults.load import NOON, phone

BATCH = 1_000
DAY = timedelta(days=1)


def plant(people: int, site: Site, by: Actor, version: ProgramVersion, first: int = 100_000) -> None:
    """People some weeks into one of the first two phases, with every contact the program owes them."""
    phases = list(version.phases.all())[:2]
    with allow_direct_writes():
        for start in range(0, people, BATCH):
            numbers = range(first + start, first + min(start + BATCH, people))
            moves = under_way(numbers, [site], phases, version, by)
            ContactPoint.objects.bulk_create(
                ContactPoint(
                    patient=move.enrollment.patient, channel="sms", address=phone(n), added_at=move.effective_at,
                    added_by=by, verified_at=move.effective_at, verified_by=by,
                )
                for n, move in zip(numbers, moves, strict=True)
            )  # fmt: skip
            _plant_contacts(moves, by, version)


def _plant_contacts(moves: Sequence[Transition], by: Actor, version: ProgramVersion) -> None:
    """As the product plans them; what was due before today was reached."""
    document = document_of(version)
    owed = [
        _contact(contact, move.enrollment, by)
        for move in moves
        for anchor in _anchors(move)
        for contact in plan(rules_for(document, anchor.kind, anchor.phase), anchor, [], "America/New_York")
    ]
    begin(owed)
    made = FollowUp.objects.bulk_create(owed)
    plan_reminders(by=by, now=NOON, follow_ups=[each for each in made if not each.outcome])


def _anchors(move: Transition) -> tuple[Anchor, Anchor]:
    row = move.enrollment
    phase = row.current_phase.key if row.current_phase else None
    return anchor_of(row, AnchorKind.ADMISSION, move), phase_anchor(row, move, phase)


def _contact(planned: PlannedFollowUp, row: Enrollment, by: Actor) -> FollowUp:
    past = planned.due_at <= NOON - DAY
    return FollowUp(
        enrollment=row, patient=row.patient, site=row.site, rule_key=planned.rule_key, anchor_kind=planned.anchor,
        anchor_id=planned.anchor_event_id, occurrence=planned.occurrence, purpose=planned.purpose, title=planned.title,
        instrument=planned.instrument or "", mode=planned.mode, template=planned.template or "", ladder=planned.ladder,
        due_on=planned.due_on, due_time=planned.due_time, time_zone=planned.zone, due_at=planned.due_at,
        window_days=planned.window_days, act_at=planned.due_at, owner_role=planned.owner, planned_at=row.opened_at,
        planned_by=by, survives_discharge=planned.anchor is AnchorKind.DISCHARGE,
        outcome="reached" if past else "", closed_at=planned.due_at if past else None, closed_by=by if past else None,
    )  # fmt: skip
