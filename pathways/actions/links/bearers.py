"""Whoever bears a link: their actor, and the link under lock for the one thing it is for.

A bearer is the patient as far as anybody can know. Their actor has the patient's public id, may do little, and sees
that patient alone (`clinic.rules.roles.OF_A_LINK`, `Patient.visible_to`).
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, forbidden
from clinic.models import Actor, ActorKind
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import say
from pathways.models import PatientLink, Reply
from pathways.queries.links import TOGETHER, works
from pathways.rules.links import LinkPurpose, locks
from pathways.rules.replies import Intent, ReplyChannel, ReplyEffect
from patients.actions.locks import lock_patient

GONE = 410
NAME = "The patient, by their own link"
PROVIDER = "link"
"""Whom something came through that is kept with the replies: no provider, a page of ours."""


def bearer(link: PatientLink, now: datetime) -> Actor:
    """The actor of whoever bears the link, made at the first use of any link of this patient."""
    known = Actor.objects.filter(public_id=link.patient.public_id, kind=ActorKind.PATIENT_LINK).first()
    made = Actor(kind=ActorKind.PATIENT_LINK, name=NAME, public_id=link.patient.public_id)
    return known or _appoint(by=made, now=now)


@action(None, "link.appoint")
def _appoint(*, by: Actor, now: datetime) -> Actor:
    """Keep the bearer; where another request was quicker, that one."""
    try:
        with transaction.atomic():
            by.save(force_insert=True)
    except IntegrityError:
        return Actor.objects.get(public_id=by.public_id)
    audit.record(action="link.appoint", by=by, now=now, subject=("actor", by.public_id), patients=[by.public_id])
    return by


def held(by: Actor, link_id: UUID, purpose: LinkPurpose, now: datetime) -> PatientLink:
    """The link, locked after its patient, and still good for this. Inside an action only.

    Raises Refused: 403 for anybody but its bearer, 410 `link_closed`.
    """
    seen = PatientLink.objects.select_related("patient").filter(public_id=link_id, purpose=purpose).first()
    if seen is None or by.kind != ActorKind.PATIENT_LINK or by.public_id != seen.patient.public_id:
        raise forbidden()
    lock_patient(seen.patient, by)
    rows = PatientLink.objects.select_related(*TOGETHER).filter(pk=seen.pk)
    row = rows.select_for_update(no_key=True, of=("self",)).get()
    if not works(row, now):
        raise closed()
    return row


def closed() -> Refused:
    """A link that is used up, over, or taken back."""
    return Refused("link_closed", sentence("link.refused.closed"), status=GONE)


def use_up(row: PatientLink, by: Actor, now: datetime, what: str) -> None:
    """What it was for is done. Inside an action only."""
    row.used_at, row.used_by = now, by
    row.save(update_fields=["used_at", "used_by"])
    note(f"link.{what}", row, by, now)


def note(name: str, row: PatientLink, by: Actor, now: datetime) -> None:
    """Write down what was done with a link. Inside an action only."""
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("patient_link", row.public_id),
        patients=[row.patient.public_id],
        details={"purpose": row.purpose},
    )


@action(None, "link.known")
def note_known(*, by: Actor, now: datetime, link_id: UUID, purpose: LinkPurpose) -> PatientLink:
    """Somebody knew who the link is for, and is shown what stands behind it. Raises Refused: 403, 410."""
    row = held(by, link_id, purpose, now)
    note("link.known", row, by, now)
    return row


@action(None, "link.wrong_try")
def note_wrong_try(*, by: Actor, now: datetime, link_id: UUID, purpose: LinkPurpose) -> PatientLink:
    """Somebody said wrongly whom the link is for. It is counted with the link; the last try there is closes it for
    good, and a person of the clinic is told. Raises Refused: 403, 410.
    """
    row = held(by, link_id, purpose, now)
    row.wrong_tries += 1
    if locks(row.wrong_tries):
        row.revoked_at, row.revoked_by = now, by
        kept(row, Intent.WRONG_PERSON, ReplyEffect.LINK_LOCKED, by=by, now=now)
    row.save(update_fields=["wrong_tries", "revoked_at", "revoked_by"])
    note("link.lock" if row.revoked_at else "link.wrong_try", row, by, now)
    return row


def kept(
    row: PatientLink, intent: Intent, effect: ReplyEffect, *, by: Actor, now: datetime, words: Sentence | None = None
) -> Reply:
    """What somebody did by a link, or with it, waits with what people write: nothing automatic goes to this person
    until somebody has seen to it. `words`: what they wish, for whoever reads it. Inside an action only."""
    return Reply.objects.create(
        provider=PROVIDER,
        provider_id=str(row.public_id),
        channel=ReplyChannel.LINK,
        address="",
        text=say(words, row.language) if words else "",
        language=row.language,
        intent=intent,
        site=row.site,
        patient=row.patient,
        attendance=row.attendance,
        follow_up=row.follow_up,
        effect=effect,
        needs_person=True,
        received_at=now,
        received_by=by,
    )
