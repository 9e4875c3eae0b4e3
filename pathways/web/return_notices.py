"""A return to use on the chart: what it asks for now, and what happened, in words."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.wording import label, say
from pathways.models import Enrollment, ReturnToUse
from pathways.queries.returns import asked_of
from pathways.rules.moves import MoveKind, StepBackReason
from pathways.rules.returns import Circumstance, Substance, UsePattern
from pathways.web.lines import Reader

Shown = dict[str, Any]


def notices(row: Enrollment, reader: Reader) -> list[Shown]:
    """What the newest return to use still asks for, with the way to each; nothing where nothing is."""
    asked = asked_of(row, now=reader.now)
    if asked is None:
        return []
    links = []
    if asked.rate and reader.may(Permission.LEVEL_DECIDE):
        links.append({"label": _("Rate needs"), "href": reverse("level_rate", args=[row.patient.public_id])})
    if asked.step_back and reader.may(Permission.ENROLLMENT_MOVE):
        links.append({"label": _("Step back"), "href": step_back_address(row)})
    return [{"icon": "refresh", "said": asked.sentence, "href": "", "links": links}]


def step_back_address(row: Enrollment) -> str:
    """The page of a step back, with its reason filled in."""
    query = urlencode({"way": MoveKind.STEP_BACK.value, "reason": StepBackReason.RETURN_TO_USE.value})
    return f"{reverse('move', args=[row.public_id])}?{query}"


def what_happened(row: ReturnToUse, language: str) -> str:
    """As far as it was told: what was used, how much of a return it was, what went before, what helped, the note."""
    parts = [label(Substance(row.substance), language)] if row.substance else []
    parts += [label(UsePattern(row.pattern), language)] if row.pattern != UsePattern.NOT_SAID else []
    parts += [label(Circumstance(each), language) for each in row.circumstances]
    told = [", ".join([parts[0], *(each.lower() for each in parts[1:])]) + "."] if parts else []
    if row.what_helped:
        told.append(say(sentence("return_to_use.helped", what=row.what_helped.rstrip(".")), language))
    if row.note:
        told.append(say(sentence("return_to_use.note", note=row.note), language))
    return " ".join(told)
