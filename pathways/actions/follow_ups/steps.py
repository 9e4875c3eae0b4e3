"""Where a follow-up stands on its ladder, and when somebody or something is to act."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pathways.models import FollowUp
from pathways.queries.follow_ups import grace_hours, written_channels
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import LadderFacts, Place, Step, first_step, place_in, step_at
from pathways.rules.moves import MoveKind
from pathways.rules.programs import MESSAGE_RUNGS, Ladder
from patients.queries.part2_consents import support_people


def ladder_of(row: FollowUp) -> Ladder:
    """The ladder of its program version, else the first of it; `enrollment.program_version` must be loaded."""
    return document_of(row.enrollment.program_version).ladder_or_first(row.ladder)


def begin(rows: Collection[FollowUp]) -> None:
    """Set the step each follow-up begins on (not saved): a message where there is an address, else a person's task."""
    for row, facts in zip(rows, _reach(rows), strict=True):
        ladder = ladder_of(row)
        stand_on(row, first_step(ladder, facts), ladder)


def _reach(rows: Collection[FollowUp]) -> list[LadderFacts]:
    """How the patient of each, in this order, can be written to on a step that begins once it is due: two queries."""
    people = {each.patient_id for each in rows}
    channels, grace = written_channels(people), grace_hours(people)
    return [
        LadderFacts(
            started_at=each.due_at,
            can_message=bool(channels.get(each.patient_id)),
            can_second_channel=len(channels.get(each.patient_id, ())) > 1,
            grace_hours=grace.get(each.patient_id, 0),
            zone=each.time_zone,
        )
        for each in rows
    ]


def wait_anew(rows: Collection[FollowUp], grace: int) -> list[FollowUp]:
    """Give the steps that silence ends the present patience of their one patient (not saved). Returns those changed."""
    changed = []
    for row in rows:
        ladder = ladder_of(row)
        until = _waits_until(row, ladder, grace)
        if row.climbs_at is not None and row.climbs_at != until:
            if ladder.rung_at(row.rung).kind in MESSAGE_RUNGS and row.act_at == row.climbs_at:
                row.act_at = until
            row.climbs_at = until
            changed.append(row)
    return changed


def be_patient(row: FollowUp, ladder: Ladder, grace: int) -> None:
    """A try chosen for later than the wait of its step: the wait begins with it (not saved). `grace`: in hours."""
    if row.climbs_at is not None and row.act_at > row.climbs_at:
        row.climbs_at = row.act_at + _wait(row, ladder, grace)


def _waits_until(row: FollowUp, ladder: Ladder, grace: int) -> datetime:
    """Until when silence may last on the step it stands on, by its present wait."""
    until = (row.rung_since or row.due_at) + _wait(row, ladder, grace)
    put_off = row.climbs_at is not None and row.climbs_at > row.act_at > until
    return row.act_at + _wait(row, ladder, grace) if put_off else until


def _wait(row: FollowUp, ladder: Ladder, grace: int) -> timedelta:
    return timedelta(hours=ladder.rung_at(row.rung).wait_hours + grace)


def go_on(places: Sequence[tuple[FollowUp, Place]], now: datetime) -> None:
    """Set where each contact stands that goes on by another version (not saved).

    A step that is the same work goes on as it stood, with the wait it has now. Other work begins now, or once it is
    due, on the first step from there that can be used.
    """
    rows = [row for row, _ in places]
    supported = support_people({row.patient_id for row in rows}, now)
    for (row, place), facts in zip(places, _reach(rows), strict=True):
        stood = row.act_at, row.climbs_at
        began = max(now, row.due_at) if place.begins_anew else row.rung_since or row.due_at
        step = step_at(place, replace(facts, started_at=began, can_support_person=row.patient_id in supported))
        row.ladder = place.ladder.key
        stand_on(row, step, place.ladder)
        if not (place.begins_anew or step.is_message):
            climbs = row.climbs_at is not None
            row.act_at, row.climbs_at = stood
            row.climbs_at = _waits_until(row, place.ladder, facts.grace_hours) if climbs else None


def place_since(row: FollowUp, rung: int, since: datetime) -> Place | None:
    """Where a contact goes on that stood on this step then; None where no version adopted since reads otherwise.

    Adopting leaves what has ended as it ended: it is fitted once it is opened again.
    """
    adopted = row.enrollment.transitions.filter(kind=MoveKind.ADOPT_VERSION, recorded_at__gte=since)
    first = adopted.order_by("recorded_at", "pk").select_related("from_version").defer("from_version__document").first()
    if first is None or first.from_version is None:
        return None
    new, old = document_of(row.enrollment.program_version), document_of(first.from_version)
    return place_in(new, old, rule_key=row.rule_key, ladder=row.ladder, rung=rung)


def stand_on(row: FollowUp, step: Step, ladder: Ladder) -> None:
    """Set the step (not saved): a message acts when its wait is over, a person's task when it begins.

    A step that names a role is that role's work, whoever owned the one before.
    """
    row.rung, row.rung_since = step.rung, step.starts_at
    row.act_at = step.waits_until if step.is_message else step.starts_at
    row.climbs_at = step.waits_until if step.rung < len(ladder.rungs) - 1 else None
    if step.role is not None:
        if step.role != row.owner_role:
            row.owner = None
        row.owner_role = step.role
