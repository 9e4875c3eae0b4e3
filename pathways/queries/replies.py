"""What people wrote: what waits for a person, what was said with somebody in order, and what was answered."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import bad_input, not_found
from clinic.models import Actor, Site
from clinic.rules.sentences import sentence
from pathways.models import Reminder, Reply
from pathways.queries.senders import contact_points_at
from pathways.queries.templates import Asked, templates_in_force
from pathways.rules.messages import render
from pathways.rules.reminders import ReminderStatus
from pathways.rules.replies import ONE_ANSWER_IN, Answer, ReplyEffect, Turn
from patients.models import Patient

TOGETHER = ("patient", "site", "contact_point", "follow_up", "attendance__session", "handled_by")
ORDER = ("-received_at", "-id")
OLDEST_FIRST = ("received_at", "id")
MOST_COUNTED = 1_000
NEVER_WENT = (ReminderStatus.SUPPRESSED, ReminderStatus.EXPIRED, ReminderStatus.CANCELLED)


def replies(actor: Actor) -> QuerySet[Reply]:
    """Every reply the actor may see, with what it is shown by."""
    return Reply.objects.visible_to(actor).select_related(*TOGETHER)


def reply(actor: Actor, public_id: UUID) -> Reply:
    """One reply. Raises Refused not_found."""
    found = replies(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def waiting(site: Site, actor: Actor) -> QuerySet[Reply]:
    """What came in at a site and waits for a person, the longest waiting first."""
    return listed(actor, site, waiting=True).order_by(*OLDEST_FIRST)


def listed(actor: Actor, site: Site | None, *, waiting: bool) -> QuerySet[Reply]:
    """What came in at a site: everything, or what waits for a person. Order it by `ORDER` or `OLDEST_FIRST`."""
    rows = Reply.objects.visible_to(actor)
    rows = rows.waiting() if waiting else rows
    return (rows.filter(site=site) if site is not None else rows).select_related(*TOGETHER)


def that_wait(rows: QuerySet[Reply]) -> QuerySet[Reply]:
    """Those of them a person has to see to still."""
    return rows.filter(needs_person=True, handled_at__isnull=True)


def number_waiting(actor: Actor, site: Site | None) -> int:
    """How many replies wait for a person (counted no further than a thousand)."""
    return listed(actor, site, waiting=True).order_by()[:MOST_COUNTED].count()


def of_patient(actor: Actor, patient: Patient) -> QuerySet[Reply]:
    """What somebody wrote, the newest first."""
    return replies(actor).filter(patient=patient).order_by(*ORDER)


def seen_among(actor: Actor, ids: Collection[UUID]) -> set[UUID]:
    """Those of these replies that the actor may see."""
    return set(Reply.objects.visible_to(actor).filter(public_id__in=ids).values_list("public_id", flat=True))


def person_meant(actor: Actor, public_id: str, record_number: str) -> UUID:
    """Whom somebody chose: one of those offered, or the one of that record number. Raises Refused (422)."""
    if public_id:
        return UUID(public_id)
    seen = Patient.objects.visible_to(actor).filter(record_number__iexact=record_number.strip())
    found = seen.filter(merged_into__isnull=True).first() if record_number.strip() else None
    if found is None:
        raise bad_input(record_number=sentence("reply.refused.nobody"))
    return found.public_id


def answered_lately(row: Reply, now: datetime, *, kind: Answer | None = None) -> bool:
    """Whether an answer to this address, or one of that kind, is under way or went within the time in which only one
    may."""
    rows = Reminder.objects.filter(
        reply__channel=row.channel,
        reply__address=row.address,
        rung=Turn.ACKNOWLEDGED,
        planned_at__gt=now - ONE_ANSWER_IN,
    )
    if kind is not None:
        rows = rows.filter(template=kind.value)
    return rows.exclude(status__in=NEVER_WENT).exists()


def words_that_ask_to_call(row: Reply) -> str | None:
    """What somebody is sent who is asked to call; None where there is nobody known, or no address, to write to."""
    if row.contact_point is None or row.patient is None or row.site is None:
        return None
    asked = Asked(Answer.PLEASE_CALL, row.channel, row.language, row.site_id)
    words = templates_in_force([asked])[asked].in_force(link=False).template
    return render(words, {"discreet_name": row.site.discreet_name, "phone": row.site.phone,
                          "given_name": row.patient.preferred_name or row.patient.given_name}).text  # fmt: skip


TO_ANYBODY = {ReplyEffect.STOPPED.value: Answer.STOPPED, ReplyEffect.HELPED.value: Answer.HELP}


def words_to_somebody_unknown(row: Reply) -> str | None:
    """What is said back to an address that nobody we know has, where it wrote STOP, HELP or words of danger: each once
    in five minutes.

    Read from what is kept, so that the same message told again is answered the same. None where there is somebody
    known, who is answered as everybody is, or nothing to say.
    """
    kind = Answer.DANGER if row.urgent else TO_ANYBODY.get(row.effect)
    if kind is None or row.patient_id is not None or row.site is None or row.answers.exists():
        return None
    same = Q(urgent=True) if row.urgent else Q(effect=row.effect, urgent=False)
    before = Reply.objects.filter(
        same, channel=row.channel, address=row.address, pk__lt=row.pk, received_at__gt=row.received_at - ONE_ANSWER_IN
    )
    if before.exists() or contact_points_at(row.channel, row.address):
        return None
    asked = Asked(kind, row.channel, row.language, row.site_id)
    words = templates_in_force([asked])[asked].in_force(link=False).template
    return render(words, {"discreet_name": row.site.discreet_name, "phone": row.site.phone}).text
