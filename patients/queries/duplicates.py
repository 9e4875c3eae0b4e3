"""Who a person being registered may already be."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from clinic.models import Actor
from patients.models import ContactPoint, Patient, SearchToken
from patients.rules.contact import PHONE_CHANNELS, Channel
from patients.rules.identity import Match, Person, Strength, similarity
from patients.rules.search import TokenKind

MOST_COMPARED = 500


@dataclass(frozen=True, slots=True)
class Likeness:
    """A known person, why they may be the same, and whether the asker may see them."""

    patient: Patient
    match: Match
    visible: bool


def likenesses(actor: Actor, person: Person, *, but: Patient | None = None) -> list[Likeness]:
    """Everybody the rules take for possibly the same person, likely ones first, whichever site they are at.

    Callers show only the visible ones; the others become a task for a role that sees both (decisions.md 4).
    """
    known = _candidates(person)
    if but is not None:
        known = known.exclude(pk=but.pk)
    people = list(known.order_by("id")[:MOST_COMPARED])
    mine = Patient.objects.visible_to(actor).filter(pk__in=[each.pk for each in people])
    seen = set(mine.values_list("pk", flat=True))
    found = []
    for each in people:
        match = similarity(person, as_person(each))
        if match is not None:
            found.append(Likeness(each, match, each.pk in seen))
    return sorted(found, key=lambda one: (one.match.strength is not Strength.LIKELY, one.patient.pk))


def as_person(patient: Patient) -> Person:
    """What the duplicate rule compares, of a patient whose current contact points were read."""
    points: list[ContactPoint] = patient.points_to_compare  # type: ignore[attr-defined]
    return Person(
        given=patient.given_name,
        family=patient.family_name,
        birth_date=patient.birth_date,
        preferred=patient.preferred_name,
        phones=tuple(point.address for point in points if point.channel in PHONE_CHANNELS),
        emails=tuple(point.address for point in points if point.channel == Channel.EMAIL),
    )


def _candidates(person: Person) -> QuerySet[Patient]:
    """By birth date (also with day and month swapped), or by a shared address: both by index."""
    days = [day.isoformat() for day in _days(person.birth_date)]
    born = SearchToken.objects.filter(kind=TokenKind.BORN, token__in=days).values("patient_id")
    shared = ContactPoint.objects.filter(_addresses(person), retired_at__isnull=True).values("patient_id")
    points = ContactPoint.objects.filter(retired_at__isnull=True)
    return Patient.objects.filter(Q(pk__in=born) | Q(pk__in=shared)).prefetch_related(
        Prefetch("contact_points", points, to_attr="points_to_compare")
    )


def _addresses(person: Person) -> Q:
    return Q(address__in=[*person.phones, *person.emails])


def _days(born: date | None) -> list[date]:
    if born is None:
        return []
    if born.day <= 12:
        return [born, date(born.year, born.day, born.month)]
    return [born]
