"""Who may do what: the one permission table.

Roles are the clinic's (model.md, "Who and where"). A permission names a verb or a kind of reading; doors and actions
ask `may`. Scopes are the same permissions as an API client holds them: `<noun>.read` and `<noun>.write`.
"""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    CLINICIAN = "clinician"
    NURSE = "nurse"
    COUNSELOR = "counselor"
    PEER_SUPPORTER = "peer_supporter"
    FRONT_DESK = "front_desk"
    PROGRAM_MANAGER = "program_manager"
    SUPERVISOR = "supervisor"
    PRIVACY_OFFICER = "privacy_officer"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    API_CLIENT = "api_client"


class Permission(StrEnum):
    PATIENT_READ = "patient.read"
    PATIENT_REGISTER = "patient.register"
    PATIENT_CORRECT = "patient.correct"
    CONTACT_WRITE = "contact.write"
    CONSENT_RECORD = "consent.record"
    DUPLICATE_REVIEW = "duplicate.review"
    ASSESSMENT_READ = "assessment.read"
    ASSESSMENT_RECORD = "assessment.record"
    ASSESSMENT_AMEND = "assessment.amend"
    FLAG_CLOSE = "flag.close"
    INSTRUMENT_READ = "instrument.read"
    PROGRAM_READ = "program.read"
    PROGRAM_WRITE = "program.write"
    PROGRAM_CONFIRM = "program.confirm"
    ENROLLMENT_READ = "enrollment.read"
    ENROLLMENT_WRITE = "enrollment.write"
    ENROLLMENT_MOVE = "enrollment.move"
    VERSION_ADOPT = "enrollment.adopt"
    RULE_ADAPT = "enrollment.adapt"
    ATTEST = "gate.attest"
    OVERRIDE = "gate.override"
    COSIGN = "gate.cosign"
    LEVEL_DECIDE = "level.decide"
    LEVEL_COSIGN = "level.cosign"
    PLAN_READ = "plan.read"
    PLAN_WRITE = "plan.write"
    CAPACITY_READ = "capacity.read"
    CAPACITY_WRITE = "capacity.write"
    WAITLIST_WORK = "waitlist.work"
    FOLLOW_UP_READ = "follow_up.read"
    FOLLOW_UP_WORK = "follow_up.work"
    FOLLOW_UP_ASSIGN = "follow_up.assign"
    ABSENCE_RECORD = "absence.record"
    VIEW_KEEP = "view.keep"
    REMINDER_READ = "reminder.read"
    REMINDER_SETTLE = "reminder.settle"
    REMINDER_SCHEDULE = "reminder.schedule"
    REPLY_READ = "reply.read"
    REPLY_WORK = "reply.work"
    DELIVERY_READ = "delivery.read"
    DELIVERY_PAUSE = "delivery.pause"
    TEMPLATE_READ = "template.read"
    TEMPLATE_WRITE = "template.write"
    LINK_GIVE = "link.give"
    RECONCILIATION_READ = "reconciliation.read"
    RECONCILIATION_RUN = "reconciliation.run"
    SESSION_READ = "session.read"
    SESSION_WRITE = "session.write"
    SESSION_DOCUMENT = "session.document"
    STAFF_READ = "staff.read"
    STAFF_WRITE = "staff.write"
    SITE_WRITE = "site.write"
    API_CLIENT_WRITE = "api_client.write"
    AUDIT_READ = "audit.read"
    PRACTICE_CLOCK = "practice.clock"
    OWN_ACCOUNT = "account.own"


P = Permission
_READ = frozenset({P.PATIENT_READ, P.ASSESSMENT_READ, P.INSTRUMENT_READ, P.PROGRAM_READ, P.ENROLLMENT_READ,
                   P.FOLLOW_UP_READ, P.REMINDER_READ, P.REPLY_READ, P.TEMPLATE_READ, P.PLAN_READ,
                   P.CAPACITY_READ, P.SESSION_READ, P.ABSENCE_RECORD, P.VIEW_KEEP})  # fmt: skip
