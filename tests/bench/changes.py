"""How long the verbs take, whole: permission, locks, facts, history, follow-ups, audit and commit."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from clinic.actions.jobs import job
from clinic.models import Actor
from pathways.actions import enrollments, findings
from pathways.actions.follow_ups import plan_ahead
from pathways.queries.enrollments import open_ids
from tests.bench.figures import Figure, latencies, rate
from tests.factories import pathways, patients
from tests.factories.course import LATER, quiet, ready_for_therapy
from tests.factories.patients import NOW

MOVES = 30


def figures(by: Actor) -> Iterator[Figure]:
    site = by.sites.get()
    people = [patients.patient(site, by=by) for _ in range(MOVES)]
    yield latencies(
        "enroll, with its follow-ups",
        [
            partial(
                enrollments.enroll, by=by, now=NOW, patient_id=person.public_id, program_key=pathways.KRATOM,
                site_id=site.public_id,
            )
            for person in people
        ],
    )  # fmt: skip
    yield latencies(
        "record an assessment",
        [
            partial(
                findings.record_assessment, patient=person, instrument="gad7", answers=quiet("gad7"), by=by, now=NOW,
                effective_at=NOW,
            )
            for person in people
        ],
    )  # fmt: skip
    rows = [person.enrollments.get() for person in people]
    for row in rows:
        ready_for_therapy(row, by)
    yield latencies(
        "advance, whole transition",
        [partial(enrollments.advance, by=by, now=LATER, enrollment_id=row.public_id) for row in rows],
    )
    yield _planning()


def _planning() -> Figure:
    """The nightly run, enrollment after enrollment through the planted clinic."""
    by, waiting = job("follow-up planning"), iter(open_ids())

    def one_enrollment() -> int:
        enrollment_id = next(waiting, None)
        if enrollment_id is None:
            return 0
        return plan_ahead(by=by, now=LATER + timedelta(days=1), enrollment_id=enrollment_id)

    return rate("nightly planning", one_enrollment, "follow-ups/s", seconds=3, rounds=1)
