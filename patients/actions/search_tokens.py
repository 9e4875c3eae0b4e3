"""Keeping the words a person is found by in step with the record; part of every verb that changes them."""

from patients.models import ContactPoint, Patient, SearchToken
from patients.rules.contact import PHONE_CHANNELS
from patients.rules.search import tokens_of


def rewrite(patient: Patient) -> None:
    """Write the tokens that follow from the record, take away those that no longer do. Inside an action only."""
    points = ContactPoint.objects.filter(patient=patient, retired_at__isnull=True, channel__in=list(PHONE_CHANNELS))
    wanted = {
        (kind.value, token)
        for kind, token in tokens_of(
            names=(patient.given_name, patient.family_name, patient.preferred_name),
            record_number=patient.record_number,
            birth_date=patient.birth_date,
            phones=points.values_list("address", flat=True),
        )
    }
    kept = {(each.kind, each.token): each.pk for each in SearchToken.objects.filter(patient=patient)}
    gone = [pk for key, pk in kept.items() if key not in wanted]
    if gone:
        SearchToken.objects.filter(pk__in=gone).delete()
    fresh = sorted(wanted - kept.keys())
    SearchToken.objects.bulk_create([SearchToken(patient=patient, kind=kind, token=token) for kind, token in fresh])
