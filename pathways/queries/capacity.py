"""Places and beds at one's sites: what is in force, how many are taken, held and free. Set-wise."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor, ActorKind, Site
from clinic.rules.sentences import Sentence
from pathways.models import Capacity, Enrollment, LevelStay, PlaceOffer, Program
from pathways.rules.capacity import NO_LEVEL, PlaceKind, Places, free_said
from pathways.rules.moves import RUNNING

ORDER = ("program__title", "level", "kind", "starts_on", "id")
Key = tuple[int, int, str]


def capacities(actor: Actor) -> QuerySet[Capacity]:
    """Every number ever set at the sites the actor works at."""
    rows = (
        Capacity.objects.all() if actor.kind == ActorKind.JOB else Capacity.objects.filter(site__in=actor.sites.all())
    )
    return rows.select_related("site", "program", "set_by")


def capacity(actor: Actor, public_id: UUID) -> Capacity:
    """One of them. Raises Refused not_found: a foreign one looks like none."""
    found = capacities(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def in_force(rows: QuerySet[Capacity], on: date) -> QuerySet[Capacity]:
    """Those that count on a day."""
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)


def counted(rows: Collection[Capacity], *, now: datetime) -> dict[int, Places]:
    """How each number stands now, by its id. Three queries for any number of them.

    A place at no level in particular is taken by everybody under way in the program; one at a level, by those there.
    """
    where = Q(pk__in=[])
    for each in rows:
        where |= Q(site=each.site_id, program=each.program_id)
    everybody, by_level = _people(where), _people_by_level(rows)
    held = _held(rows, now)
    return {
        each.pk: Places(
            number=each.number,
            taken=(by_level if each.level else everybody).get((each.site_id, each.program_id, each.level), 0),
            held=held.get((each.site_id, each.program_id, each.level, each.kind), 0),
        )
        for each in rows
    }


def _people(where: Q) -> dict[Key, int]:
    rows = Enrollment.objects.filter(where, status__in=RUNNING).order_by()
    grouped = rows.values("site", "program").annotate(n=Count("pk"))
    return {(each["site"], each["program"], NO_LEVEL): each["n"] for each in grouped}


def _people_by_level(rows: Collection[Capacity]) -> dict[Key, int]:
    sites, programs = {each.site_id for each in rows}, {each.program_id for each in rows}
    stays = LevelStay.objects.filter(
        ended_at__isnull=True,
        enrollment__status__in=RUNNING,
        enrollment__site__in=sites,
        enrollment__program__in=programs,
    ).order_by()
    grouped = stays.values("enrollment__site", "enrollment__program", "level").annotate(n=Count("pk"))
    return {(each["enrollment__site"], each["enrollment__program"], each["level"]): each["n"] for each in grouped}


def _held(rows: Collection[Capacity], now: datetime) -> dict[tuple[int, int, str, str], int]:
    offers = open_offers(now).filter(wait__site__in={each.site_id for each in rows}).order_by()
    grouped = offers.values("wait__site", "wait__program", "wait__level", "wait__kind").annotate(n=Count("pk"))
    return {
        (each["wait__site"], each["wait__program"], each["wait__level"], each["wait__kind"]): each["n"]
        for each in grouped
    }


def open_offers(now: datetime) -> QuerySet[PlaceOffer]:
    """Offers without an answer that still hold their place."""
    return PlaceOffer.objects.filter(answer="", expires_at__gt=now)


def places_at(
    site: Site, program: Program, level: str, kind: str = PlaceKind.PLACE, *, now: datetime, lock: bool = False
) -> Places | None:
    """How one sort of place stands now; None where nobody counts it. `lock`: until the end of the transaction."""
    on = now.astimezone(site.zone).date()
    rows = in_force(Capacity.objects.filter(site=site, program=program, level=level, kind=kind), on)
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    found = rows.first()
    return counted([found], now=now)[found.pk] if found else None


@dataclass(frozen=True, slots=True)
class Counted:
    """A number in force, and how it stands."""

    row: Capacity
    places: Places


def places_of(actor: Actor, site: Site, *, now: datetime) -> list[Counted]:
    """Every sort of place a site counts, by program and level. Four queries."""
    rows = in_force(capacities(actor).filter(site=site), now.astimezone(site.zone).date())
    found = list(rows.order_by(*ORDER))
    standing = counted(found, now=now)
    return [Counted(each, standing[each.pk]) for each in found]


def free_places(actor: Actor, site: Site, *, now: datetime) -> dict[str, Sentence]:
    """What somebody about to be admitted finds at a site, by program; nothing of programs whose places nobody counts.
    Four queries."""
    counted_here = places_of(actor, site, now=now)
    found = [each for each in counted_here if each.row.kind == PlaceKind.PLACE and each.row.level == NO_LEVEL]
    return {each.row.program.key: free_said(each.places) for each in found}
