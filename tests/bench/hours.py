"""How fast the messages of 10,000 people follow when the contact hours of their site change."""

from collections.abc import Iterator
from datetime import time
from time import perf_counter

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions.reminders import plan_site_on
from pathways.models import Reminder
from tests.bench.figures import Figure
from tests.bench.ground import analyze
from tests.bench.owed import plant
from tests.factories import clinic, pathways
from tests.faults.load import NOON, stand_at

PEOPLE = 10_000
KEY = "hours-change"


def figures(people: int = PEOPLE) -> Iterator[Figure]:
    """The site opens for contact at noon from now on: every message of the morning moves."""
    stand_at(NOON)
    site, job = clinic.site(contact_opens=time(8), contact_closes=time(20)), clinic.job()
    by = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    program = {**pathways.document()["program"], "key": KEY, "title": "Hours change"}
    plant(people, site, by, pathways.program(changed={"program": program}, now=NOON), first=300_000)
    _planned(job)
    analyze()
    _open_later(site)
    began = perf_counter()
    with CaptureQueriesContext(connection) as asked:
        changed = _planned(job)
    took = perf_counter() - began
    if (
        not changed
        or Reminder.objects.filter(site=site, status="planned", due_at__gt=NOON, due_time__lt=time(12)).exists()
    ):
        raise RuntimeError("messages of the morning did not move")
    yield Figure("contact hours changed", round(people / took), "people/s", queries=len(asked))
    yield Figure("contact hours changed, messages moved", round(changed / took), "messages/s")


def _open_later(site: Site) -> None:
    with allow_direct_writes():
        Site.objects.filter(pk=site.pk).update(contact_opens=time(12))


def _planned(job: Actor) -> int:
    """Everything is gone through; returns how many messages changed."""
    changed = 0
    while (batch := plan_site_on(by=job, now=NOON)) is not None:
        changed += batch.changed
    return changed