_DESK = frozenset({P.PATIENT_READ, P.PATIENT_REGISTER, P.PATIENT_CORRECT, P.CONTACT_WRITE, P.CONSENT_RECORD,
                   P.PROGRAM_READ, P.ENROLLMENT_READ, P.FOLLOW_UP_READ, P.FOLLOW_UP_WORK, P.REMINDER_READ,
                   P.REPLY_READ, P.REPLY_WORK, P.TEMPLATE_READ, P.LINK_GIVE, P.CAPACITY_READ, P.SESSION_READ,
                   P.SESSION_WRITE, P.ABSENCE_RECORD, P.VIEW_KEEP})  # fmt: skip
_CARE = _READ | _DESK | {P.ASSESSMENT_RECORD, P.ASSESSMENT_AMEND, P.FLAG_CLOSE, P.ENROLLMENT_WRITE, P.ENROLLMENT_MOVE,
                         P.ATTEST, P.LEVEL_DECIDE, P.FOLLOW_UP_ASSIGN, P.REMINDER_SETTLE, P.PLAN_WRITE,
                         P.WAITLIST_WORK, P.SESSION_DOCUMENT}  # fmt: skip
_EVERYONE = frozenset({P.OWN_ACCOUNT, P.PRACTICE_CLOCK, P.RECONCILIATION_READ})

TABLE: dict[Role, frozenset[Permission]] = {
    Role.CLINICIAN: _EVERYONE
    | _CARE
    | {P.OVERRIDE, P.COSIGN, P.LEVEL_COSIGN, P.DUPLICATE_REVIEW, P.PROGRAM_CONFIRM, P.VERSION_ADOPT, P.RULE_ADAPT},
    Role.NURSE: _EVERYONE | _CARE,
    Role.COUNSELOR: _EVERYONE | _CARE | {P.OVERRIDE},
    Role.PEER_SUPPORTER: _EVERYONE
    | {
        P.PATIENT_READ,
        P.ENROLLMENT_READ,
        P.PROGRAM_READ,
        P.FOLLOW_UP_READ,
        P.FOLLOW_UP_WORK,
        P.ABSENCE_RECORD,
        P.VIEW_KEEP,
        P.REMINDER_READ,
        P.REPLY_READ,
        P.REPLY_WORK,
        P.PLAN_READ,
        P.SESSION_READ,
        P.SESSION_WRITE,
        P.SESSION_DOCUMENT,
    },
    Role.FRONT_DESK: _EVERYONE | _DESK,
    Role.PROGRAM_MANAGER: _EVERYONE
    | _READ
    | {
        P.PROGRAM_WRITE,
        P.TEMPLATE_WRITE,
        P.REMINDER_SCHEDULE,
        P.FOLLOW_UP_ASSIGN,
        P.STAFF_READ,
        P.CAPACITY_WRITE,
        P.VERSION_ADOPT,
        P.RECONCILIATION_RUN,
        P.DELIVERY_READ,
        P.DELIVERY_PAUSE,
    },
    Role.SUPERVISOR: _EVERYONE
    | _CARE
    | {
        P.OVERRIDE,
        P.COSIGN,
        P.LEVEL_COSIGN,
        P.DUPLICATE_REVIEW,
        P.STAFF_READ,
        P.PROGRAM_WRITE,
        P.PROGRAM_CONFIRM,
        P.TEMPLATE_WRITE,
        P.REMINDER_SCHEDULE,
        P.CAPACITY_WRITE,
        P.VERSION_ADOPT,
        P.RULE_ADAPT,
        P.RECONCILIATION_RUN,
        P.DELIVERY_READ,
        P.DELIVERY_PAUSE,
    },
    Role.PRIVACY_OFFICER: _EVERYONE | {P.PATIENT_READ, P.AUDIT_READ, P.STAFF_READ, P.DUPLICATE_REVIEW},
    Role.SYSTEM_ADMINISTRATOR: _EVERYONE
    | {
        P.STAFF_READ,
        P.STAFF_WRITE,
        P.SITE_WRITE,
        P.TEMPLATE_READ,
        P.TEMPLATE_WRITE,
        P.API_CLIENT_WRITE,
        P.PROGRAM_READ,
        P.INSTRUMENT_READ,
        P.RECONCILIATION_RUN,
        P.DELIVERY_READ,
        P.DELIVERY_PAUSE,
    },
    Role.API_CLIENT: frozenset(),
}

