"""How a follow-up ends, who may decide it, and what the result of one call means."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The one outcome a follow-up ends in (model.md, FollowUp)."""

    REACHED = "reached"
    KEPT = "kept"
    RESCHEDULED = "rescheduled"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """Who may decide an outcome, and what it says about the contact.

    contact_made: the patient was met or spoken to · needs_note: a person must say why ·
    needs_next: only where the next contact of the same rule is to come, which takes its place.
    """

    by_person: bool
    by_job: bool
    contact_made: bool = False
    needs_note: bool = False
    needs_next: bool = False


OUTCOMES: dict[Outcome, OutcomeRule] = {
    Outcome.REACHED: OutcomeRule(by_person=True, by_job=True, contact_made=True),
    Outcome.KEPT: OutcomeRule(by_person=True, by_job=True, contact_made=True),
    # Left for the next one. Another day is given to the contact itself, which stays open: nothing is left unowed.
    Outcome.RESCHEDULED: OutcomeRule(by_person=True, by_job=False, needs_next=True),
    Outcome.DECLINED: OutcomeRule(by_person=True, by_job=True),
    Outcome.UNREACHABLE: OutcomeRule(by_person=True, by_job=False, needs_note=True),
    Outcome.CANCELLED: OutcomeRule(by_person=True, by_job=True, needs_note=True),
    Outcome.SUPERSEDED: OutcomeRule(by_person=False, by_job=True),
}

# Contacts that ended so are ones in which somebody of the clinic spoke with the person.
SPOKEN_TO = (Outcome.REACHED, Outcome.DECLINED)


def may_decide(outcome: Outcome, *, is_person: bool) -> bool:
    """Whether whoever asks may end a follow-up this way: a person, or else a program, which may do only what both a
    person and a job of ours may. Nobody is given up on by a machine."""
    rule = OUTCOMES[outcome]
    return rule.by_person and (is_person or rule.by_job)


class CallResult(StrEnum):
    """What came of one call."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What the result of a call leads to.

    closes: the outcome that ends the follow-up · again_after_hours: when to try again, at another hour of the day ·
    climbs: counts as silence, so that the ladder goes on after the last try.
    """

    closes: Outcome | None = None
    again_after_hours: int | None = None
    climbs: bool = False


# A call at another hour the next day: follow-up.md, missed-contact ladder (local default). 27 h is a day and three
# hours, so that the second try does not meet the same hour of the day.
AGAIN_AT_ANOTHER_HOUR = 27
CONSEQUENCES: dict[CallResult, Consequence] = {
    CallResult.REACHED: Consequence(closes=Outcome.REACHED),
    CallResult.DECLINED: Consequence(closes=Outcome.DECLINED),
    CallResult.NO_ANSWER: Consequence(again_after_hours=AGAIN_AT_ANOTHER_HOUR, climbs=True),
    CallResult.LEFT_MESSAGE: Consequence(again_after_hours=AGAIN_AT_ANOTHER_HOUR, climbs=True),
}
