"""What a reply leads to: what it does, whether a person has to see to it, and the one answer it gets.

Sources: model.md, "Reply"; follow-up.md, "Rules on texting" (one confirming text within five minutes; after a stop only
START begins again, YES is asked back by a person; a wrong person's reply suspends the number). A number that several
people have: a stop closes it for all of them, and a person asks who meant more than that number; anything else counts
for the one whose message it answers, and where that is not plain a person decides. Nobody is told of anybody else.
Words of danger always reach a person, whatever else was said.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from pathways.rules.replies.reading import Intent, Reading

# A reply answers the newest message of the last week that still waits for one (L).
ANSWERS_WITHIN = timedelta(days=7)
# At most one automatic answer to one address in this time: two machines that answer each other stop at once (L).
ONE_ANSWER_IN = timedelta(minutes=5)


class ReplyChannel(StrEnum):
    """How something somebody said came in: by message, or from a page of their own."""

    SMS = "sms"
    EMAIL = "email"
    LINK = "link"


class Sender(StrEnum):
    """Who has the address a reply came from."""

    ONE = "one"
    SEVERAL = "several"
    NOBODY = "nobody"


class ReplyEffect(StrEnum):
    """What a reply did."""

    CONFIRMED = "confirmed"
    ANSWERED = "answered"
    RESCHEDULE_ASKED = "reschedule_asked"
    CALLED_OFF = "called_off"
    STOPPED = "stopped"
    STOPPED_BEFORE = "stopped_before"
    STARTED = "started"
    HELPED = "helped"
    SUSPENDED = "suspended"
    PASSED_ON = "passed_on"
    AFTER_A_STOP = "after_a_stop"
    WHO_IS_IT = "who_is_it"
    COURTESY = "courtesy"
    AUTOMATIC = "automatic"
    LINK_LOCKED = "link_locked"


# What came in and was not from the person: a machine's answer, or somebody else's. It breaks no silence.
NOT_FROM_THEM = frozenset({ReplyEffect.AUTOMATIC, ReplyEffect.LINK_LOCKED, ReplyEffect.SUSPENDED})


class Answer(StrEnum):
    """The kinds of message that answer a reply (`pathways/messages`)."""

    CONFIRMED = "reply.confirmed"
    STOPPED = "reply.stopped"
    HELP = "reply.help"
    STARTED = "reply.started"
    PASSED_ON = "reply.passed_on"
    DANGER = "reply.danger"
    WRONG_PERSON = "reply.wrong_person"
    PLEASE_CALL = "reply.please_call"


# What must be answered whatever was answered before it, each once in that time: rights, and where help is.
ALWAYS_ANSWERED = frozenset({Answer.STOPPED, Answer.STARTED, Answer.HELP, Answer.DANGER})


class Turn(IntEnum):
    """Who answers a reply, each once: the house at once, by itself; then a person who asks them to call."""

    ACKNOWLEDGED = 0
    ASKED = 1


class Handling(StrEnum):
    """What a person did about a reply."""

    CALLED = "called"
    NEW_TIME = "new_time"
    ASKED_TO_CALL = "asked_to_call"
    PASSED_ON = "passed_on"
    NO_ANSWER_NEEDED = "no_answer_needed"


# What a person can say they did; asking somebody to call is a verb of its own.
BY_A_PERSON = (Handling.CALLED, Handling.NEW_TIME, Handling.PASSED_ON, Handling.NO_ANSWER_NEEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFacts:
    """What is known when a reply comes in.

    `waiting`: how many people at this address have been sent something that waits for an answer. `appointment`: the
    one message it answers was about an appointment. `wishes`: they have asked for another time of it, and nobody has
    seen to that yet. `stopped`: an opt-out of this address or person is in force.
    `suspended`: something else than their own opt-out closes the address. `automatic`: a machine of theirs wrote it.
    """

    reading: Reading
    sender: Sender
    waiting: int = 0
    appointment: bool = False
    wishes: bool = False
    stopped: bool = False
    suspended: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a reply leads to. `answer`: the one message that goes back, if any."""

    effect: ReplyEffect
    needs_person: bool
    answer: Answer | None = None


def consequence(facts: ReplyFacts) -> Consequence:
    """What a reply leads to. Whatever it is, it leads to exactly one effect; nothing is lost without a person seeing it
    but thanks, machines' mail, and what the effect has dealt with wholly."""
    if facts.automatic:
        return Consequence(ReplyEffect.AUTOMATIC, needs_person=False)
    led = _led_to(facts)
    return _in_danger(led) if facts.reading.urgent else led


