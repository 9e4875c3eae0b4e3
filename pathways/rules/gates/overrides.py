"""Setting a criterion aside: by whom, why, and with whose second signature."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from clinic.rules.roles import Role


class OverrideReason(StrEnum):
    """Why a criterion is set aside. Local list; the words beside it say the rest."""

    CLINICAL_JUDGEMENT = "clinical_judgement"
    EQUIVALENT_EVIDENCE = "equivalent_evidence"
    PATIENT_CHOICE = "patient_choice"
    SERVICE_NOT_AVAILABLE = "service_not_available"
    WAITING_IS_RISKIER = "waiting_is_riskier"


@dataclass(frozen=True, slots=True)
class Override:
    """One criterion set aside. `by` and `cosigned_by` are actors (public ids); they must be two people."""

    criterion: str
    by: UUID
    roles: tuple[Role, ...]
    reason: OverrideReason | None = None
    note: str = ""
    cosigned_by: UUID | None = None
    cosigner_roles: tuple[Role, ...] = ()
