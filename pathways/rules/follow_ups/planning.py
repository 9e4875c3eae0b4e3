"""Which contacts are owed after an event: from the program's rules, always the same for the same facts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta

from clinic.rules.opening_hours import to_utc
from clinic.rules.roles import Role
from pathways.rules.follow_ups.outcomes import Outcome
from pathways.rules.programs import (
    AdaptiveMonths,
    AnchorKind,
    ContactMode,
    Every,
    FollowUpRule,
    Offsets,
    ProgramDocument,
    Purpose,
)

# How far an open-ended recurrence is planned beyond its anchor or today; the nightly run plans on. Local default.
PLAN_AHEAD_DAYS = 90
# The first two check-ups come after one month each, whatever the first one finds (RMC-Adaptive, NCT04365920).
FIRST_MONTHS = 2

Key = tuple[str, UUID, int]


@dataclass(frozen=True, slots=True)
class Anchor:
    """The event contacts count from: the transition or stay (`event_id`), and its day in the site's zone.

    `known_on` is the day it was recorded: contacts whose time was over by then are not planned, for nobody could have
    kept them. It must stay the same whenever the anchor is planned again.
    """

    kind: AnchorKind
    event_id: UUID
    on: date
    known_on: date
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class ExistingFollowUp:
    """A follow-up that was planned before.

    outcome: None while open · by_hand: moved by a person, so that planning leaves its date alone · need: what a
    recovery check-up found (None: not known, or not asked).
    """

    public_id: UUID
    rule_key: str
    anchor_event_id: UUID
    occurrence: int
    due_on: date
    due_time: time
    zone: str
    outcome: Outcome | None = None
    by_hand: bool = False
    need: bool | None = None

    @property
    def key(self) -> Key:
        """What makes it the same contact: rule, anchor event, occurrence."""
        return (self.rule_key, self.anchor_event_id, self.occurrence)


@dataclass(frozen=True, slots=True)
class PlannedFollowUp:
    """One dated contact owed. `due_at` is the UTC moment of the wall time; the wall time and its zone are what counts.

    The contact may be made from `due_on` to `last_day` and is overdue after it. `occurrence` counts from 1.
    """

    rule_key: str
    anchor: AnchorKind
    anchor_event_id: UUID
    occurrence: int
    title: str
    purpose: Purpose
    mode: ContactMode
    due_on: date
    due_time: time
    zone: str
    due_at: datetime
    window_days: int
    instrument: str | None
    template: str | None
    ladder: str
    owner: Role

    @property
    def key(self) -> Key:
        """What makes it the same contact: rule, anchor event, occurrence."""
        return (self.rule_key, self.anchor_event_id, self.occurrence)

    @property
    def last_day(self) -> date:
        """The last day on which the contact is in time."""
        return self.due_on + timedelta(days=self.window_days)


@dataclass(frozen=True, slots=True)
class Replan:
    """What planning again changes: rows to add, open ones to cancel, open ones whose date moves, the rest kept."""

    to_create: tuple[PlannedFollowUp, ...]
    to_cancel: tuple[ExistingFollowUp, ...]
    to_move: tuple[tuple[ExistingFollowUp, PlannedFollowUp], ...]
    to_keep: tuple[ExistingFollowUp, ...]

    @property
    def nothing_to_do(self) -> bool:
        """Whether what is planned stands already."""
        return not (self.to_create or self.to_cancel or self.to_move)


def rules_for(document: ProgramDocument, kind: AnchorKind, phase: str | None = None) -> tuple[FollowUpRule, ...]:
    """The rules an event sets off; a phase entry only those of its phase."""
    return tuple(
        rule
        for rule in document.follow_ups
        if rule.anchor is kind and (kind is not AnchorKind.PHASE_ENTRY or not rule.phases or phase in rule.phases)
    )


def plan(
    rules: Iterable[FollowUpRule],
    anchor: Anchor,
    existing: Iterable[ExistingFollowUp],
    zone: str,
    *,
    through: date | None = None,
) -> tuple[PlannedFollowUp, ...]:
    """Every contact the rules owe after the anchor, by due time, then rule, then occurrence.

    `zone` is the recipient's IANA zone, in which the wall times stand. A rule without an end is planned to `through`
    (left out: PLAN_AHEAD_DAYS after the anchor), and never less far than it was planned before. Same facts, same plan.
    """
    before = [each for each in existing if each.anchor_event_id == anchor.event_id]
    horizon = through or anchor.on + timedelta(days=PLAN_AHEAD_DAYS)
    planned = [
        contact
        for rule in rules
        if _applies(rule, anchor)
        for contact in _contacts(rule, anchor, before, zone, horizon)
    ]
    return tuple(sorted(planned, key=lambda each: (each.due_at, each.rule_key, each.occurrence)))


def replan(existing: Iterable[ExistingFollowUp], planned: Iterable[PlannedFollowUp]) -> Replan:
    """What turns the contacts that stand into those that are planned.

    Give the existing contacts of the anchors that were planned. Only open ones are cancelled or moved; what has an
    outcome stays as it is and is never planned twice; what a person moved by hand keeps its date. When a phase or a
    hold ends, plan nothing for its anchor and its open contacts are cancelled.
    """
    stands = {each.key: each for each in sorted(existing, key=lambda each: (each.due_on, str(each.public_id)))}
    wanted = {each.key: each for each in planned}
    moves = []
    keep = []
    for key, old in stands.items():
        new = wanted.get(key)
        if new is not None and _moved(old, new):
            moves.append((old, new))
        elif new is not None or old.outcome is not None:
            keep.append(old)
    return Replan(
        to_create=tuple(new for key, new in wanted.items() if key not in stands),
        to_cancel=tuple(old for key, old in stands.items() if key not in wanted and old.outcome is None),
        to_move=tuple(moves),
        to_keep=tuple(keep),
    )


def still_to_come(change: Replan, after: datetime) -> Replan:
    """The part of a change that touches only what is due after a moment: what was due by then stays as it is."""
    moves = tuple(pair for pair in change.to_move if _is_after(pair[0], after))
    cancels = tuple(each for each in change.to_cancel if _is_after(each, after))
    kept = [old for old, _ in change.to_move if not _is_after(old, after)]
    kept += [each for each in change.to_cancel if not _is_after(each, after)]
    return Replan(
        to_create=tuple(each for each in change.to_create if each.due_at > after),
        to_cancel=cancels,
        to_move=moves,
        to_keep=(*change.to_keep, *kept),
    )


def _is_after(row: ExistingFollowUp, moment: datetime) -> bool:
    return to_utc(datetime.combine(row.due_on, row.due_time), row.zone) > moment


def adaptive_months(
    needs: Mapping[int, bool | None], for_months: int, first_month: int = 1
) -> Iterator[tuple[int, int]]:
    """The check-ups of RMC-Adaptive: (occurrence, months after the anchor), up to `for_months`.

    Months 1 and 2 (or 2 alone, where other contacts fill the first month); then the interval grows by a month after
    each check-up without need (1, 2, 4, 7, 11, 16, 22 if there is never need) and goes back to one month after a
    check-up with need. A check-up whose finding is not known is planned as without need. Source: follow-up.md (trial
    record NCT04365920; the sequence is our reading).
    """
    month, interval, occurrence = first_month, 1, 1
    while month <= for_months:
        yield occurrence, month
        if needs.get(occurrence):
            interval = 1
        elif month >= FIRST_MONTHS:
            interval += 1
        month += interval
        occurrence += 1


def _moved(old: ExistingFollowUp, new: PlannedFollowUp) -> bool:
    if old.outcome is not None or old.by_hand:
        return False
    return (old.due_on, old.due_time, old.zone) != (new.due_on, new.due_time, new.zone)


def _applies(rule: FollowUpRule, anchor: Anchor) -> bool:
    if rule.anchor is not anchor.kind:
        return False
    return rule.anchor is not AnchorKind.PHASE_ENTRY or not rule.phases or anchor.phase in rule.phases


def _contacts(
    rule: FollowUpRule,
    anchor: Anchor,
    before: Sequence[ExistingFollowUp],
    zone: str,
    horizon: date,
) -> Iterator[PlannedFollowUp]:
    mine = {each.occurrence: each for each in before if each.rule_key == rule.rule_key}
    for occurrence, due_on in _days(rule, anchor, mine, horizon):
        contact = _contact(rule, anchor, occurrence, due_on, zone)
        if contact.last_day >= anchor.known_on:
            yield contact


def _days(
    rule: FollowUpRule,
    anchor: Anchor,
    mine: Mapping[int, ExistingFollowUp],
    horizon: date,
) -> Iterator[tuple[int, date]]:
    """The occurrences of a rule and their days."""
    match rule.schedule:
        case Offsets(days):
            for occurrence, offset in enumerate(days, start=1):
                yield occurrence, anchor.on + timedelta(days=offset)
        case Every():
            yield from _recurring(rule.schedule, anchor, mine, horizon)
        case AdaptiveMonths(for_months, first_month):
            needs = {occurrence: each.need for occurrence, each in mine.items()}
            for occurrence, months in adaptive_months(needs, for_months, first_month):
                yield occurrence, anchor.on + relativedelta(months=months)


def _recurring(
    every: Every,
    anchor: Anchor,
    mine: Mapping[int, ExistingFollowUp],
    horizon: date,
) -> Iterator[tuple[int, date]]:
    planned_before = max(mine, default=0)
    occurrence, offset = 1, every.first_day
    while every.for_days is None or offset <= every.for_days:
        due_on = anchor.on + timedelta(days=offset)
        if every.for_days is None and due_on > horizon and occurrence > planned_before:
            return
        yield occurrence, due_on
        occurrence, offset = occurrence + 1, offset + every.every_days


def _contact(rule: FollowUpRule, anchor: Anchor, occurrence: int, due_on: date, zone: str) -> PlannedFollowUp:
    return PlannedFollowUp(
        rule_key=rule.rule_key,
        anchor=anchor.kind,
        anchor_event_id=anchor.event_id,
        occurrence=occurrence,
        title=rule.title,
        purpose=rule.purpose,
        mode=rule.mode,
        due_on=due_on,
        due_time=rule.at,
        zone=zone,
        due_at=to_utc(datetime.combine(due_on, rule.at), zone),
        window_days=rule.window_days,
        instrument=rule.instrument,
        template=rule.template,
        ladder=rule.ladder,
        owner=rule.owner,
    )
