"""Where on its ladder a follow-up stands, and what silence does next."""

from dataclasses import dataclass, replace
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
    or somebody was reached · tries: calls made on this rung · came_to_nothing: the message of this rung did, so that it
    is passed over · can_message, can_second_channel: a consented, usable channel is there · can_support_person: a
    consent in force names one; without it the rung is passed over · grace_hours: extra patience for this patient, on
    every rung · patient_until: no silence ends this rung before then, whatever its wait: somebody chose a later try ·
    zone: the IANA zone in which the sentence tells the time.
    """

    started_at: datetime
    answered: bool = False
    tries: int = 0
    came_to_nothing: bool = False
    can_message: bool = True
    can_second_channel: bool = False
    can_support_person: bool = False
    grace_hours: int = 0
    patient_until: datetime | None = None
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
    return _step(ladder, _usable_from(ladder, 0, facts), facts)


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
    place = _usable_from(ladder, _after_nothing(ladder, rung, facts), facts)
    known = facts if place == rung else _elsewhere(facts)
    while place < len(ladder.rungs) - 1 and _over(ladder.rungs[place], known, now):
        known = replace(_elsewhere(known), started_at=_ends_at(ladder.rungs[place], known, now))
        place = _usable_from(ladder, place + 1, known)
    return _step(ladder, place, known)


def step_after_call(ladder: Ladder, rung: int, facts: LadderFacts, now: datetime) -> Step | None:
    """The step to which the last of a step's calls without an answer leads. None while one is left, or where the step
    is no call: silence alone moves it then, in its own time. Raises ValueError as `next_step`."""
    step = next_step(ladder, rung, facts, now)
    used_up = _used_up(ladder.rungs[rung], facts.tries)
    return step if used_up and step is not None and step.rung != rung else None


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
    return _step(ladder, place, facts if place == rung else replace(_elsewhere(facts), started_at=now))


def step_at(place: Place, facts: LadderFacts) -> Step:
    """The step of a place, begun at `facts.started_at`; where it begins anew, the first from there that can be used."""
    rung = _usable_from(place.ladder, place.rung, facts) if place.begins_anew else place.rung
    return _step(place.ladder, rung, facts)


def passed_over(ladder: Ladder, facts: LadderFacts) -> frozenset[int]:
    """The steps that cannot be used for this patient just now."""
    return frozenset(place for place in range(len(ladder.rungs) - 1) if _usable_from(ladder, place, facts) != place)


def _after_nothing(ladder: Ladder, rung: int, facts: LadderFacts) -> int:
    """The rung from which to look on: past a message that came to nothing, whichever channel it was for."""
    passed = facts.came_to_nothing and ladder.rungs[rung].kind in MESSAGE_RUNGS
    return min(rung + 1, len(ladder.rungs) - 1) if passed else rung


def _elsewhere(facts: LadderFacts) -> LadderFacts:
    """What is known of the contact on another rung than the one it stands on."""
    return replace(facts, tries=0, came_to_nothing=False, patient_until=None)


def _over(rung: Rung, facts: LadderFacts, now: datetime) -> bool:
    return _used_up(rung, facts.tries) or now >= _wait_ends(rung, facts)


def _ends_at(rung: Rung, facts: LadderFacts, now: datetime) -> datetime:
    waited = _wait_ends(rung, facts)
    return min(now, waited) if _used_up(rung, facts.tries) else waited


def _used_up(rung: Rung, tries: int) -> bool:
    return rung.kind is RungKind.STAFF_CALL and tries >= rung.tries


def _wait_ends(rung: Rung, facts: LadderFacts) -> datetime:
    waited = facts.started_at + timedelta(hours=rung.wait_hours + facts.grace_hours)
    return max(waited, facts.patient_until) if facts.patient_until else waited


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


def _step(ladder: Ladder, place: int, facts: LadderFacts) -> Step:
    rung = ladder.rungs[place]
    waits_until = _wait_ends(rung, facts)
    return Step(
        place,
        rung.kind,
        facts.started_at,
        waits_until,
        rung.role,
        rung.template,
        _said(ladder, place, waits_until, facts),
    )


def _said(ladder: Ladder, place: int, waits_until: datetime, facts: LadderFacts) -> Sentence:
    step, of, kind = place + 1, len(ladder.rungs), ladder.rungs[place].kind
    if place == len(ladder.rungs) - 1:
        return sentence("follow_up.ladder.last", step=step, of=of, kind=kind)
    local = waits_until.astimezone(ZoneInfo(facts.zone))
    following = ladder.rungs[_usable_from(ladder, place + 1, facts)].kind
    return sentence("follow_up.ladder.step", step=step, of=of, kind=kind, following=following, at=local)
