"""What every page of the staff says over everything else: the machinery stands still, the check does not add up."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.queries.health import heartbeat_ages
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.models import DeliveryPause
from pathways.queries.pauses import current
from pathways.queries.reconciliation import last_run, latest
from pathways.rules.reconciliation import LastRun, Tone, standing
from pathways.web.deliveries import what_is_paused

SILENT_AFTER = 60.0
"""Seconds without a heartbeat after which every page says so (the beat is every 15 s)."""
MESSAGE_PAGES = frozenset({"today", "messages", "message", "mailbox"})
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


def newest_check(request: HttpRequest) -> LastRun | None:
    """The newest nightly check, asked for once in a request."""
    if not hasattr(request, "newest_check"):
        request.newest_check = last_run(latest(clock.now()))  # type: ignore[attr-defined]
    return cast(LastRun | None, request.newest_check)  # type: ignore[attr-defined]


def nightly_check(request: HttpRequest) -> list[Banner]:
    """Until the check balances, everybody is told."""
    found = standing(newest_check(request), clock.now())
    if found is None or found.tone is Tone.QUIET:
        return []
    language = request.language  # type: ignore[attr-defined]
    banner = {"tone": found.tone.value, "title": say(found.title, language), "text": say(found.said, language)}
    actor = request.actor  # type: ignore[attr-defined]
    if actor.may(Permission.RECONCILIATION_READ):
        banner |= {"href": reverse("reconciliations"), "action": _("Show the check")}
    return [banner]


def pauses(request: HttpRequest) -> list[Banner]:
    """What is held back at this site, where messages are worked with."""
    if request.resolver_match is None or request.resolver_match.view_name not in MESSAGE_PAGES:
        return []
    site = request.site  # type: ignore[attr-defined]
    held = [each for each in current() if each.site_id is None or (site and each.site_id == site.pk)]
    return [_pause_banner(request, each) for each in held]


def _pause_banner(request: HttpRequest, row: DeliveryPause) -> Banner:
    language = request.language  # type: ignore[attr-defined]
    said = sentence("delivery.paused.banner", what=what_is_paused(row), name=row.paused_by.name, reason=row.reason)
    banner = {"tone": "warning", "title": say(sentence("delivery.paused.title"), language), "text": say(said, language)}
    if request.actor.may(Permission.DELIVERY_READ):  # type: ignore[attr-defined]
        banner |= {"href": reverse("delivery"), "action": say(sentence("delivery.paused.look"), language)}
    return banner
