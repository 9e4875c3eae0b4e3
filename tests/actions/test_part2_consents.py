"""Consents to tell others: recorded as signed, taken back, replaced, ended."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from patients.actions import part2_consents as verbs
from patients.models import Consent
from patients.queries import part2_consents as queries
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    RecipientClass,
    RevocationMethod,
    SignatureMethod,
)
from tests.factories import clinic
from tests.factories.patients import NOW, patient

pytestmark = pytest.mark.django_db

TERMS = ConsentTerms(
    kind=ConsentKind.TPO,
    patient_name="Ana Ruiz",
    discloser="Riverbend  Clinic ",
    categories=(DisclosureCategory.EVERYTHING_BUT_NOTES,),
    recipient_class=RecipientClass.TREATING_PROVIDERS,
    purposes=(ConsentPurpose.TREATMENT, ConsentPurpose.PAYMENT),
    expiry=ConsentExpiry.END_OF_TREATMENT,
    signer=ConsentSigner.PATIENT,
    signer_name="Ana Ruiz",
    method=SignatureMethod.ON_PAPER,
    signed_on=NOW.date(),
)


@pytest.fixture
def desk():
    return clinic.actor(roles=[Role.FRONT_DESK], sites=[clinic.site()])


@pytest.fixture
def person(desk):
    return patient(desk.sites.get(), by=desk)


def record(person, by, now=NOW, **changes):
    return verbs.record_consent(patient=person, terms=replace(TERMS, **changes), by=by, now=now)


def revoke(row, by, now=NOW, **more):
    return verbs.revoke_consent(consent=row, method=RevocationMethod.WRITTEN, by=by, now=now, **more)


def end(row, by, on, now=NOW):
    return verbs.end_consent(consent=row, on=on, by=by, now=now)


def why(row, at=NOW, courses=()):
    fresh = queries.get(row.recorded_by, row.public_id)
    return queries.standing_of(fresh, courses, at).why.code.removeprefix("part2.standing.")


def refused(verb, *given, **named):
    with pytest.raises(Refused) as found:
        verb(*given, **named)
    return found.value


def test_a_consent_is_kept_as_it_was_signed(person, desk):
    row = record(person, desk)
    assert (row.kind, row.purposes, row.categories) == ("tpo", ["treatment", "payment"], ["everything_but_notes"])
    assert row.discloser == "Riverbend Clinic" and row.form_version == "part2_2024_1" and len(row.digest) == 64
    assert row.effective_at == NOW and row.site == desk.sites.get()
    entry = AuditEntry.objects.get(action="part2_consent.record")
    assert entry.subject_id == row.public_id and "Ana" not in str(entry.details)


def test_one_signed_before_holds_from_the_beginning_of_its_day(person, desk):
    row = record(person, desk, signed_on=date(2026, 6, 1))
    assert row.effective_at.astimezone(row.site.zone) == datetime(2026, 6, 1, tzinfo=row.site.zone)
    assert why(row) == "in_treatment"


def test_what_is_no_consent_is_not_kept_and_says_where(person, desk):
    told = refused(record, person, desk, categories=(), signer=ConsentSigner.PARENT)
    assert told.status == 422 and told.fields.keys() == {"categories", "authority"}
    assert not Consent.objects.exists()


def test_a_consent_taken_back_holds_no_longer_and_what_it_said_stays(person, desk):
    row = record(person, desk, now=NOW - timedelta(days=2), signed_on=NOW.date() - timedelta(days=2))
    revoke(row, desk, revoked_at=NOW - timedelta(hours=1), note="A letter.")
    assert why(row) == "revoked" and why(row, NOW - timedelta(hours=2)) == "in_treatment"
    kept = Consent.objects.get()
    assert (kept.revoked_by, kept.revocation_method, kept.revocation_note) == (desk, "written", "A letter.")
    assert kept.purposes == ["treatment", "payment"]


def test_a_consent_is_taken_back_once_not_in_the_future_and_not_before_it_held(person, desk):
    row = record(person, desk)
    assert refused(revoke, row, desk, revoked_at=NOW + timedelta(hours=1)).fields.keys() == {"revoked_at"}
    assert refused(revoke, row, desk, revoked_at=NOW - timedelta(days=9)).fields.keys() == {"revoked_at"}
    assert refused(revoke, row, desk, note="x" * 301).fields.keys() == {"note"}
    revoke(row, desk)
    assert refused(revoke, row, desk).code == "consent_revoked"


def test_a_new_consent_takes_the_place_of_the_old_one(person, desk):
    old = record(person, desk, now=NOW - timedelta(days=2), signed_on=NOW.date() - timedelta(days=2))
    terms = replace(TERMS, purposes=(ConsentPurpose.TREATMENT,))
    new = verbs.replace_consent(consent=old, terms=terms, by=desk, now=NOW)
    assert new.replaces == old
    assert (
        why(old) == "replaced" and why(old, NOW - timedelta(minutes=1)) == "in_treatment" and why(new) == "in_treatment"
    )
    again = refused(verbs.replace_consent, consent=old, terms=terms, by=desk, now=NOW)
    assert again.code == refused(revoke, old, desk).code == "consent_replaced"


def test_what_takes_its_place_was_not_signed_before_it(person, desk):
    old = record(person, desk)
    terms = replace(TERMS, signed_on=NOW.date() - timedelta(days=1))
    assert refused(verbs.replace_consent, consent=old, terms=terms, by=desk, now=NOW).fields.keys() == {"signed_on"}


def test_the_end_of_treatment_or_an_event_ends_a_consent_that_was_to_end_so(person, desk):
    row = record(person, desk, now=NOW - timedelta(days=5), signed_on=NOW.date() - timedelta(days=5))
    assert refused(end, row, desk, NOW.date() + timedelta(days=1)).fields.keys() == {"on"}
    assert refused(end, row, desk, NOW.date() - timedelta(days=9)).fields.keys() == {"on"}
    end(row, desk, NOW.date() - timedelta(days=1))
    assert why(row) == "treatment_ended"
    assert refused(end, row, desk, NOW.date()).code == "consent_ended"


def test_a_consent_without_an_end_is_taken_back_not_ended(person, desk):
    row = record(person, desk, expiry=ConsentExpiry.NONE)
    assert refused(end, row, desk, NOW.date()).code == "consent_ends_by_itself"


def test_treatment_that_is_over_ends_a_consent_by_itself_and_coming_back_does_not_renew_it(person, desk):
    row = record(person, desk, now=NOW - timedelta(days=30), signed_on=NOW.date() - timedelta(days=30))
    first = (NOW.date() - timedelta(days=30), NOW.date() - timedelta(days=10))
    assert why(row, courses=[first]) == "treatment_ended"
    assert why(row, courses=[first, (NOW.date() - timedelta(days=2), None)]) == "treatment_ended"
    assert why(row, courses=[(first[0], None)]) == "in_treatment"


def test_only_who_may_records_consents_and_only_of_those_they_see(person, desk):
    officer = clinic.actor(roles=[Role.PRIVACY_OFFICER], sites=desk.sites.all())
    assert refused(record, person, officer).status == 403
    stranger = clinic.actor(roles=[Role.FRONT_DESK], sites=[clinic.site()])
    assert refused(record, person, stranger).status == 404
    row = record(person, desk)
    assert refused(revoke, row, stranger).status == refused(queries.get, stranger, row.public_id).status == 404


def test_what_was_signed_cannot_be_rewritten_or_deleted_in_the_database(person, desk):
    row = record(person, desk)
    for change in (lambda: Consent.objects.filter(pk=row.pk).update(recipient="Another"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic(), allow_direct_writes():
            change()


def test_consents_are_listed_newest_first_with_whether_each_holds(person, desk):
    old = record(person, desk, now=NOW - timedelta(days=2), signed_on=NOW.date() - timedelta(days=2))
    new = record(person, desk, expiry=ConsentExpiry.NONE)
    revoke(old, desk)
    rows = queries.held(list(queries.listed(desk, person)), {}, NOW)
    assert [(each.row, each.standing.holds) for each in rows] == [(new, True), (old, False)]


def test_the_day_of_a_consent_is_counted_at_its_clinic(person, desk):
    row = record(person, desk, kind=ConsentKind.SPECIFIC, expiry=ConsentExpiry.ON_DATE, expires_on=date(2026, 6, 16))
    evening = datetime(2026, 6, 17, 3, 30, tzinfo=UTC)
    assert evening.astimezone(row.site.zone).date() == date(2026, 6, 16)
    assert why(row, evening) == "until" and why(row, evening + timedelta(days=1)) == "expired"
