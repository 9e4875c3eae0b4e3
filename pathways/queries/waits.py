"""Who waits for a place, in the order in which they come: at a site, with what was offered. Set-wise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from clinic.errors import not_found
from clinic.models import Actor, Site
from pathways.models import PlaceOffer, WaitlistEntry
from pathways.queries.enrollments import DOCUMENT
from pathways.rules.capacity import Waiting, WaitPriority, days_waited, waitlist_order
from patients.models import Patient

ORDER = ("rank", "waiting_since", "id")
TOGETHER = ("enrollment__patient", "enrollment__program_version", "site", "program", "recorded_by", "ended_by")
MOST = 500


def waits(actor: Actor) -> QuerySet[WaitlistEntry]:
    """Every wait of the people the actor may see, with its rank (by priority)."""
    rank = Case(
        *(When(priority=each.value, then=Value(place)) for place, each in enumerate(WaitPriority)),
        output_field=IntegerField(),
    )
    rows = WaitlistEntry.objects.filter(enrollment__patient__in=Patient.objects.visible_to(actor))
    return rows.select_related(*TOGETHER).defer(f"enrollment__{DOCUMENT}").annotate(rank=rank)


def wait(actor: Actor, public_id: UUID) -> WaitlistEntry:
    """One of them. Raises Refused not_found: a foreign one looks like none."""
    found = waits(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def offer(actor: Actor, public_id: UUID) -> PlaceOffer:
    """One offered place. Raises Refused not_found."""
    rows = PlaceOffer.objects.filter(wait__in=waits(actor).order_by().values("pk"))
    found = rows.select_related("wait__enrollment__patient", "offered_by", "answered_by").filter(public_id=public_id)
    row = found.first()
    if row is None:
        raise not_found()
    return row


def offers_shown() -> QuerySet[PlaceOffer]:
    """Offers in their order, with the people who made and answered them."""
    return PlaceOffer.objects.select_related("offered_by", "answered_by").order_by("offered_at", "id")


def offers_of(rows: Iterable[WaitlistEntry]) -> dict[int, list[PlaceOffer]]:
    """What was offered in each wait, oldest first, by the wait's id. One query."""
    found: dict[int, list[PlaceOffer]] = {}
    ids = [each.pk for each in rows]
    for each in offers_shown().filter(wait__in=ids):
        found.setdefault(each.wait_id, []).append(each)
    return found


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody in line: their place from 1, days waited, the open offer if there is one, and earlier ones."""

    row: WaitlistEntry
    place: int
    days: int
    offer: PlaceOffer | None
    earlier: tuple[PlaceOffer, ...]


def in_line(actor: Actor, site: Site, *, now: datetime) -> list[InLine]:
    """Everybody who waits at a site, in order within each program, level and kind. Two queries."""
    rows = list(waits(actor).filter(site=site, ended_at__isnull=True).order_by("program__title", *ORDER)[:MOST])
    offered = offers_of(rows)
    places = _places(rows)
    return [_line(each, places[each.pk], offered.get(each.pk, []), now) for each in rows]


def _places(rows: list[WaitlistEntry]) -> Mapping[int, int]:
    """The place of each in its own line, by the rule."""
    lines: dict[tuple[int, str, str], list[WaitlistEntry]] = {}
    for each in rows:
        lines.setdefault((each.program_id, each.level, each.kind), []).append(each)
    places: dict[int, int] = {}
    for line in lines.values():
        by_id = {each.public_id: each for each in line}
        facts = [Waiting(each.public_id, WaitPriority(each.priority), each.waiting_since) for each in line]
        for place, found in enumerate(waitlist_order(facts), start=1):
            places[by_id[found.public_id].pk] = place
    return places


def _line(row: WaitlistEntry, place: int, offers: list[PlaceOffer], now: datetime) -> InLine:
    open_one = next((each for each in offers if not each.answer and each.expires_at > now), None)
    earlier = tuple(each for each in offers if each is not open_one)
    return InLine(row, place, days_waited(row.waiting_since, now, row.site.zone), open_one, earlier)


def lapsed(now: datetime) -> list[UUID]:
    """Offers whose time has passed without an answer, oldest first."""
    rows = PlaceOffer.objects.filter(Q(expires_at__lte=now), answer="")
    return list(rows.order_by("expires_at", "pk").values_list("public_id", flat=True)[:MOST])
