"""How long a large program takes to be published and compared, and a board of 500 people with every gate asked."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.test import Client
from django.urls import reverse

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import ProgramVersion
from pathways.queries.programs import document_of
from pathways.rules.programs import parse
from pathways.rules.programs.comparison import compare
from tests.bench.figures import Figure, Work, latencies, latency
from tests.bench.ground import analyze
from tests.bench.planting import under_way
from tests.factories import clinic, pathways
from tests.faults.load import NOON

PHASES, CRITERIA = 30, 200
PEOPLE = 500
TIMES = 6


def figures() -> Iterator[Figure]:
    by = clinic.job()
    drafts = [_draft(by, number) for number in range(TIMES)]
    yield latencies("publish_200_criteria", (_publishing(by, each) for each in drafts))
    old, new = parse(_large(0)), parse(_large(1))
    yield latency("compare, 200 criteria", lambda: compare(old, new), times=TIMES)
    yield _board()


def _draft(by: Actor, number: int) -> ProgramVersion:
    return programs.load(by=by, now=NOON, document=_large(number, key=f"large-{number}"), publish=False)


def _publishing(by: Actor, draft: ProgramVersion) -> Work:
    document = draft.document
    return lambda: programs.load(by=by, now=NOON, document=document, publish=True)


def _large(longer: int, key: str = "large") -> dict[str, Any]:
    """30 phases in a row with 200 requirements between them; `longer`: days more in each."""
    shipped = pathways.document()
    phases = [_phase(place, longer) for place in range(PHASES)]
    ways: list[dict[str, Any]] = [
        {"kind": "advance", "from": here["key"], "to": there["key"], "roles": ["clinician"], "gate": ["exit"]}
        for here, there in pairwise(phases)
    ]
    ways += [{"kind": "admit", "to": phases[0]["key"], "roles": ["clinician"]}]
    ways += [each for each in shipped["transitions"] if each["kind"] in ("hold", "resume")]
    ways += [{"kind": "discharge", "roles": ["clinician"], "reasons": ["completed", "chose_to_leave"]}]
    reviews = [each for each in shipped["follow_ups"] if each["purpose"] == "review" and not each.get("phases")]
    used = {each["ladder"] for each in reviews}
    ladders = [each for each in shipped["ladders"] if each["key"] in used]
    about = {**shipped["program"], "key": key, "title": "A large program"}
    parts = {"phases": phases, "transitions": ways, "follow_ups": reviews, "ladders": ladders}
    return {"schema": 1, "program": about, **parts}


def _phase(place: int, longer: int) -> dict[str, Any]:
    asked = [
        {
            "key": f"days-{place}-{number}",
            "kind": "days_in_phase",
            "at_least": 1 + number + longer,
            "source": "local default",
        }
        for number in range(CRITERIA * (place + 1) // PHASES - CRITERIA * place // PHASES)
    ]
    return {
        "key": f"phase-{place}",
        "title": f"Phase {place + 1}",
        "short_title": f"Phase {place + 1}",
        "level": "1",
        "typical_days": 30,
        "source": "local default",
        "goals": ["Go on"],
        "exit": {"title": "Gate", "criteria": asked},
    }


def _board() -> Figure:
    site = clinic.site()
    member = clinic.staff(roles=[Role.CLINICIAN], sites=[site])
    version = pathways.program(now=NOON)
    phases = list(version.phases.all())
    with allow_direct_writes():
        under_way(range(900_000, 900_000 + PEOPLE), [site], phases, version, member.actor)
    analyze()
    browser = clinic.sign_in(Client(), member)
    address = f"{reverse('board')}?program={document_of(version).program.key}"
    return latency("board_500", lambda: _get(browser, address), times=20)


def _get(client: Client, path: str) -> object:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return answer
