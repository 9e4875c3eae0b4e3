"""Finding people, always among those the asker may see."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.errors import forbidden, not_found
from clinic.models import Actor, ActorKind, Site
from patients.models import ContactPoint, Patient, PatientSite, PossibleDuplicate, SafetyFlag, SearchToken
from patients.rules.search import Clue, read_line

MOST_FOUND = 20


def get(actor: Actor, public_id: UUID | str) -> Patient:
    """The person, if the actor may see them. Raises Refused (404), for a foreign one exactly as for none."""
    return _one(_shown(Patient.objects.visible_to(actor)), public_id)


def detail(actor: Actor, public_id: UUID | str) -> Patient:
    """As `get`, with contact points, sites and preference already read: a constant number of queries."""
    current = PatientSite.objects.filter(until__isnull=True).select_related("site").order_by("site__name")
    points = ContactPoint.objects.filter(retired_at__isnull=True)
    people = _shown(Patient.objects.visible_to(actor)).select_related("contact_preference", "registered_by")
    return _one(
        people.prefetch_related(
            Prefetch("site_stays", current, to_attr="current_stays"),
            Prefetch("contact_points", points, to_attr="current_points"),
        ),
        public_id,
    )


def listed(actor: Actor, *, site: Site | None = None) -> QuerySet[Patient]:
    """Everybody the actor may see, by name (then id), with the number of open flags and the worst of them."""
    people = _shown(Patient.objects.visible_to(actor))
    if site is not None:
        here = PatientSite.objects.filter(patient_id=OuterRef("pk"), site=site, until__isnull=True)
        people = people.filter(Exists(here))
    return people.order_by("family_name", "given_name", "id")


def matching(actor: Actor, line: str, *, site: Site | None = None) -> QuerySet[Patient]:
    """People every part of the line fits, by name. None for a line that says too little."""
    clues = read_line(line)
    people = listed(actor, site=site)
    if not clues:
        return people.none()
    return people.filter(*(_has(clue) for clue in clues))


def find(actor: Actor, line: str, limit: int = MOST_FOUND, *, site: Site | None = None) -> list[Patient]:
    """The first people a typed line fits: names, record number, telephone number, birth date, in any order."""
    return list(matching(actor, line, site=site)[:limit])


def works_at(actor: Actor, site: Site) -> bool:
    """Whether the site is one of the actor's; a job works everywhere."""
    return actor.kind == ActorKind.JOB or actor.sites.filter(pk=site.pk).exists()


def require_site(actor: Actor, site: Site) -> None:
    """Raises Refused (404 for a site that is not the actor's, 403 for one that is closed)."""
    if not works_at(actor, site):
        raise not_found()
    if site.closed_at is not None:
        raise forbidden()


def site_for(actor: Actor, patient: Patient, preferred: Site | None = None) -> Site:
    """Where something about the person happens: the preferred site if it is theirs and the actor's, else a shared one.
    A job works everywhere, and so does a person's own link.

    Raises Refused (404) when they share none.
    """
    current = PatientSite.objects.filter(patient=patient, until__isnull=True)
    stays = current.select_related("site").order_by("since", "id")
    if actor.kind not in (ActorKind.JOB, ActorKind.PATIENT_LINK):
        stays = stays.filter(site__in=actor.sites.all())
    sites = [stay.site for stay in stays]
    if preferred is not None and preferred in sites:
        return preferred
    if not sites:
        raise not_found()
    return sites[0]


def stays(patient: Patient) -> QuerySet[PatientSite]:
    """The sites that see the person now."""
    return PatientSite.objects.filter(patient=patient, until__isnull=True).select_related("site")


def today_at(site: Site, now: datetime) -> date:
    """The calendar day at the site."""
    return now.astimezone(ZoneInfo(site.time_zone)).date()


def open_duplicates(actor: Actor) -> QuerySet[PossibleDuplicate]:
    """Undecided possible duplicates of which the actor sees both records, oldest first."""
    seen = Patient.objects.visible_to(actor)
    return (
        PossibleDuplicate.objects.filter(decided_at__isnull=True, patient__in=seen, other__in=seen)
        .select_related("patient", "other", "opened_by")
        .order_by("opened_at", "id")
    )


def duplicate(actor: Actor, public_id: UUID | str) -> PossibleDuplicate:
    """One possible duplicate of which the actor sees both records. Raises Refused (404)."""
    seen = Patient.objects.visible_to(actor)
    rows = PossibleDuplicate.objects.filter(patient__in=seen, other__in=seen).select_related("patient", "other")
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise not_found()
    return row


def _one(people: QuerySet[Patient], public_id: UUID | str) -> Patient:
    found = people.filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def _shown(people: QuerySet[Patient]) -> QuerySet[Patient]:
    """With `open_flags` and `urgent_flags` counted in the same query, from the index of open flags."""
    counted = people.annotate(open_flags=_flags(), urgent_flags=_flags("emergency", "urgent"))
    return counted.select_related("merged_into")


def _flags(*severities: str) -> Coalesce:
    raised = SafetyFlag.objects.filter(patient_id=OuterRef("pk"), closed_at__isnull=True)
    if severities:
        raised = raised.filter(severity__in=severities)
    counted = raised.order_by().values("patient_id").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _has(clue: Clue) -> Exists:
    fits: Iterable[Q] = (Q(token__startswith=beginning) for beginning in clue.beginnings)
    tokens = SearchToken.objects.filter(reduce(or_, fits), patient_id=OuterRef("pk"), kind__in=clue.kinds)
    return Exists(tokens)
