"""How fast 10,000 people go on with another version, moved by two workers that are processes; and one of them killed.

Two changes are measured: of a gate alone, where no contact changes, and of a follow-up rule, where somebody's weekly
contact comes a day later and every message still to come is planned again.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from django.db.models import Count

from clinic.actions.verbs import allow_direct_writes
from clinic.config.celery import app
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import adoptions
from pathways.actions.follow_ups.anchors import anchor_of, phase_anchor
from pathways.actions.follow_ups.steps import begin
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.models import Adoption, AdoptionItem, Enrollment, FollowUp, ProgramVersion, Transition
from pathways.queries.programs import document_of
from pathways.rules.adoptions import ItemStatus, RunStatus
from pathways.rules.follow_ups import Anchor, PlannedFollowUp, plan, rules_for
from pathways.rules.programs import AnchorKind
from patients.models import ContactPoint
from tests.bench.figures import Figure
from tests.bench.ground import analyze
from tests.bench.planting import under_way
from tests.factories import clinic, pathways
from tests.faults.load import NOON, phone, stand_at
from tests.faults.machinery import Process, worker

PEOPLE = 10_000
BATCH = 1_000
WORKERS = 2
LONGEST = 300
KEY = "many-go-on"
WEEKLY = ("stabilization-weekly-contact", "therapy-weekly-check-in")
DAY = timedelta(days=1)


def figures(people: int = PEOPLE) -> Iterator[Figure]:
    """Everybody is moved three times, each time by another run: there, there with new contacts, and back."""
    stand_at(NOON)
    site, by = _ground()
    first = _version(by)
    _plant(people, site, by, first)
    yield _rate("adopt_version, a gate changed", _version(by, phases=_longer()), by)
    yield _rate("adopt_version, a contact changed", _version(by, follow_ups=_a_day_later()), by)
    yield _after_a_kill("adopt_version, lost or doubled after a kill", first, by)


def _ground() -> tuple[Site, Actor]:
    site = clinic.site()
    return site, clinic.actor(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=[site])


def _version(by: Actor, **changed: Any) -> ProgramVersion:
    about = {**pathways.document()["program"], "key": KEY, "title": "Many go on"}
    return pathways.program(changed={"program": about, **changed}, now=NOON)


def _longer() -> list[dict[str, Any]]:
    phases = pathways.document()["phases"]
    return [{**phases[0], "typical_days": phases[0]["typical_days"] + 7}, *phases[1:]]


def _a_day_later() -> list[dict[str, Any]]:
    rules = pathways.document()["follow_ups"]
    later = {each["rule_key"]: {**each["every"], "first_day": each["every"]["first_day"] + 1}
             for each in rules if each["rule_key"] in WEEKLY}  # fmt: skip
    if len(later) != len(WEEKLY):
        raise RuntimeError(f"the shipped program has no weekly contacts of these names: {WEEKLY}")
    return [{**each, "every": later[each["rule_key"]]} if each["rule_key"] in later else each for each in rules]


def _plant(people: int, site: Site, by: Actor, version: ProgramVersion) -> None:
    """People some weeks into one of the first two phases, with every contact the program owes them."""
    phases = list(version.phases.all())[:2]
    with allow_direct_writes():
        for start in range(0, people, BATCH):
            numbers = range(100_000 + start, 100_000 + min(start + BATCH, people))
            moves = under_way(numbers, [site], phases, version, by)
            ContactPoint.objects.bulk_create(
                ContactPoint(
                    patient=move.enrollment.patient, channel="sms", address=phone(n), added_at=move.effective_at,
                    added_by=by, verified_at=move.effective_at, verified_by=by,
                )
                for n, move in zip(numbers, moves, strict=True)
            )  # fmt: skip
            _plant_contacts(moves, by, version)


def _plant_contacts(moves: Sequence[Transition], by: Actor, version: ProgramVersion) -> None:
    """As the product plans them; what was due before today was reached."""
    document = document_of(version)
    owed = [
        _contact(contact, move.enrollment, by)
        for move in moves
        for anchor in _anchors(move)
        for contact in plan(rules_for(document, anchor.kind, anchor.phase), anchor, [], "America/New_York")
    ]
    begin(owed)
    made = FollowUp.objects.bulk_create(owed)
    plan_reminders(by=by, now=NOON, follow_ups=[each for each in made if not each.outcome])


def _anchors(move: Transition) -> tuple[Anchor, Anchor]:
    row = move.enrollment
    phase = row.current_phase.key if row.current_phase else None
    return anchor_of(row, AnchorKind.ADMISSION, move), phase_anchor(row, move, phase)


def _contact(planned: PlannedFollowUp, row: Enrollment, by: Actor) -> FollowUp:
    past = planned.due_at <= NOON - DAY
    return FollowUp(
        enrollment=row, patient=row.patient, site=row.site, rule_key=planned.rule_key, anchor_kind=planned.anchor,
        anchor_id=planned.anchor_event_id, occurrence=planned.occurrence, purpose=planned.purpose, title=planned.title,
        instrument=planned.instrument or "", mode=planned.mode, template=planned.template or "", ladder=planned.ladder,
        due_on=planned.due_on, due_time=planned.due_time, time_zone=planned.zone, due_at=planned.due_at,
        window_days=planned.window_days, act_at=planned.due_at, owner_role=planned.owner, planned_at=row.opened_at,
        planned_by=by, survives_discharge=planned.anchor is AnchorKind.DISCHARGE,
        outcome="reached" if past else "", closed_at=planned.due_at if past else None, closed_by=by if past else None,
    )  # fmt: skip


def _rate(name: str, version: ProgramVersion, by: Actor) -> Figure:
    run = _started(version, by)
    with ExitStack() as running:
        _workers(running)
        took = _until_done(run, lambda share: None)
    _check(run)
    return Figure(f"{name}, {WORKERS} workers", round(took), "people/s")


def _after_a_kill(name: str, version: ProgramVersion, by: Actor) -> Figure:
    """One worker is killed with -9 at a third, and started again: everybody was moved, once."""
    run = _started(version, by)
    with ExitStack() as running:
        workers = _workers(running)
        killed: list[Process] = []

        def kill_one(share: float) -> None:
            if share > 1 / 3 and not killed:
                workers[0].kill()
                killed.append(workers[0])
                workers[0].restart()
                app.send_task("pathways.tasks.adopt_versions")

        _until_done(run, kill_one)
    return Figure(name, _check(run), "people")


def _started(version: ProgramVersion, by: Actor) -> Adoption:
    same = {each.key: each.key for each in version.phases.all()}
    run = adoptions.start_adoption(by=by, now=NOON, to_version_id=version.public_id, phase_map=same, note="Going on")
    analyze()
    app.control.purge()
    return run


def _workers(running: ExitStack) -> list[Process]:
    started = [worker(os.environ) for _ in range(WORKERS)]
    for each in started:
        running.callback(each.stop)
        app.send_task("pathways.tasks.adopt_versions")
    return started


def _until_done(run: Adoption, at: Callable[[float], None]) -> float:
    """People a second between the first tenth and the last: neither start nor end counts."""
    total = AdoptionItem.objects.filter(adoption=run).count()
    seen: list[tuple[float, int]] = []
    until = time.monotonic() + LONGEST
    while not seen or seen[-1][1] < total:
        if time.monotonic() > until:
            raise RuntimeError(f"{total - seen[-1][1]} of {total} were not moved in {LONGEST} s")
        time.sleep(0.1)
        left = AdoptionItem.objects.filter(adoption=run, status=ItemStatus.PENDING).count()
        seen.append((time.monotonic(), total - left))
        at(seen[-1][1] / total)
    steady = [each for each in seen if total * 0.1 <= each[1] <= total * 0.9]
    (began, first), (ended, last) = steady[0], steady[-1]
    return (last - first) / (ended - began)


def _check(run: Adoption) -> int:
    """How many were lost or moved twice; a run that left any is not measured."""
    to = run.to_version
    moved = Transition.objects.filter(kind="adopt_version", to_version=to).values("enrollment").annotate(n=Count("pk"))
    doubled = moved.filter(n__gt=1).count()
    lost = AdoptionItem.objects.filter(adoption=run).exclude(status=ItemStatus.ADOPTED).count()
    elsewhere = AdoptionItem.objects.filter(adoption=run).exclude(enrollment__program_version=to).count()
    until = time.monotonic() + LONGEST
    while Adoption.objects.get(pk=run.pk).status != RunStatus.DONE and time.monotonic() < until:
        adoptions.finish_adoption(by=run.requested_by, now=NOON, run_id=run.pk)
    return doubled + lost + elsewhere
