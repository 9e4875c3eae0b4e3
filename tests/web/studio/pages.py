"""The pages of the studio, as the tests of its folder read and fill them in."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils.html import strip_tags

from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import programs
from pathways.models import ProgramVersion
from pathways.rules.programs import places
from tests.factories import clinic, pathways
from tests.factories.patients import NOW

STUDIO = "/programs/kratom-outpatient/studio/"
MOOD = "phases[1].exit.criteria[1]"
HTMX = {"HX-Request": "true"}


def begun(by: Actor, change: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> ProgramVersion:
    """A fresh draft of the kratom program, changed before anybody looks."""
    program = pathways.program().program
    draft = programs.start_draft(by=by, now=NOW, program_id=program.public_id)
    if change is None:
        return draft
    changed = change(draft.document)
    return programs.save_draft(by=by, now=NOW, version_id=draft.public_id, document=changed, expected_version=1)


def changed_meanwhile(draft: ProgramVersion, change: Callable[[Any], Any]) -> Actor:
    """Somebody else, who has changed the draft since it was read."""
    other = clinic.actor(roles=[Role.SUPERVISOR])
    programs.save_draft(
        by=other, now=NOW, version_id=draft.public_id, document=change(draft.document), expected_version=draft.version
    )
    return other


def text_of(answer: Any) -> str:
    """The words of a page, without its markup."""
    return " ".join(strip_tags(answer.content.decode()).split())


def stands(draft: ProgramVersion, path: str = "") -> Any:
    """What is stored of the draft now: the whole of it, or the part at a path."""
    draft.refresh_from_db()
    return places.at(draft.document, path) if path else draft.document


def sent(draft: ProgramVersion, do: str, path: str = "", **fields: Any) -> dict[str, Any]:
    """What a form of the page posts. Fields of the part are named without their prefix."""
    base = {"draft": str(draft.public_id), "version": draft.version, "phase": 2, "do": do, "path": path}
    return base | {f"part-{name}": value for name, value in fields.items()}


def edit(browser: Client, data: dict[str, Any], **headers: str) -> Any:
    """The answer to a form of the page."""
    return browser.post(f"{STUDIO}edit", data, headers=headers)


def mood(**changes: Any) -> dict[str, Any]:
    """The fields of the requirement about PHQ-9."""
    return {
        "kind": "score_compared",
        "key": "mood-steady",
        "instrument": "phq9",
        "score": "total",
        "op": "at_most",
        "value": "9",
        "within_days": "30",
        "last": "1",
        "hours_between": "0",
        "requirement": "overridable",
        "overridable_by": ["clinician", "supervisor"],
        "needs_reason": "on",
        "source": "PHQ-9 below the moderate band",
    } | changes


def fields_of(page: Any) -> dict[str, Any]:
    """What the open form of a page holds, as a browser would send it."""
    form = page.context["opened"].form
    return {
        f"part-{name}": form.initial[name] for name in form.fields if form.initial[name] not in ("", None, False, [])
    }
