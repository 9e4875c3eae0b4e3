"""The policy table of the REST doors about the course of care: url name → what it asks."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

P = Permission

ROUTES: dict[str, Route] = {
    # attestations: only a person's session holds the permission
    "api_attestation_withdraw": Route(write=P.ATTEST),
    "api_attestations": Route(read=P.ENROLLMENT_READ, write=P.ATTEST),
    # levels
    "api_level_assessment": Route(read=P.ASSESSMENT_READ),
    "api_level_assessments": Route(read=P.ASSESSMENT_READ, write=P.LEVEL_DECIDE),
    "api_level_cosign": Route(write=P.LEVEL_COSIGN),
    "api_level_decide": Route(write=P.LEVEL_DECIDE),
    # programs
    "api_program": Route(read=P.PROGRAM_READ),
    "api_program_version": Route(read=P.PROGRAM_READ),
    "api_program_versions": Route(read=P.PROGRAM_READ),
    "api_programs": Route(read=P.PROGRAM_READ),
    # returns
    "api_return_to_use": Route(read=P.ENROLLMENT_READ),
    "api_returns_to_use": Route(read=P.ENROLLMENT_READ, write=P.ENROLLMENT_WRITE),
}
