"""The clinic before its first patient: sites, staff, the API client, the program; all opened by the product's verbs."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic.actions import api_clients, practice, sites, staff
from clinic.actions.deliveries import disarm
from clinic.actions.jobs import job
from clinic.actions.opening import open_clinic
from clinic.models import Actor, ApiClient, Site, StaffMember
from clinic.rules.roles import SCOPES, Role
from pathways.actions import programs
from pathways.demo.cast import BOTH, CLIENT, HILL_STREET, PLACES, RIVERBEND, STAFF, Colleague
from pathways.demo.steps import OUTPATIENT
from pathways.models import Program
from pathways.programs.library import shipped

PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class Stage:
    """Who and what the story is played with. `secrets`: sign-ins and API client in the clear, handed over once."""

    sites: Mapping[str, Site]
    colleagues: Mapping[tuple[str, Role], Actor]
    client: Actor
    secrets: Mapping[str, object]

    def who(self, role: Role, site: str) -> Actor:
        """The member of staff with this role at this site."""
        return self.colleagues[site, role]


def set_up(*, at: datetime) -> Stage:
    """Open the demonstration clinic as of `at`. Nothing real can be sent from here on: practice for good, disarmed."""
    operator = job("demonstration")
    disarm(by=operator, now=at)
    practice.mark_practice(by=operator, now=at)
    administrator, *others = STAFF
    first = open_clinic(
        code=RIVERBEND,
        place=PLACES[RIVERBEND],
        email=administrator.email,
        full_name=administrator.full_name,
        password=None,
        now=at,
    )
    houses = _open_sites(first, at)
    members = {administrator.key: _works_everywhere(first, administrator, houses, at)}
    for colleague in others:
        members[colleague.key] = staff.invite(
            email=colleague.email, full_name=colleague.full_name, title=colleague.title, roles=[colleague.role],
            sites=[houses[code] for code in colleague.sites], language=colleague.language, by=first.actor, now=at,
        )  # fmt: skip
    _publish_programs(operator, at)
    scopes = sorted(SCOPES)
    client, secret = api_clients.make(name=CLIENT, scopes=scopes, sites=list(houses.values()), by=first.actor, now=at)
    sign_ins = give_passwords(members, by=operator, at=at)
    colleagues = {(code, each.role): members[each.key].actor for each in STAFF for code in each.sites}
    return Stage(houses, colleagues, client.actor, hand_over(sign_ins, client, secret))


def give_passwords(members: Mapping[str, StaffMember], *, by: Actor, at: datetime) -> list[dict[str, str]]:
    """New passwords, random for this installation, with what one signs in by."""
    sign_ins = []
    for colleague in STAFF:
        member = members.get(colleague.key)
        if member is not None:
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            practice.give_password(member=member, password=password, by=by, now=at)
            sign_ins.append({"role": colleague.role.value, "email": colleague.email, "password": password})
    return sign_ins


def hand_over(sign_ins: list[dict[str, str]], client: ApiClient, secret: str) -> dict[str, object]:
    """What whoever loads the demonstration is given (`make run` puts its address before the path of the token)."""
    given = {"id": client.application.client_id, "secret": secret, "token_url": "/o/token/"}
    return {"sign_ins": sign_ins, "api_client": given}


def _open_sites(administrator: StaffMember, at: datetime) -> dict[str, Site]:
    first = administrator.actor.sites.get()
    second = sites.open_site(code=HILL_STREET, place=PLACES[HILL_STREET], by=administrator.actor, now=at)
    return {RIVERBEND: first, HILL_STREET: second}


def _works_everywhere(
    member: StaffMember, colleague: Colleague, houses: Mapping[str, Site], at: datetime
) -> StaffMember:
    return staff.change(
        member=member, full_name=colleague.full_name, title=colleague.title, roles=[colleague.role],
        sites=[houses[code] for code in BOTH], by=member.actor, now=at,
    )  # fmt: skip


def _publish_programs(by: Actor, at: datetime) -> None:
    """The shipped programs, where none is in force yet."""
    if not Program.objects.filter(key=OUTPATIENT, versions__is_current=True).exists():
        programs.load_all(by=by, now=at, documents=[each.document for each in shipped()], publish=True)
