"""What beat wakes for the house itself."""

from celery import shared_task

from clinic import clock
from clinic.actions.heartbeats import beat
from clinic.actions.idempotency import purge_expired
from clinic.actions.jobs import job
from clinic.actions.reads import take_in_queue
from clinic.actions.seals import BATCH, seal


@shared_task(name="clinic.tasks.beat_heartbeat")
def beat_heartbeat() -> None:
    """Beat sent this and a worker ran it: both are alive."""
    beat(part="beat", by=job("heartbeat"), now=clock.real_now())


@shared_task(name="clinic.tasks.seal_audit")
def seal_audit() -> dict[str, int]:
    """Take in reads that waited in the queue, then seal until nothing is left."""
    sealer, now = job("audit sealer"), clock.real_now()
    taken, sealed = take_in_queue(by=sealer, now=now), 0
    while batch := seal(by=sealer, now=now):
        sealed += batch
        if batch < BATCH:
            break
    counts = {"taken_in": taken, "sealed": sealed}
    beat(part="sealer", by=sealer, now=clock.real_now(), counts=counts)
    return counts


@shared_task(name="clinic.tasks.purge_answers")
def purge_answers() -> dict[str, int]:
    """Forget the answers kept for repeated requests once their day is over."""
    return {"purged": purge_expired(by=job("answer purge"), now=clock.real_now())}
