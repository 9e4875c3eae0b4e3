"""How somebody may be reached, as the contact rule wants to know it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from patients.models import ContactConsent, ContactPoint, ContactPreference, Patient, Suppression
from patients.queries.records import SamePeople, same_people, visible_records
from patients.rules.contact import Channel, ConsentDecision, ContactFacts

WRITTEN = (Channel.SMS, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class Reach:
    """One contact point with what decides on its use, and the newest word on consent to it."""

    point: ContactPoint
    facts: ContactFacts
    consent: ContactConsent | None


@dataclass(frozen=True, slots=True)
class StoppedElsewhere:
    """That a record somebody does not see forbids messages to its person. `channel`: empty where it forbids all."""

    channel: str
    since: datetime


def contact_point(actor: Actor, public_id: UUID | str) -> ContactPoint:
    """A contact point of somebody the actor may see. Raises Refused (404)."""
    seen = ContactPoint.objects.filter(patient__in=Patient.objects.visible_to(actor)).select_related("patient")
    found = seen.filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def contact_points(patient: Patient) -> QuerySet[ContactPoint]:
    """The contact points in use, in their order."""
    return ContactPoint.objects.filter(patient=patient, retired_at__isnull=True).order_by("rank", "id")


def written_to(patient: Patient) -> list[ContactPoint]:
    """The addresses in use that messages are written to, in their order."""
    return list(contact_points(patient).filter(channel__in=WRITTEN).select_related("patient"))


def preference_of(patient: Patient) -> ContactPreference | None:
    """What the person said they like, if they said anything."""
    return ContactPreference.objects.filter(patient=patient).first()


def consents(patient: Patient) -> QuerySet[ContactConsent]:
    """Every decision of the person on being contacted, newest first."""
    decisions = ContactConsent.objects.filter(patient=patient).select_related("contact_point", "recorded_by")
    return decisions.order_by("-effective_at", "-id")


def suppressions(patient: Patient, actor: Actor) -> QuerySet[Suppression]:
    """What is suppressed for the person, said of whichever record of theirs the actor sees, or for an address of this
    one, newest first."""
    addresses = ContactPoint.objects.filter(patient=patient, retired_at__isnull=True).values("address")
    seen = visible_records(actor, patient.pk)
    rows = Suppression.objects.filter(Q(patient__in=seen) | Q(patient__isnull=True, address__in=addresses))
    return rows.filter(lifted_at__isnull=True).select_related("added_by", "patient").order_by("-since", "-id")


def suppression(patient: Patient, actor: Actor, public_id: UUID | str) -> Suppression:
    """One suppression in force that concerns the person. Raises Refused (404), also for one of a record unseen."""
    found = suppressions(patient, actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def stopped_elsewhere(patient: Patient, actor: Actor) -> list[StoppedElsewhere]:
    """What is suppressed for the person in records of theirs the actor does not see, newest first."""
    people = same_people([patient.pk])
    seen = Patient.objects.visible_to(actor).filter(pk__in=people.records)
    rows = Suppression.objects.filter(patient__in=people.records, lifted_at__isnull=True).exclude(patient__in=seen)
    return [StoppedElsewhere(*each) for each in rows.order_by("-since", "-id").values_list("channel", "since")]


def reaches(patients: Iterable[int], now: datetime) -> Mapping[int, list[Reach]]:
    """For many patients (by primary key) at once: every contact point in use, with the facts the contact rule asks for.

    Four queries, whatever the number of people. Consent counts from its `effective_at`; what is suppressed for one
    record of a person is for all of them, as at sending.
    """
    wanted = list(patients)
    points = list(
        ContactPoint.objects.filter(patient_id__in=wanted, retired_at__isnull=True).order_by("patient_id", "rank", "id")
    )
    newest = _newest_consents(points, now)
    people = same_people(wanted)
    blocked = _blocked(people, points)
    found: dict[int, list[Reach]] = {pk: [] for pk in wanted}
    for point in points:
        found[point.patient_id].append(_reach(point, newest.get(point.pk), blocked, people))
    return found


def _newest_consents(points: list[ContactPoint], now: datetime) -> Mapping[int, ContactConsent]:
    decided = ContactConsent.objects.filter(contact_point__in=points, effective_at__lte=now)
    newest = decided.order_by("contact_point_id", "-effective_at", "-id").distinct("contact_point_id")
    return {each.contact_point_id: each for each in newest}


def _blocked(people: SamePeople, points: list[ContactPoint]) -> list[Suppression]:
    addresses = {point.address for point in points}
    theirs = Q(patient_id__in=people.records) | Q(address__in=addresses)
    return list(Suppression.objects.filter(theirs, lifted_at__isnull=True))


def _reach(
    point: ContactPoint, consent: ContactConsent | None, blocked: list[Suppression], people: SamePeople
) -> Reach:
    facts = ContactFacts(
        channel=Channel(point.channel),
        consent=_decision(consent),
        address_suppressed=any(_hits_address(each, point) for each in blocked),
        person_suppressed=any(_hits_person(each, point, people) for each in blocked),
        verified=point.verified_at is not None,
        retired=point.retired_at is not None,
        ok_to_leave_message=point.ok_to_leave_message,
        shared=point.shared,
    )
    return Reach(point, facts, consent)


def _decision(consent: ContactConsent | None) -> ConsentDecision | None:
    if consent is None:
        return None
    return ConsentDecision.GIVEN if consent.given else ConsentDecision.WITHDRAWN


def _hits_address(row: Suppression, point: ContactPoint) -> bool:
    """A suppressed address is closed on its channel (all channels when none is named), whoever has it."""
    return bool(row.address) and row.address == point.address and row.channel in ("", point.channel)


def _hits_person(row: Suppression, point: ContactPoint, people: SamePeople) -> bool:
    """Whichever record of theirs it was said of."""
    if row.address or row.patient_id is None or row.channel not in ("", point.channel):
        return False
    return people.of.get(row.patient_id) == people.of[point.patient_id]
