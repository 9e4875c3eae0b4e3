"""The policy table of the pages about people: url name → what it asks."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

P = Permission

ROUTES: dict[str, Route] = {
    "patient_register": Route(read=P.PATIENT_REGISTER, write=P.PATIENT_REGISTER),
    "patient": Route(read=P.PATIENT_READ),
    "patient_correct": Route(read=P.PATIENT_CORRECT, write=P.PATIENT_CORRECT),
    "patient_add_site": Route(write=P.PATIENT_CORRECT),
    "patient_contacts": Route(read=P.PATIENT_READ, write=P.CONTACT_WRITE),
    "patient_preference": Route(write=P.CONTACT_WRITE),
    "patient_suppress": Route(write=P.CONTACT_WRITE),
    "patient_lift": Route(write=P.CONTACT_WRITE),
    "contact_point": Route(read=P.CONTACT_WRITE, write=P.CONTACT_WRITE),
    "contact_point_verify": Route(write=P.CONTACT_WRITE),
    "contact_point_retire": Route(write=P.CONTACT_WRITE),
    "consent": Route(write=P.CONSENT_RECORD),
    "flags": Route(read=P.ASSESSMENT_READ),
    "flag": Route(read=P.ASSESSMENT_READ),
    "flag_take": Route(write=P.ASSESSMENT_RECORD),
    "flag_close": Route(write=P.FLAG_CLOSE),
    "duplicates": Route(read=P.DUPLICATE_REVIEW),
    "duplicate": Route(read=P.DUPLICATE_REVIEW, write=P.DUPLICATE_REVIEW),
}
