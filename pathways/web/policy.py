"""The policy table of the pages about the course of care: url name → what it asks."""

from clinic.rules.roles import Permission
from clinic.rules.routes import Route

P = Permission

ROUTES: dict[str, Route] = {
    # attestations
    "attest": Route(read=P.ATTEST, write=P.ATTEST),
    "attestation_withdraw": Route(write=P.ATTEST),
    # findings
    "assessment": Route(read=P.ASSESSMENT_READ),
    "assessment_amend": Route(read=P.ASSESSMENT_AMEND, write=P.ASSESSMENT_AMEND),
    "assessment_attended": Route(write=P.ASSESSMENT_RECORD),
    "assessment_autosave": Route(write=P.ASSESSMENT_RECORD),
    "assessment_new": Route(read=P.ASSESSMENT_RECORD, write=P.ASSESSMENT_RECORD),
    "assessment_retract": Route(write=P.ASSESSMENT_AMEND),
    "assessments": Route(read=P.ASSESSMENT_READ),
    "intake": Route(read=P.ASSESSMENT_READ),
    "intake_attended": Route(write=P.ASSESSMENT_RECORD),
    "intake_autosave": Route(write=P.ASSESSMENT_RECORD),
    "intake_check": Route(read=P.ASSESSMENT_READ),
    "intake_open": Route(write=P.ASSESSMENT_RECORD),
    "intake_section": Route(read=P.ASSESSMENT_READ, write=P.ASSESSMENT_RECORD),
    "intake_sign": Route(write=P.ASSESSMENT_RECORD),
    # chart, board, enrollments
    "adopt_one": Route(read=P.VERSION_ADOPT, write=P.VERSION_ADOPT),
    "adoption": Route(read=P.PROGRAM_READ),
    "adoption_resume": Route(write=P.VERSION_ADOPT),
    "adoption_stop": Route(write=P.VERSION_ADOPT),
    "program_adopt": Route(read=P.VERSION_ADOPT, write=P.VERSION_ADOPT),
    "board": Route(read=P.ENROLLMENT_READ),
    "chart": Route(read=P.PATIENT_READ),
    "cosign": Route(read=P.ENROLLMENT_READ, write=P.COSIGN),
    "enroll": Route(read=P.ENROLLMENT_WRITE, write=P.ENROLLMENT_WRITE),
    "enrollment_counselor": Route(read=P.ENROLLMENT_WRITE, write=P.ENROLLMENT_WRITE),
    "move": Route(read=P.ENROLLMENT_MOVE, write=P.ENROLLMENT_MOVE),
    "move_undo": Route(read=P.ENROLLMENT_MOVE, write=P.ENROLLMENT_MOVE),
    "transfer": Route(read=P.ENROLLMENT_MOVE, write=P.ENROLLMENT_MOVE),
    "readmit": Route(read=P.ENROLLMENT_WRITE, write=P.ENROLLMENT_WRITE),
    # contacts: addresses, consent, preferences, what is stopped
    "consent": Route(write=P.CONSENT_RECORD),
    "contact_point": Route(read=P.CONTACT_WRITE, write=P.CONTACT_WRITE),
    "contact_point_retire": Route(write=P.CONTACT_WRITE),
    "contact_point_verify": Route(write=P.CONTACT_WRITE),
    "patient_contacts": Route(read=P.PATIENT_READ, write=P.CONTACT_WRITE),
    "patient_lift": Route(write=P.CONTACT_WRITE),
    "patient_preference": Route(write=P.CONTACT_WRITE),
    "patient_suppress": Route(write=P.CONTACT_WRITE),
    # levels
    "level_assessment": Route(read=P.ASSESSMENT_READ),
    "level_cosign": Route(write=P.LEVEL_COSIGN),
    "level_decide": Route(write=P.LEVEL_DECIDE),
    "level_rate": Route(read=P.LEVEL_DECIDE, write=P.LEVEL_DECIDE),
    "level_suggestion": Route(write=P.LEVEL_DECIDE),
    # people
    "patients": Route(read=P.PATIENT_READ),
    "patients_search": Route(write=P.PATIENT_READ),
    # plans
    "plan": Route(read=P.PLAN_READ),
    "plan_close": Route(write=P.PLAN_WRITE),
    "plan_element_change": Route(write=P.PLAN_WRITE),
    "plan_element_end": Route(write=P.PLAN_WRITE),
    "plan_element_move": Route(write=P.PLAN_WRITE),
    "plan_element_reopen": Route(write=P.PLAN_WRITE),
    "plan_element_write": Route(write=P.PLAN_WRITE),
    "plan_keep": Route(read=P.PLAN_READ),
    "plan_open": Route(write=P.PLAN_WRITE),
    "plan_review": Route(write=P.PLAN_WRITE),
    "plan_sign": Route(write=P.PLAN_WRITE),
    "plan_words": Route(write=P.PLAN_WRITE),
    # programs
    "program": Route(read=P.PROGRAM_READ),
    "program_publish": Route(write=P.PROGRAM_WRITE),
    "program_retire": Route(write=P.PROGRAM_WRITE),
    "program_version": Route(read=P.PROGRAM_READ),
    "programs": Route(read=P.PROGRAM_READ),
    # returns
    "return_to_use": Route(read=P.ENROLLMENT_WRITE, write=P.ENROLLMENT_WRITE),
    # sites
    "site_close": Route(write=P.SITE_WRITE),
    # follow-ups
    "call": Route(read=P.FOLLOW_UP_WORK, write=P.FOLLOW_UP_WORK),
    "call_undo": Route(write=P.FOLLOW_UP_WORK),
    "follow_up": Route(read=P.FOLLOW_UP_READ),
    "follow_up_assign": Route(read=P.FOLLOW_UP_ASSIGN, write=P.FOLLOW_UP_ASSIGN),
    "follow_up_close": Route(read=P.FOLLOW_UP_WORK, write=P.FOLLOW_UP_WORK),
    "follow_up_done": Route(read=P.FOLLOW_UP_WORK, write=P.FOLLOW_UP_WORK),
    "follow_up_reschedule": Route(read=P.FOLLOW_UP_WORK, write=P.FOLLOW_UP_WORK),
    # messages
    "mailbox": Route(read=P.REMINDER_READ),
    "message": Route(read=P.REMINDER_READ),
    "message_decide": Route(write=P.REMINDER_SETTLE),
    "messages": Route(read=P.REMINDER_READ),
    "sms_status": Route(public="The SMS provider reports here; its signature is checked, and nothing is told."),
    # today: everybody's first page; it leads those on whose work is not with patients
    "today": Route(read=P.OWN_ACCOUNT),
    "today_evidence_review": Route(read=P.ENROLLMENT_MOVE, write=P.ENROLLMENT_MOVE),
    "today_flag_review": Route(read=P.FLAG_CLOSE, write=P.FLAG_CLOSE),
    "today_flag_take": Route(write=P.ASSESSMENT_RECORD),
}
