"""Where on its ladder a follow-up stands, and what silence does next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.follow_ups.places import Place
from pathways.rules.programs import MESSAGE_RUNGS, Ladder, Rung, RungKind

# Steps on which somebody of the clinic speaks with the patient.
OUR_OWN = (RungKind.STAFF_CALL, RungKind.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class LadderFacts:
    """What is known of a follow-up on its ladder.

    started_at: when its present rung began (for the first: the follow-up's due time) · answered: the patient answered,
    or somebody was reached · tries: calls made on this rung · can_message, can_second_channel: a consented, usable
    channel is there · can_support_person: a consent in force names one; without it the rung is passed over ·
    grace_hours: extra patience for this patient, on every rung · zone: the IANA zone in which the sentence tells the
    time.
    """

    started_at: datetime
    answered: bool = False
    tries: int = 0
    can_message: bool = True
    can_second_channel: bool = False
    can_support_person: bool = False
    grace_hours: int = 0
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Step:
    """The rung a follow-up stands on: which (from 0), since when, until when silence may last, and whose task it is.

    `role` is None for a message, or where the follow-up's own owner calls. `sentence` says what silence will do.
    """

    rung: int
    kind: RungKind
    starts_at: datetime
    waits_until: datetime
    role: Role | None
    template: str | None
    sentence: Sentence

    @property
    def is_message(self) -> bool:
        """Whether the product sends it; otherwise it is a task for a person."""
        return self.kind in MESSAGE_RUNGS


def first_step(ladder: Ladder, facts: LadderFacts) -> Step:
    """Where a follow-up begins: the first rung that can be used. The last rung always can."""
    return _step(ladder, _usable_from(ladder, 0, facts), facts.started_at, facts)


def next_step(ladder: Ladder, rung: int, facts: LadderFacts, now: datetime) -> Step | None:
    """The step a follow-up stands on at `now`. None once there was an answer: it stops the ladder.

    Silence past the wait of the rung, or the tries of a call used up, climbs one usable rung at a time, each beginning
    when the one before ended. On the last rung it stays until a person decides. Raises ValueError for a rung the
    ladder does not have.
    """
    if not 0 <= rung < len(ladder.rungs):
        raise ValueError(f"{ladder.key} has no step {rung}")
    if facts.answered:
        return None
    place = _usable_from(ladder, rung, facts)
    starts_at = facts.started_at
    tries = facts.tries if place == rung else 0
    while place < len(ladder.rungs) - 1 and _over(ladder.rungs[place], starts_at, tries, facts, now):
        starts_at = _ends_at(ladder.rungs[place], starts_at, tries, facts, now)
        place = _usable_from(ladder, place + 1, facts)
        tries = 0
    return _step(ladder, place, starts_at, facts)


def look_step(ladder: Ladder, rung: int, facts: LadderFacts, now: datetime) -> Step:
    """Where a follow-up stands once the patient has answered: with the first of our own people from this step on.

    No further message goes, and silence of the patient moves it no more; what a person then leaves undone climbs as
    any task of theirs does. One that stands with them already stays where it is. Raises ValueError as `next_step`.
    """
    if not 0 <= rung < len(ladder.rungs):
        raise ValueError(f"{ladder.key} has no step {rung}")
    last = len(ladder.rungs) - 1
    place = rung
    while place < last and ladder.rungs[place].kind not in OUR_OWN:
        place += 1
    return _step(ladder, place, facts.started_at if place == rung else now, facts)


def step_at(place: Place, facts: LadderFacts) -> Step:
    """The step of a place, begun at `facts.started_at`; where it begins anew, the first from there that can be used."""
    rung = _usable_from(place.ladder, place.rung, facts) if place.begins_anew else place.rung
    return _step(place.ladder, rung, facts.started_at, facts)


def passed_over(ladder: Ladder, facts: LadderFacts) -> frozenset[int]:
    """The steps that cannot be used for this patient just now."""
    return frozenset(place for place in range(len(ladder.rungs) - 1) if _usable_from(ladder, place, facts) != place)


def _over(rung: Rung, starts_at: datetime, tries: int, facts: LadderFacts, now: datetime) -> bool:
    used_up = rung.kind is RungKind.STAFF_CALL and tries >= rung.tries
    return used_up or now >= _wait_ends(rung, starts_at, facts)


def _ends_at(rung: Rung, starts_at: datetime, tries: int, facts: LadderFacts, now: datetime) -> datetime:
    waited = _wait_ends(rung, starts_at, facts)
    used_up = rung.kind is RungKind.STAFF_CALL and tries >= rung.tries
    return min(now, waited) if used_up else waited


def _wait_ends(rung: Rung, starts_at: datetime, facts: LadderFacts) -> datetime:
    return starts_at + timedelta(hours=rung.wait_hours + facts.grace_hours)


def _usable_from(ladder: Ladder, place: int, facts: LadderFacts) -> int:
    """The first rung from `place` on that can be used; the last one if there is none before it."""
    usable = {
        RungKind.MESSAGE: facts.can_message,
        RungKind.SECOND_CHANNEL: facts.can_second_channel,
        RungKind.SUPPORT_PERSON: facts.can_support_person,
    }
    last = len(ladder.rungs) - 1
    while place < last and not usable.get(ladder.rungs[place].kind, True):
        place += 1
    return place


def _step(ladder: Ladder, place: int, starts_at: datetime, facts: LadderFacts) -> Step:
    rung = ladder.rungs[place]
    waits_until = _wait_ends(rung, starts_at, facts)
    return Step(
        place, rung.kind, starts_at, waits_until, rung.role, rung.template, _said(ladder, place, waits_until, facts)
    )


def _said(ladder: Ladder, place: int, waits_until: datetime, facts: LadderFacts) -> Sentence:
    step, of, kind = place + 1, len(ladder.rungs), ladder.rungs[place].kind
    if place == len(ladder.rungs) - 1:
        return sentence("follow_up.ladder.last", step=step, of=of, kind=kind)
    local = waits_until.astimezone(ZoneInfo(facts.zone))
    following = ladder.rungs[_usable_from(ladder, place + 1, facts)].kind
    return sentence("follow_up.ladder.step", step=step, of=of, kind=kind, following=following, at=local)
