"""A patient-year rehearsed: how long it takes, and over many patients whether anybody is ever stuck."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from time import perf_counter

import django

from tests.bench.figures import Figure, latency

MONDAY = date(2026, 1, 5)
A_YEAR, TWO_MONTHS = 365, 60
PATIENTS, WORKERS = 1_000, 2


def figures() -> Iterator[Figure]:
    """One steady year; then many patients at random through every shipped program, of whom nobody may be stuck."""
    from clinic.rules.roles import Role
    from pathways.actions import programs
    from pathways.programs.library import shipped
    from pathways.rehearsals.library import Preset, script_of
    from tests.factories import clinic as make
    from tests.factories import pathways
    from tests.faults.load import NOON

    by, site = make.job(), make.site()
    versions = [programs.load(by=by, now=NOON, document=each.document, publish=True).pk for each in shipped()]
    people = [make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site]).pk for _ in range(WORKERS)]
    kratom = pathways.program().pk
    yield latency(
        "rehearsal_patient_year", lambda: _rehearsed(people[0], kratom, script_of(Preset.STEADY), 7, A_YEAR), times=5
    )
    yield _nobody_stuck(people, versions)


def _nobody_stuck(people: list[int], versions: list[int]) -> Figure:
    """Each worker is a process and rehearses as a person of its own."""
    began = perf_counter()
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), initializer=django.setup) as pool:
        seeds = [range(number, PATIENTS, WORKERS) for number in range(WORKERS)]
        list(pool.map(_walk, people, [versions] * WORKERS, seeds))
    rate = PATIENTS / (perf_counter() - began)
    return Figure(f"{PATIENTS:,} rehearsed, none stuck", round(rate, 1), f"{TWO_MONTHS} days/s")


def _walk(person: int, versions: list[int], seeds: range) -> None:
    from pathways.models import ProgramVersion
    from pathways.queries.programs import document_of
    from pathways.rules.rehearsals import random_script

    for seed in seeds:
        version = versions[seed % len(versions)]
        document = document_of(ProgramVersion.objects.get(pk=version))
        script = random_script(seed, TWO_MONTHS, document, "Random")
        stuck = _rehearsed(person, version, script, seed, TWO_MONTHS)
        if stuck:
            raise RuntimeError(f"{document.program.key}, seed {seed}: {stuck}")


def _rehearsed(person: int, version: int, script: object, seed: int, days: int) -> list[str]:
    """Where it was stuck; nothing in a sound program."""
    from clinic.models import Actor
    from pathways.actions.rehearsals import Wanted, rehearse
    from pathways.models import ProgramVersion
    from pathways.rules.rehearsals import Script
    from tests.faults.load import NOON

    by = Actor.objects.get(pk=person)
    assert isinstance(script, Script)
    wanted = Wanted(script, seed, MONDAY, days)
    row = ProgramVersion.objects.select_related("program").get(pk=version)
    found = rehearse(by=by, now=NOON, version=row, site=by.sites.get(), wanted=wanted)
    return [each.code for each in found.stuck]
