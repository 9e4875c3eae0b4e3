"""How fast 10,000 people go on with another version, moved by two workers that are processes; and one of them killed.

Two changes are measured: of a gate alone, where no contact changes, and of a follow-up rule, where somebody's weekly
contact comes a day later and every message still to come is planned again.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from django.db.models import Count

from clinic.config.celery import app
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import adoptions
from pathways.models import Adoption, AdoptionItem, ProgramVersion, Transition
from pathways.rules.adoptions import ItemStatus, RunStatus
from tests.bench.figures import Figure
from tests.bench.ground import analyze
from tests.bench.owed import plant
from tests.factories import clinic, pathways
from tests.faults.load import NOON, stand_at
from tests.faults.machinery import Process, worker

PEOPLE = 10_000
WORKERS = 2
LONGEST = 300
KEY = "many-go-on"
WEEKLY = ("stabilization-weekly-contact", "therapy-weekly-check-in")


def figures(people: int = PEOPLE) -> Iterator[Figure]:
    """Everybody is moved three times, each time by another run: there, there with new contacts, and back."""
    stand_at(NOON)
    site, by = _ground()
    first = _version(by)
    plant(people, site, by, first)
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
