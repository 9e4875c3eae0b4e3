"""A consent that held no longer when a move rested on it: the verbs every door uses (architecture.md, flow a).

The patients app keeps the consent and does not know of pathways; here the end of it and what follows for moves made
since happen in one transaction.
"""

from datetime import date, datetime, time

from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.rules.roles import Permission
from pathways.actions.evidence import note_withdrawn
from patients.actions import part2_consents
from patients.models import Consent
from patients.rules.consents import ConsentExpiry, RevocationMethod, over_from


@action(Permission.CONSENT_RECORD, "consent.revoke")
def revoke_consent(
    *,
    consent: Consent,
    method: RevocationMethod,
    by: Actor,
    now: datetime,
    note: str = "",
    revoked_at: datetime | None = None,
) -> Consent:
    """See `patients.actions.part2_consents.revoke_consent`; moves made since `revoked_at` are looked at again."""
    row = part2_consents.revoke_consent(
        consent=consent, method=method, by=by, now=now, note=note, revoked_at=revoked_at
    )
    _look_again(row, revoked_at or now, by, now)
    return row


@action(Permission.CONSENT_RECORD, "consent.end")
def end_consent(*, consent: Consent, on: date, by: Actor, now: datetime) -> Consent:
    """See `patients.actions.part2_consents.end_consent`; moves made since it held no longer are looked at again."""
    row = part2_consents.end_consent(consent=consent, on=on, by=by, now=now)
    over = over_from(ConsentExpiry(row.expiry), on)
    _look_again(row, datetime.combine(over, time.min, tzinfo=row.site.zone), by, now)
    return row


def _look_again(row: Consent, since: datetime, by: Actor, now: datetime) -> None:
    note_withdrawn(by=by, now=now, patient=row.patient, evidence_type="consent", evidence_id=row.public_id, since=since)
