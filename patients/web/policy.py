"""The policy table of the pages about people: url name → what it asks."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

P = Permission

ROUTES: dict[str, Route] = {
    "patient_register": Route(read=P.PATIENT_REGISTER, write=P.PATIENT_REGISTER),
    "patient": Route(read=P.PATIENT_READ),
    "patient_add_site": Route(write=P.PATIENT_CORRECT),
    "flags": Route(read=P.ASSESSMENT_READ),
    "flag": Route(read=P.ASSESSMENT_READ),
    "flag_take": Route(write=P.ASSESSMENT_RECORD),
    "flag_close": Route(write=P.FLAG_CLOSE),
    "duplicates": Route(read=P.DUPLICATE_REVIEW),
    "duplicate": Route(read=P.DUPLICATE_REVIEW, write=P.DUPLICATE_REVIEW),
}
