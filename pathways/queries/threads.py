"""What was said with somebody in writing, in order: what went out and what came back."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from clinic.models import Actor
from pathways.models import Attempt, Reply
from pathways.queries.senders import contact_points_at
from pathways.rules.reminders import OutcomeKind
from patients.models import ContactPoint, Patient

MOST_SAID = 100
WENT = (OutcomeKind.SENT, OutcomeKind.DELIVERED, OutcomeKind.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread: what came in, or what went out."""

    at: datetime
    came: Reply | None = None
    went: Attempt | None = None


def with_person(actor: Actor, patient: Patient) -> list[Said]:
    """The newest of what was said with somebody, the oldest first. Two queries."""
    return _in_order(
        Reply.objects.visible_to(actor).filter(patient=patient), Attempt.objects.filter(reminder__patient=patient)
    )


def at_address(actor: Actor, channel: str, address: str) -> list[Said]:
    """The same with an address, where it is not known who writes: of people the actor may see, and of nobody."""
    seen = Patient.objects.visible_to(actor)
    came = Reply.objects.visible_to(actor).filter(channel=channel, address=address)
    went = Attempt.objects.filter(
        channel=channel, reminder__contact_point__address=address, address=address, reminder__patient__in=seen
    )
    return _in_order(came, went)


def of(actor: Actor, row: Reply) -> list[Said]:
    """The thread a reply stands in."""
    return with_person(actor, row.patient) if row.patient is not None else at_address(actor, row.channel, row.address)


def who_it_may_be(actor: Actor, row: Reply) -> list[ContactPoint]:
    """Everybody the actor may see who has the address a reply came from."""
    seen = Patient.objects.visible_to(actor).filter(
        pk__in=[each.patient_id for each in contact_points_at(row.channel, row.address)]
    )
    known = set(seen.values_list("pk", flat=True))
    return [each for each in contact_points_at(row.channel, row.address) if each.patient_id in known]


def _in_order(came: QuerySet[Reply], went: QuerySet[Attempt]) -> list[Said]:
    replies = came.select_related("patient").order_by("-received_at", "-pk")[:MOST_SAID]
    tries = went.filter(Q(outcome__in=[each.value for each in WENT])).select_related("reminder__patient")
    found = [Said(each.received_at, came=each) for each in replies]
    found += [Said(each.started_at, went=each) for each in tries.order_by("-started_at", "-pk")[:MOST_SAID]]
    return sorted(found, key=lambda each: each.at)[-MOST_SAID:]
