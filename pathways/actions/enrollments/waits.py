"""The wait of an enrollment that begins, or ends before it began."""

from datetime import datetime

from django.db.models import F

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.models import Enrollment, PlaceOffer, Transition, WaitlistEntry
from pathways.rules.capacity import OfferAnswer, WaitStatus


@action(None, "wait.end")
def end_wait(*, by: Actor, now: datetime, enrollment: Enrollment, status: WaitStatus) -> None:
    """End the open wait of an enrollment, and what was offered to it and not answered; what had lapsed has lapsed."""
    open_waits = WaitlistEntry.objects.filter(enrollment=enrollment, ended_at__isnull=True)
    answer = OfferAnswer.ACCEPTED if status is WaitStatus.ADMITTED else OfferAnswer.TAKEN_BACK
    offered = PlaceOffer.objects.filter(wait__in=open_waits, answer="")
    answered = {"answered_at": now, "answered_by": by}
    offered.filter(expires_at__lte=now).update(answer=OfferAnswer.LAPSED, **answered)
    offered.filter(expires_at__gt=now).update(answer=answer, **answered)
    open_waits.update(status=status, ended_at=now, ended_by=by, version=F("version") + 1)


@action(None, "wait.reopen")
def reopen_wait(*, by: Actor, now: datetime, enrollment: Enrollment, undone: Transition) -> None:
    """An exit is undone: the wait it ended goes on. What was offered meanwhile is offered anew by a person."""
    ended = WaitlistEntry.objects.filter(
        enrollment=enrollment, status=WaitStatus.WITHDRAWN, ended_at=undone.recorded_at
    )
    ended.update(status=WaitStatus.WAITING, ended_at=None, ended_by=None, version=F("version") + 1)
