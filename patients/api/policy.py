"""The policy table of the REST doors about people: url name → what it asks."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

P = Permission

ROUTES: dict[str, Route] = {
    "api_patients": Route(read=P.PATIENT_READ, write=P.PATIENT_REGISTER),
    "api_patients_search": Route(write=P.PATIENT_READ),
    "api_patient_sites": Route(read=P.PATIENT_READ, write=P.PATIENT_CORRECT),
    "api_instruments": Route(read=P.INSTRUMENT_READ),
    "api_instrument": Route(read=P.INSTRUMENT_READ),
    "api_instrument_score": Route(write=P.INSTRUMENT_READ),
    "api_flags": Route(read=P.ASSESSMENT_READ),
    "api_flag": Route(read=P.ASSESSMENT_READ),
    "api_flag_take": Route(write=P.ASSESSMENT_RECORD),
    "api_flag_close": Route(write=P.FLAG_CLOSE),
}
