"""Links given by staff, and taken back."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.reminders.links import About, To, new_link
from pathways.models import FollowUp, PatientLink
from pathways.queries.links import fills_in_alone, still_comes
from pathways.queries.links import link as seen_link
from pathways.queries.sender_names import links_work
from pathways.queries.sessions import place as seen_place
from pathways.rules.links import LinkPurpose
from patients.actions.locks import lock_patient
from patients.models import Patient
from patients.queries.patients import get as seen_patient
from patients.queries.patients import site_for


@action(Permission.LINK_GIVE, "link.give")
def give_link(
    *,
    by: Actor,
    now: datetime,
    purpose: LinkPurpose,
    patient_id: UUID,
    attendance_id: UUID | None = None,
    follow_up_id: UUID | None = None,
    instrument: str = "",
) -> PatientLink:
    """A link for one thing, to be handed to the person: their appointment, a form, or how they are written to.

    Raises Refused: 404, 409 `no_link_address` where the installation has no address for links, `patient_closed`,
    `place_not_open`, 422 `instrument` (a person does not fill that one in alone) or `attendance`.
    """
    if not links_work():
        raise Refused("no_link_address", sentence("link.refused.no_address"))
    patient = lock_patient(seen_patient(by, patient_id), by)
    if patient.died_on is not None or patient.merged_into_id is not None:
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    match purpose:
        case LinkPurpose.APPOINTMENT:
            row = _to_appointment(by, patient, attendance_id, now)
        case LinkPurpose.QUESTIONNAIRE:
            row = _to_form(by, patient, follow_up_id, instrument, now)
        case LinkPurpose.PREFERENCES:
            row = new_link(To(patient, site_for(by, patient), patient.language), About(purpose), by, now)
    row.save(force_insert=True)
    audit.record(
        action="link.give",
        by=by,
        now=now,
        subject=("patient_link", row.public_id),
        patients=[patient.public_id],
        details={"purpose": purpose.value},
    )
    return row


@action(Permission.LINK_GIVE, "link.revoke")
def revoke_link(*, by: Actor, now: datetime, link_id: UUID) -> PatientLink:
    """It works no more. Doing it twice changes nothing. Raises Refused: 404, 409 `link_used`."""
    seen = seen_link(by, link_id)
    lock_patient(seen.patient, by)
    rows = PatientLink.objects.select_related("patient", "site").filter(pk=seen.pk)
    row = rows.select_for_update(no_key=True, of=("self",)).get()
    if row.used_at is not None:
        raise Refused("link_used", sentence("link.refused.used"))
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, by
        row.save(update_fields=["revoked_at", "revoked_by"])
        audit.record(
            action="link.revoke", by=by, now=now, subject=("patient_link", row.public_id),
            patients=[row.patient.public_id], details={"purpose": row.purpose},
        )  # fmt: skip
    return row


def _to_appointment(by: Actor, patient: Patient, attendance_id: UUID | None, now: datetime) -> PatientLink:
    if attendance_id is None:
        raise bad_input(attendance=sentence("refused.required"))
    place = seen_place(by, attendance_id)
    if place.patient_id != patient.pk:
        raise not_found()
    if not still_comes(place, now):
        raise Refused("place_not_open", sentence("link.refused.place_not_open"))
    to, about = To(patient, place.session.site, patient.language), About(LinkPurpose.APPOINTMENT, attendance=place)
    return new_link(to, about, by, now)


def _to_form(by: Actor, patient: Patient, follow_up_id: UUID | None, instrument: str, now: datetime) -> PatientLink:
    follow_up = None
    if follow_up_id is not None:
        rows = FollowUp.objects.visible_to(by).filter(patient=patient, public_id=follow_up_id)
        follow_up = rows.select_related("site").first()
        if follow_up is None:
            raise not_found()
        instrument = follow_up.instrument
    if not fills_in_alone(instrument):
        raise bad_input(instrument=sentence("link.refused.not_alone"))
    site = follow_up.site if follow_up else site_for(by, patient)
    about = About(LinkPurpose.QUESTIONNAIRE, follow_up=follow_up, instrument=instrument)
    return new_link(To(patient, site, patient.language), about, by, now)
