"""The places and the people who work there. Nobody here exists: numbers end in 555-01xx, addresses in example.org."""

from dataclasses import dataclass
from datetime import time

from clinic.actions.sites import Place
from clinic.rules.roles import Role

RIVERBEND, HILL_STREET = "riverbend", "hill-street"
BOTH = (RIVERBEND, HILL_STREET)

PLACES: dict[str, Place] = {
    RIVERBEND: Place(
        name="Riverbend",
        discreet_name="the Riverbend office",
        time_zone="America/New_York",
        phone="+16175550100",
        contact_opens=time(9),
        contact_closes=time(19),
    ),
    HILL_STREET: Place(
        name="Hill Street",
        discreet_name="the Hill Street office",
        time_zone="America/Denver",
        phone="+13035550100",
        contact_opens=time(8, 30),
        contact_closes=time(18),
    ),
}


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff: who, what they do, and where."""

    key: str
    full_name: str
    title: str
    role: Role
    sites: tuple[str, ...]
    language: str = "en"

    @property
    def email(self) -> str:
        return f"{self.key}@example.org"


STAFF: tuple[Colleague, ...] = (
    Colleague("admin", "Olive Keywright", "Systems", Role.SYSTEM_ADMINISTRATOR, BOTH),
    Colleague("clinician", "Dr. Nora Inkwell", "Physician", Role.CLINICIAN, (RIVERBEND,)),
    Colleague("nurse", "Tomas Papermoon", "Nurse", Role.NURSE, (RIVERBEND,)),
    Colleague("counselor", "Ada Storyfield", "Counselor", Role.COUNSELOR, (RIVERBEND,)),
    Colleague("peer", "Sam Lanternby", "Peer supporter", Role.PEER_SUPPORTER, BOTH),
    Colleague("frontdesk", "Pia Welcombe", "Front desk", Role.FRONT_DESK, BOTH),
    Colleague("manager", "Rosa Chartwell", "Program manager", Role.PROGRAM_MANAGER, BOTH),
    Colleague("supervisor", "Dr. Ben Overleaf", "Clinical supervisor", Role.SUPERVISOR, BOTH),
    Colleague("privacy", "Ivy Sealock", "Privacy officer", Role.PRIVACY_OFFICER, BOTH),
    Colleague("clinician.hill", "Dr. Mateo Foliofield", "Physician", Role.CLINICIAN, (HILL_STREET,)),
    Colleague("nurse.hill", "June Quillfeather", "Nurse", Role.NURSE, (HILL_STREET,)),
    Colleague("counselor.hill", "Lucia Marginson", "Counselor", Role.COUNSELOR, (HILL_STREET,), language="es"),
)

CLIENT = "Questionnaire kiosk"
"""The program that hands in what people fill in themselves."""