def _in_danger(led: Consequence) -> Consequence:
    """A person looks, and they are told where help is, after a stop and beside one too: it stops all the same."""
    effect = ReplyEffect.PASSED_ON if led.effect is ReplyEffect.AFTER_A_STOP else led.effect
    return Consequence(effect, True, Answer.DANGER)


def _led_to(facts: ReplyFacts) -> Consequence:
    match facts.reading.intent:
        case Intent.STOP:
            return _stop(facts)
        case Intent.WRONG_PERSON:
            answer = None if facts.stopped or facts.sender is Sender.NOBODY else Answer.WRONG_PERSON
            return Consequence(ReplyEffect.SUSPENDED, True, answer)
        case Intent.HELP:
            return Consequence(ReplyEffect.HELPED, facts.sender is Sender.NOBODY, Answer.HELP)
        case Intent.START:
            return _start(facts)
    return _after_a_stop(facts) or _from_nobody_known(facts) or _talk(facts)


def once_known(
    intent: Intent,
    *,
    about_appointment: bool,
    about_contact: bool,
    reachable: bool,
    suspended: bool,
    wishes: bool = False,
) -> Consequence | None:
    """What a reply leads to once a person has said whose it is; None where it still is for somebody to see to.

    `about_appointment`, `about_contact`: what that person had been asked. `reachable`: the address is one of theirs.
    `wishes`: as in `ReplyFacts`.
    """
    match intent:
        case Intent.CONFIRM if about_appointment and not wishes:
            return Consequence(ReplyEffect.CONFIRMED, needs_person=False)
        case Intent.CONFIRM if about_contact:
            return Consequence(ReplyEffect.ANSWERED, needs_person=False)
        case Intent.START if reachable and not suspended:
            return Consequence(ReplyEffect.STARTED, needs_person=False)
        case Intent.STOP if reachable:
            return Consequence(ReplyEffect.STOPPED, needs_person=True)
        case Intent.RESCHEDULE:
            return Consequence(ReplyEffect.RESCHEDULE_ASKED, needs_person=True)
        case Intent.FREE_TEXT:
            return Consequence(ReplyEffect.PASSED_ON, needs_person=True)
    return None


def _stop(facts: ReplyFacts) -> Consequence:
    if facts.stopped:
        return Consequence(ReplyEffect.STOPPED_BEFORE, facts.reading.to_be_read)
    whose = facts.sender is not Sender.ONE
    return Consequence(ReplyEffect.STOPPED, whose or facts.reading.to_be_read, Answer.STOPPED)


def _start(facts: ReplyFacts) -> Consequence:
    """Begins again what their own stop had ended. Nobody agrees for somebody else who has the same number."""
    if facts.sender is not Sender.ONE:
        return Consequence(ReplyEffect.WHO_IS_IT, needs_person=True)
    if facts.suspended:
        return Consequence(ReplyEffect.PASSED_ON, needs_person=True)
    return Consequence(ReplyEffect.STARTED, False, Answer.STARTED)


def _after_a_stop(facts: ReplyFacts) -> Consequence | None:
    """Kept, never answered by a machine: a person asks back where it is more than thanks."""
    if not facts.stopped and not facts.suspended:
        return None
    return Consequence(ReplyEffect.AFTER_A_STOP, not facts.reading.courtesy)


def _from_nobody_known(facts: ReplyFacts) -> Consequence | None:
    if facts.sender is not Sender.NOBODY:
        return None
    return Consequence(ReplyEffect.WHO_IS_IT, needs_person=True)


def _talk(facts: ReplyFacts) -> Consequence:
    """A polite "ok" to the acknowledgement of a wish is no yes to the time they cannot come at: a person reads it."""
    if facts.reading.courtesy:
        return Consequence(ReplyEffect.COURTESY, needs_person=False)
    unclear = facts.sender is Sender.SEVERAL and facts.waiting != 1
    if facts.reading.intent is Intent.CONFIRM and not unclear and not facts.wishes:
        effect = ReplyEffect.CONFIRMED if facts.appointment else ReplyEffect.ANSWERED
        return Consequence(effect, False, Answer.CONFIRMED)
    if unclear or (facts.sender is Sender.SEVERAL and facts.reading.intent is Intent.FREE_TEXT):
        return Consequence(ReplyEffect.WHO_IS_IT, True, Answer.PASSED_ON)
    asked = facts.reading.intent is Intent.RESCHEDULE
    return Consequence(ReplyEffect.RESCHEDULE_ASKED if asked else ReplyEffect.PASSED_ON, True, Answer.PASSED_ON)
