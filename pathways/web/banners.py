"""What every page of the staff says over everything else: the machinery stands still, the check does not add up."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.queries.health import heartbeat_ages
from clinic.rules.roles import Permission
from clinic.wording import say
from pathways.queries.reconciliation import told
from pathways.rules.reconciliation import Tone

SILENT_AFTER = 60.0
"""Seconds without a heartbeat after which every page says so (the beat is every 15 s)."""
Banner = dict[str, Any]


def machinery(request: HttpRequest) -> list[Banner]:
    """Whether nothing has woken the workers for a minute: no message goes out, and nothing climbs."""
    if not machinery_silent():
        return []
    text = _(
        "For a minute or more nothing has woken the workers: no message goes out, and no follow-up moves on. "
        "Calls and forms can be recorded as always. Tell whoever runs this server."
    )
    return [{"tone": "urgent", "title": _("The clock of this clinic stands still."), "text": text}]


def machinery_silent() -> bool:
    age = heartbeat_ages(clock.real_now()).get("beat")
    return age is None or age > SILENT_AFTER


def nightly_check(request: HttpRequest) -> list[Banner]:
    """Until the check balances, everybody is told."""
    found = told(clock.now())
    if found is None or found.tone is Tone.QUIET:
        return []
    language = request.language  # type: ignore[attr-defined]
    banner = {"tone": found.tone.value, "title": say(found.title, language), "text": say(found.said, language)}
    actor = request.actor  # type: ignore[attr-defined]
    if actor.may(Permission.RECONCILIATION_READ):
        banner |= {"href": reverse("reconciliations"), "action": _("Show the check")}
    return [banner]
