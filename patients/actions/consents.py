"""Consent to be contacted: given and withdrawn, per contact point, never rewritten."""

from datetime import datetime

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from patients.actions.locks import lock_patient
from patients.models import ContactConsent, ContactPoint
from patients.rules.texts import plain, text_problem

METHODS = ("in_person", "phone", "written", "reply", "link", "provider")
EVIDENCE_LIMIT = 300


@action(Permission.CONSENT_RECORD, "consent.record")
def record(
    *,
    contact_point: ContactPoint,
    given: bool,
    method: str,
    evidence: str = "",
    effective_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> ContactConsent:
    """The person's decision about being written to at one address; the newest effective one counts.

    Withdrawal is pulled, not pushed: whoever sends asks again at that moment. Raises Refused: 404, 422.
    """
    patient = lock_patient(contact_point.patient, by)
    at = effective_at or now
    wrong = {
        "method": method_problem(method),
        "evidence": text_problem(evidence, limit=EVIDENCE_LIMIT),
        "effective_at": sentence("consent.effective.future") if at > now else None,
    }
    problems = {name: said for name, said in wrong.items() if said is not None}
    if problems:
        raise bad_input(**problems)
    row = write(contact_point, given=given, method=method, evidence=plain(evidence), effective_at=at, by=by, now=now)
    audit.record(
        action="consent.record",
        by=by,
        now=now,
        subject=("contact_point", contact_point.public_id),
        patients=[patient.public_id],
        details={"given": given, "method": method},
    )
    return row


def record_change(
    *,
    contact_point: ContactPoint,
    given: bool,
    method: str,
    evidence: str = "",
    effective_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> ContactConsent | None:
    """As `record` does, where it is not their newest word already: saying the same again adds nothing."""
    newest = ContactConsent.objects.filter(contact_point=contact_point).order_by("-effective_at", "-id").first()
    if newest is not None and newest.given == given:
        return None
    return record(
        contact_point=contact_point, given=given, method=method, evidence=evidence, effective_at=effective_at,
        by=by, now=now,
    )  # fmt: skip


def write(
    contact_point: ContactPoint,
    *,
    given: bool,
    method: str,
    effective_at: datetime,
    by: Actor,
    now: datetime,
    evidence: str = "",
) -> ContactConsent:
    """The row; inside an action only."""
    return ContactConsent.objects.create(
        patient=contact_point.patient, contact_point=contact_point, given=given, method=method, evidence=evidence,
        effective_at=effective_at, recorded_at=now, recorded_by=by,
    )  # fmt: skip


def method_problem(method: str) -> Sentence | None:
    """Why this is no way a consent can be given."""
    return None if method in METHODS else sentence("refused.not_offered")
