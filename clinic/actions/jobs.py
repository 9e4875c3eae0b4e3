"""Named system jobs: work nobody asked for at that moment still has a name in the record."""

from datetime import datetime

from django.db import IntegrityError, transaction

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.clock import real_now
from clinic.models import Actor, ActorKind


def job(name: str) -> Actor:
    """The actor of this job, made at its first run. Asked anew each time: one indexed row, and never a stale one."""
    known = _find(name)
    return known or _appoint(by=Actor(kind=ActorKind.JOB, name=name), now=real_now())


def _find(name: str) -> Actor | None:
    return Actor.objects.filter(kind=ActorKind.JOB, name=name).first()


@action(None, "job.appoint")
def _appoint(*, by: Actor, now: datetime) -> Actor:
    """Keep the job that names itself; where another process was quicker, that one."""
    try:
        with transaction.atomic():
            by.save(force_insert=True)
    except IntegrityError:
        return Actor.objects.get(kind=ActorKind.JOB, name=by.name)
    audit.record(action="job.appoint", by=by, now=now, subject=("actor", by.public_id))
    return by
