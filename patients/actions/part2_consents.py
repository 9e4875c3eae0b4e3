"""Consents to tell others (42 CFR Part 2): kept as signed, taken back, replaced, ended by what they were to end with.

Whether one holds is computed at the moment of use, so taking one back needs no clean-up: whoever releases asks again.
"""

from datetime import date, datetime, time

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from patients.actions.locks import lock_patient
from patients.models import Consent, Patient
from patients.queries.patients import site_for
from patients.rules.consents import ConsentExpiry, ConsentTerms, RevocationMethod, digest_of, term_problems, tidied
from patients.rules.texts import plain, text_problem

NOTE_LIMIT = 300
ENDED_BY_HAND = frozenset({ConsentExpiry.EVENT, ConsentExpiry.END_OF_TREATMENT})


@action(Permission.CONSENT_RECORD, "part2_consent.record")
def record_consent(
    *, patient: Patient, terms: ConsentTerms, by: Actor, now: datetime, site: Site | None = None
) -> Consent:
    """A consent as it was signed; it holds from the day of signing. Raises Refused: 404, 422 with each bad part."""
    fresh = lock_patient(patient, by)
    row = _write(fresh, terms, site_for(by, fresh, site), None, by, now)
    _record("part2_consent.record", row, by, now)
    return row


@action(Permission.CONSENT_RECORD, "part2_consent.replace")
def replace_consent(*, consent: Consent, terms: ConsentTerms, by: Actor, now: datetime) -> Consent:
    """A newly signed consent in the place of another, which holds until the new one does.

    Raises Refused: 404, 409 when the old one was taken back or replaced already, 422 with each bad part.
    """
    patient = lock_patient(consent.patient, by)
    old = _standing(consent)
    if terms.signed_on < old.signed_on:
        raise bad_input(signed_on=sentence("part2.refused.signed_before_old"))
    row = _write(patient, terms, old.site, old, by, now)
    _record("part2_consent.replace", row, by, now, replaces=str(old.public_id))
    return row


@action(Permission.CONSENT_RECORD, "part2_consent.revoke")
def revoke_consent(
    *,
    consent: Consent,
    method: RevocationMethod,
    by: Actor,
    now: datetime,
    note: str = "",
    revoked_at: datetime | None = None,
) -> Consent:
    """Taken back: from that moment on nothing more is told on it. What was told before stays told.

    revoked_at: when the clinic received it; now, unless said. Raises Refused: 404, 409 when it was taken back or
    replaced already, 422.
    """
    lock_patient(consent.patient, by)
    row, at = _standing(consent), revoked_at or now
    wrong = {"note": text_problem(note, limit=NOTE_LIMIT), "revoked_at": None}
    if at > now:
        wrong["revoked_at"] = sentence("part2.refused.revoked_later")
    elif at < row.effective_at:
        wrong["revoked_at"] = sentence("part2.refused.revoked_before")
    problems = {name: said for name, said in wrong.items() if said is not None}
    if problems:
        raise bad_input(**problems)
    row.revoked_at, row.revoked_by = at, by
    row.revocation_method, row.revocation_note = method.value, plain(note)
    row.save(update_fields=["revoked_at", "revoked_by", "revocation_method", "revocation_note"])
    _record("part2_consent.revoke", row, by, now, method=method.value)
    return row


@action(Permission.CONSENT_RECORD, "part2_consent.end")
def end_consent(*, consent: Consent, on: date, by: Actor, now: datetime) -> Consent:
    """What the consent was to end with came: the event, or the end of treatment.

    Raises Refused: 404, 409 when it does not end so or has ended, was taken back or replaced already, 422.
    """
    lock_patient(consent.patient, by)
    row = _standing(consent)
    if row.expiry not in ENDED_BY_HAND:
        raise Refused("consent_ends_by_itself")
    if row.ended_on is not None:
        raise Refused("consent_ended")
    if on > now.astimezone(row.site.zone).date():
        raise bad_input(on=sentence("part2.refused.ended_later"))
    if on < row.signed_on:
        raise bad_input(on=sentence("part2.refused.ended_before"))
    row.ended_on = on
    row.save(update_fields=["ended_on"])
    _record("part2_consent.end", row, by, now)
    return row


def _write(
    patient: Patient, terms: ConsentTerms, site: Site, replaces: Consent | None, by: Actor, now: datetime
) -> Consent:
    today = now.astimezone(site.zone).date()
    problems = term_problems(terms, today=today, born_on=patient.birth_date)
    if problems:
        raise bad_input(**problems)
    kept = tidied(terms)
    return Consent.objects.create(
        patient=patient, site=site, kind=kept.kind.value, patient_name=kept.patient_name, discloser=kept.discloser,
        categories=[each.value for each in kept.categories], details=kept.details,
        recipient_class=kept.recipient_class.value, recipient=kept.recipient,
        purposes=[each.value for each in kept.purposes], purpose_text=kept.purpose_text,
        form_version=kept.form_version.value, expiry=kept.expiry.value, expires_on=kept.expires_on,
        expiry_event=kept.expiry_event, signer=kept.signer.value, signer_name=kept.signer_name,
        authority=kept.authority, method=kept.method.value, digest=digest_of(kept), signed_on=kept.signed_on,
        effective_at=_effective(kept.signed_on, today, site, now), recorded_at=now, recorded_by=by, replaces=replaces,
    )  # fmt: skip


def _effective(signed_on: date, today: date, site: Site, now: datetime) -> datetime:
    """From now on where it was signed today; an older one from the beginning of its day."""
    return now if signed_on == today else datetime.combine(signed_on, time.min, tzinfo=site.zone)


def _standing(consent: Consent) -> Consent:
    """The row as it is now, locked, if it was neither taken back nor replaced."""
    rows = Consent.objects.select_for_update(no_key=True, of=("self",)).select_related("patient", "site")
    row = rows.get(pk=consent.pk)
    if row.revoked_at is not None:
        raise Refused("consent_revoked")
    if Consent.objects.filter(replaces=row).exists():
        raise Refused("consent_replaced")
    return row


def _record(name: str, row: Consent, by: Actor, now: datetime, **details: object) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("consent", row.public_id),
        patients=[row.patient.public_id],
        details={"kind": row.kind, "purposes": row.purposes, **details},
    )
