"""The moves of an enrollment. Each verb: permission, lock, facts, gate, transition, stays, follow-ups, audit."""

from pathways.actions.enrollments.adoptions import adopt_version
from pathways.actions.enrollments.counselors import assign_counselor
from pathways.actions.enrollments.moves import advance, discharge, hold, resume, step_back
from pathways.actions.enrollments.openings import enroll, readmit
from pathways.actions.enrollments.overrides import cosign_override, decline_override, request_override
from pathways.actions.enrollments.reversals import reverse
from pathways.actions.enrollments.transfers import transfer_program, transfer_site
from pathways.actions.enrollments.waiting import admit, propose, waitlist

__all__ = [
    "admit",
    "adopt_version",
    "advance",
    "assign_counselor",
    "cosign_override",
    "decline_override",
    "discharge",
    "enroll",
    "hold",
    "propose",
    "readmit",
    "request_override",
    "resume",
    "reverse",
    "step_back",
    "transfer_program",
    "transfer_site",
    "waitlist",
]
