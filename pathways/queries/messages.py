"""Messages as people look at them: what goes, what went, what did not and why; and what a person has to look into."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor, Site
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Attempt, FollowUp, Reminder, Reply
from pathways.queries.sending import about_to_go, send_facts
from pathways.rules.gates import sentence_from_record
from pathways.rules.gates.names import modality_name
from pathways.rules.reminders import GONE, NOT_SENT, OPEN, ReminderStatus, SendDecision, send_check

TOGETHER = (
    "patient", "site", "follow_up", "attendance__session", "reply", "contact_point",
)  # fmt: skip
ORDER = ("-due_at", "-id")
SOONEST_FIRST = ("due_at", "id")
MOST_COUNTED = 1_000


class MessageState(StrEnum):
    """What a message is to whoever looks at the list."""

    NEEDS_PERSON = "needs_person"
    PLANNED = "planned"
    SENT = "sent"
    DELIVERED = "delivered"
    NOT_SENT = "not_sent"
    ALL = "all"


_WANTED = {
    # Unclear ones; what could not be sent while its follow-up is still owed; what was missed during a pause;
    # what went and says an old time.
    MessageState.NEEDS_PERSON: Q(status=ReminderStatus.UNCERTAIN)
    | Q(status=ReminderStatus.FAILED, follow_up__outcome="")
    | Q(status__in=[ReminderStatus.PLANNED, *GONE], needs_person=True),
    MessageState.PLANNED: Q(status__in=[*OPEN, ReminderStatus.SENDING], needs_person=False),
    MessageState.SENT: Q(status=ReminderStatus.SENT),
    MessageState.DELIVERED: Q(status=ReminderStatus.DELIVERED),
    MessageState.NOT_SENT: Q(status__in=list(NOT_SENT)),
    MessageState.ALL: Q(),
}


def messages(
    actor: Actor, *, site: Site | None = None, state: MessageState = MessageState.ALL, channel: str = ""
) -> QuerySet[Reminder]:
    """Messages to people the actor may see, with what they are shown by; order them by `ORDER`."""
    rows = _visible(actor).filter(_WANTED[state]).select_related(*TOGETHER)
    if site is not None:
        rows = rows.filter(site=site)
    return rows.filter(channel=channel) if channel else rows


def _visible(actor: Actor) -> QuerySet[Reminder]:
    return Reminder.objects.visible_to(actor)


def message(actor: Actor, public_id: UUID) -> Reminder:
    """One message. Raises Refused not_found."""
    found = _visible(actor).select_related(*TOGETHER).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def attempts(row: Reminder) -> QuerySet[Attempt]:
    """Every try to send it, the newest first, as sent."""
    return row.attempts.order_by("-number")


def of_follow_up(row: FollowUp) -> QuerySet[Reminder]:
    """The messages of a follow-up, the newest first."""
    return row.reminders.select_related(*TOGETHER).order_by(*ORDER)


def number_for_a_person(actor: Actor, site: Site | None = None) -> int:
    """How many messages somebody has to look into (counted no further than a thousand)."""
    return messages(actor, site=site, state=MessageState.NEEDS_PERSON).order_by()[:MOST_COUNTED].count()


def by_reference(actor: Actor, references: Iterable[str]) -> dict[str, Reminder]:
    """The messages behind these attempts, of people the actor may see; a foreign one is left out. One query."""
    rows = Attempt.objects.filter(public_id__in=list(references), reminder__in=Reminder.objects.visible_to(actor))
    rows = rows.select_related(*(f"reminder__{each}" for each in TOGETHER))
    return {str(each.public_id): each.reminder for each in rows}


def about(row: Reminder | Reply) -> str | Sentence:
    """What a message is about, or answers, as people call it."""
    if row.follow_up is not None:
        return row.follow_up.title
    if row.attendance is not None:
        return row.attendance.session.title or modality_name(row.attendance.session.modality)
    return sentence("message.about_reply")


def why(row: Reminder) -> Sentence | None:
    """Why a message stands where it stands; None where nothing needs to be said."""
    if not row.status_code:
        return None
    return sentence_from_record({"code": row.status_code, "params": row.status_params})


def outlook(row: Reminder, now: datetime) -> SendDecision | None:
    """What sending would say of a message now; None once it has gone or ended."""
    if ReminderStatus(row.status) not in OPEN:
        return None
    return send_check(send_facts(list(about_to_go([row.pk])), now=now)[row.pk], now)
