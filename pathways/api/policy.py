"""The policy table of the REST doors about the course of care: url name → what it asks."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

P = Permission

ROUTES: dict[str, Route] = {
    # attestations: only a person's session holds the permission
    "api_attestation_withdraw": Route(write=P.ATTEST),
    "api_attestations": Route(read=P.ENROLLMENT_READ, write=P.ATTEST),
    # contacts: addresses, consent, preferences
    "api_consents": Route(read=P.PATIENT_READ, write=P.CONSENT_RECORD),
    "api_contact_point": Route(read=P.PATIENT_READ, write=P.CONTACT_WRITE),
    "api_contact_point_verify": Route(write=P.CONTACT_WRITE),
    "api_contact_points": Route(read=P.PATIENT_READ, write=P.CONTACT_WRITE),
    "api_preference": Route(read=P.PATIENT_READ, write=P.CONTACT_WRITE),
    # enrollments, their moves, and requirements set aside (people alone ask and sign)
    "api_enrollment": Route(read=P.ENROLLMENT_READ),
    "api_enrollment_advance": Route(write=P.ENROLLMENT_MOVE),
    "api_enrollment_counselor": Route(write=P.ENROLLMENT_WRITE),
    "api_enrollment_discharge": Route(write=P.ENROLLMENT_MOVE),
    "api_enrollment_gate": Route(read=P.ENROLLMENT_READ),
    "api_enrollment_hold": Route(write=P.ENROLLMENT_MOVE),
    "api_enrollment_readmit": Route(write=P.ENROLLMENT_WRITE),
    "api_enrollment_resume": Route(write=P.ENROLLMENT_MOVE),
    "api_enrollment_reverse": Route(write=P.ENROLLMENT_MOVE),
    "api_enrollment_step_back": Route(write=P.ENROLLMENT_MOVE),
    "api_enrollment_transitions": Route(read=P.ENROLLMENT_READ),
    "api_enrollments": Route(read=P.ENROLLMENT_READ, write=P.ENROLLMENT_WRITE),
    "api_override_cosign": Route(write=P.COSIGN),
    "api_override_decline": Route(write=P.COSIGN),
    "api_override_request": Route(read=P.ENROLLMENT_READ),
    "api_override_requests": Route(read=P.ENROLLMENT_READ, write=P.OVERRIDE),
    # findings
    "api_assessment": Route(read=P.ASSESSMENT_READ),
    "api_assessment_amend": Route(write=P.ASSESSMENT_AMEND),
    "api_assessment_retract": Route(write=P.ASSESSMENT_AMEND),
    "api_assessments": Route(read=P.ASSESSMENT_READ, write=P.ASSESSMENT_RECORD),
    "api_draft": Route(read=P.ASSESSMENT_READ, write=P.ASSESSMENT_RECORD),
    "api_draft_record": Route(write=P.ASSESSMENT_RECORD),
    "api_drafts": Route(read=P.ASSESSMENT_READ),
    "api_intake": Route(read=P.ASSESSMENT_READ),
    "api_intake_sign": Route(write=P.ASSESSMENT_RECORD),
    "api_intakes": Route(read=P.ASSESSMENT_READ, write=P.ASSESSMENT_RECORD),
    # levels
    "api_level_assessment": Route(read=P.ASSESSMENT_READ),
    "api_level_assessments": Route(read=P.ASSESSMENT_READ, write=P.LEVEL_DECIDE),
    "api_level_cosign": Route(write=P.LEVEL_COSIGN),
    "api_level_decide": Route(write=P.LEVEL_DECIDE),
    # plans
    "api_plan": Route(read=P.PLAN_READ, write=P.PLAN_WRITE),
    "api_plan_close": Route(write=P.PLAN_WRITE),
    "api_plan_element": Route(read=P.PLAN_READ, write=P.PLAN_WRITE),
    "api_plan_element_end": Route(write=P.PLAN_WRITE),
    "api_plan_element_move": Route(write=P.PLAN_WRITE),
    "api_plan_element_reopen": Route(write=P.PLAN_WRITE),
    "api_plan_elements": Route(write=P.PLAN_WRITE),
    "api_plan_review": Route(write=P.PLAN_WRITE),
    "api_plan_sign": Route(write=P.PLAN_WRITE),
    "api_plans": Route(read=P.PLAN_READ, write=P.PLAN_WRITE),
    # programs
    "api_program": Route(read=P.PROGRAM_READ),
    "api_program_confirm": Route(write=P.PROGRAM_CONFIRM),
    "api_program_copy": Route(write=P.PROGRAM_WRITE),
    "api_program_draft": Route(read=P.PROGRAM_READ, write=P.PROGRAM_WRITE),
    "api_program_draft_problems": Route(read=P.PROGRAM_READ),
    "api_program_drafts": Route(write=P.PROGRAM_WRITE),
    "api_program_file": Route(read=P.PROGRAM_READ),
    "api_program_publish": Route(write=P.PROGRAM_WRITE),
    "api_program_retire": Route(write=P.PROGRAM_WRITE),
    "api_program_version": Route(read=P.PROGRAM_READ),
    "api_program_versions": Route(read=P.PROGRAM_READ),
    "api_programs": Route(read=P.PROGRAM_READ, write=P.PROGRAM_WRITE),
    # returns
    "api_return_to_use": Route(read=P.ENROLLMENT_READ),
    "api_returns_to_use": Route(read=P.ENROLLMENT_READ, write=P.ENROLLMENT_WRITE),
    # follow-ups and reminders
    "api_call_results": Route(write=P.FOLLOW_UP_WORK),
    "api_call_undo": Route(write=P.FOLLOW_UP_WORK),
    "api_follow_up": Route(read=P.FOLLOW_UP_READ),
    "api_follow_up_assign": Route(write=P.FOLLOW_UP_ASSIGN),
    "api_follow_up_close": Route(write=P.FOLLOW_UP_WORK),
    "api_follow_up_reschedule": Route(write=P.FOLLOW_UP_WORK),
    "api_follow_ups": Route(read=P.FOLLOW_UP_READ),
    "api_reminder": Route(read=P.REMINDER_READ),
    "api_reminder_decide": Route(write=P.REMINDER_SETTLE),
    "api_reminders": Route(read=P.REMINDER_READ),
    "api_worklist": Route(read=P.FOLLOW_UP_READ),
}
