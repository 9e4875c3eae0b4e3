"""What the shell of every page knows: the person, their sites, what they may, where they can go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from clinic.clock import real_now
from clinic.models import Actor
from clinic.queries.installation import clock_offset, installation, latch_open
from clinic.queries.routes import route_policy
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.web.answers import language_of
from clinic.wording import say


class May:
    """What this person may: `{% if may.STAFF_WRITE %}`, by the name of the permission."""

    def __init__(self, held: frozenset[Permission]) -> None:
        self._held = held

    def __contains__(self, permission: object) -> bool:
        return permission in self._held

    def __getitem__(self, name: str) -> bool:
        return Permission[name] in self._held

    def __iter__(self) -> Iterator[Permission]:
        return iter(self._held)


class Page(NamedTuple):
    """An entry of the navigation. `current`: as `aria-current` says it, "true" for a page that lies below the entry."""

    name: str
    label: str
    icon: str
    current: str


@dataclass(frozen=True, slots=True)
class Latch:
    """Whether real messages can leave, and how far the practice clock has been moved on."""

    practice: bool
    open: bool
    offset: timedelta
    now: datetime

    @property
    def moved(self) -> bool:
        return bool(self.offset)


def house(request: HttpRequest) -> dict[str, Any]:
    """Context of the shell: asks the database nothing for an anonymous page, one row for everybody else."""
    member = getattr(request, "staff", None)
    shared: dict[str, Any] = {"language": language_of(request), "staff": member, "may": May(frozenset()), "sites": []}
    if member is None:
        return {**shared, "theme": "auto"}
    actor: Actor = request.actor  # type: ignore[attr-defined]
    latch = _latch()
    return {
        **shared,
        "theme": member.theme,
        "site": request.site,  # type: ignore[attr-defined]
        "sites": request.sites,  # type: ignore[attr-defined]
        "may": May(actor.permissions),
        "latch": latch,
        "practice": latch.practice,
        "clock_offset": latch.offset,
        "practice_now": latch.now,
        "nav": pages(request, settings.NAVIGATION),
        "banners": [banner for probe in settings.BANNER_PROBES for banner in import_string(probe)(request)],
    }


def _latch() -> Latch:
    row, offset = installation(), clock_offset()
    return Latch(practice=row is not None and row.practice, open=latch_open(), offset=offset, now=real_now() + offset)


def pages(request: HttpRequest, wanted: list[tuple[str, str]]) -> list[Page]:
    """The pages this person may open; `wanted` holds url names and icons, the label is `nav.<name>`."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = []
    for name, icon in wanted:
        route = route_policy(name)
        if route is None or route.read not in actor.permissions:
            continue
        label = say(sentence(f"nav.{name}"), language_of(request))
        found.append(Page(name, label, icon, "page" if here == name else _below(request, name)))
    return found


def _below(request: HttpRequest, name: str) -> str:
    """Whether the page asked for lies below an entry; everything lies below the first page, which is no use."""
    address = reverse(name)
    return "true" if address != "/" and request.path.startswith(address) else ""