# What the bearer of a patient's own link may do: for that one person alone (`Patient.visible_to`), and through the
# verbs about links, which ask what the link is for.
OF_A_LINK = frozenset({P.ASSESSMENT_RECORD, P.CONTACT_WRITE, P.CONSENT_RECORD, P.SESSION_WRITE})

# Only a person may do these: a program's token never holds them (decisions.md 2).
PERSON_ONLY = frozenset({P.ATTEST, P.OVERRIDE, P.COSIGN, P.LEVEL_COSIGN, P.FLAG_CLOSE, P.STAFF_WRITE,
                         P.SITE_WRITE, P.API_CLIENT_WRITE, P.OWN_ACCOUNT, P.PRACTICE_CLOCK, P.AUDIT_READ,
                         P.PROGRAM_WRITE, P.PROGRAM_CONFIRM, P.VERSION_ADOPT, P.RULE_ADAPT,
                         P.TEMPLATE_WRITE, P.VIEW_KEEP})  # fmt: skip

SCOPES: dict[str, frozenset[Permission]] = {
    "patients.read": frozenset({P.PATIENT_READ}),
    "patients.write": frozenset({P.PATIENT_REGISTER, P.PATIENT_CORRECT, P.CONTACT_WRITE, P.CONSENT_RECORD}),
    "assessments.read": frozenset({P.ASSESSMENT_READ, P.INSTRUMENT_READ}),
    "assessments.write": frozenset({P.ASSESSMENT_RECORD, P.ASSESSMENT_AMEND}),
    "programs.read": frozenset({P.PROGRAM_READ}),
    "enrollments.read": frozenset({P.ENROLLMENT_READ}),
    "enrollments.write": frozenset({P.ENROLLMENT_WRITE, P.ENROLLMENT_MOVE, P.LEVEL_DECIDE}),
    "plans.read": frozenset({P.PLAN_READ}),
    "plans.write": frozenset({P.PLAN_WRITE}),
    "capacity.read": frozenset({P.CAPACITY_READ}),
    "capacity.write": frozenset({P.CAPACITY_WRITE, P.WAITLIST_WORK}),
    "sessions.read": frozenset({P.SESSION_READ}),
    "sessions.write": frozenset({P.SESSION_WRITE, P.SESSION_DOCUMENT, P.REMINDER_SCHEDULE}),
    "deliveries.read": frozenset({P.DELIVERY_READ}),
    "deliveries.write": frozenset({P.DELIVERY_PAUSE}),
    "follow_ups.read": frozenset({P.FOLLOW_UP_READ, P.REMINDER_READ, P.RECONCILIATION_READ}),
    "templates.read": frozenset({P.TEMPLATE_READ}),
    "links.write": frozenset({P.LINK_GIVE}),
    "replies.read": frozenset({P.REPLY_READ}),
    "replies.write": frozenset({P.REPLY_WORK}),
    "follow_ups.write": frozenset({P.FOLLOW_UP_WORK, P.FOLLOW_UP_ASSIGN, P.ABSENCE_RECORD, P.RECONCILIATION_RUN}),
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything the roles together may do. Raises ValueError for a role that is none."""
    return frozenset().union(*(TABLE[Role(role)] for role in roles))


def may(roles: Iterable[str], permission: Permission) -> bool:
    """Whether one of the roles holds the permission."""
    return permission in permissions_of(roles)


def permissions_of_scopes(scopes: Iterable[str]) -> frozenset[Permission]:
    """What a token with these scopes may do; a scope that is none gives nothing."""
    return frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in scopes)) - PERSON_ONLY
