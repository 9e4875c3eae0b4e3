"""Inviting people, giving them roles and sites, and closing the door behind those who left."""

from collections.abc import Collection
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, forbidden, not_found, stale
from clinic.models import Actor, ActorKind, Site, StaffMember, User
from clinic.models.staff import Theme
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from clinic.rules.staff import in_order, leaves_no_administrator, roles_problem
from clinic.wording import LANGUAGES


@action(Permission.STAFF_WRITE, "staff.invite")
def invite(
    *,
    email: str,
    full_name: str,
    roles: Collection[str],
    sites: Collection[Site],
    by: Actor,
    now: datetime,
    title: str = "",
    phone: str = "",
    language: str = "en",
) -> StaffMember:
    """A person who may set a password and sign in. The caller sends the letter once this is committed.

    Raises Refused 422 with a sentence per field: no name, no address or one already here, no role, no open site.
    """
    return admit(
        email=email, full_name=full_name, roles=roles, sites=sites, by=by, now=now,
        title=title, phone=phone, language=language,
    )  # fmt: skip


@action(None, "staff.admit")
def admit(
    *, email: str, full_name: str, roles: Collection[str], sites: Collection[Site], by: Actor, now: datetime,
    title: str, phone: str, language: str,
) -> StaffMember:  # fmt: skip
    """What `invite` and the opening of a clinic share; their callers have been permitted."""
    email, full_name = email.strip().lower(), " ".join(full_name.split())
    wrong = _problems(full_name, roles, sites) | _email_problem(email)
    if wrong:
        raise bad_input(**wrong)
    user = User(email=email)
    user.set_unusable_password()
    user.save(force_insert=True)
    actor = Actor.objects.create(kind=ActorKind.STAFF, name=full_name, roles=in_order(roles))
    actor.sites.set(sites)
    member = StaffMember.objects.create(
        user=user, actor=actor, full_name=full_name, title=title.strip(), phone=phone.strip(), language=language,
        invited_at=now, invited_by=by,
    )  # fmt: skip
    details = {"roles": list(in_order(roles)), "sites": _codes(sites)}
    audit.record(action="staff.invite", by=by, now=now, subject=_subject(member), details=details)
    return member


def _problems(full_name: str, roles: Collection[str], sites: Collection[Site]) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not full_name:
        wrong["full_name"] = sentence("refused.required")
    if problem := roles_problem(roles):
        wrong["roles"] = problem
    if not sites:
        wrong["sites"] = sentence("staff.no_site")
    elif any(site.closed_at is not None for site in sites):
        wrong["sites"] = sentence("staff.closed_site")
    return wrong


def _email_problem(email: str) -> dict[str, Sentence]:
    try:
        validate_email(email)
    except ValidationError:
        return {"email": sentence("staff.bad_email")}
    if User.objects.filter(email__iexact=email).exists():
        return {"email": sentence("constraint.user_email_once")}
    return {}


@action(Permission.STAFF_WRITE, "staff.change")
def change(
    *,
    member: StaffMember,
    full_name: str,
    title: str,
    roles: Collection[str],
    sites: Collection[Site],
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> StaffMember:
    """Everything the page about a person holds, in one step. Raises Refused 412 where somebody was quicker."""
    row = _locked(member, expected_version)
    wrong = _problems(" ".join(full_name.split()), roles, sites)
    if wrong:
        raise bad_input(**wrong)
    _rename(row, full_name, title)
    _set_roles(row, roles)
    row.actor.sites.set(sites)
    return _kept(row, by, now, "staff.change", {"roles": list(row.actor.roles), "sites": _codes(sites)})


@action(Permission.STAFF_WRITE, "staff.change_roles")
def change_roles(
    *, member: StaffMember, roles: Collection[str], by: Actor, now: datetime, expected_version: int | None = None
) -> StaffMember:
    """Give exactly these roles. Nobody takes away the last administrator."""
    row = _locked(member, expected_version)
    if problem := roles_problem(roles):
        raise bad_input(roles=problem)
    _set_roles(row, roles)
    return _kept(row, by, now, "staff.change_roles", {"roles": list(row.actor.roles)})


@action(Permission.STAFF_WRITE, "staff.change_sites")
def change_sites(
    *, member: StaffMember, sites: Collection[Site], by: Actor, now: datetime, expected_version: int | None = None
) -> StaffMember:
    """Let the person work at exactly these sites."""
    row = _locked(member, expected_version)
    if wrong := _problems(row.full_name, row.actor.roles, sites):
        raise bad_input(**wrong)
    row.actor.sites.set(sites)
    return _kept(row, by, now, "staff.change_sites", {"sites": _codes(sites)})


@action(Permission.STAFF_WRITE, "staff.deactivate")
def deactivate(*, member: StaffMember, by: Actor, now: datetime, expected_version: int | None = None) -> StaffMember:
    """End the person's access at once: every session of theirs ends, the old password is gone."""
    row = _locked(member, expected_version)
    if row.actor_id == by.pk:
        raise Refused("not_yourself", sentence("staff.not_yourself"))
    if row.deactivated_at is not None:
        raise Refused("already_deactivated", sentence("staff.already_deactivated", name=row.full_name))
    _keep_an_administrator(row, after=())
    row.deactivated_at, row.deactivated_by = now, by
    row.actor.is_active = row.user.is_active = False
    # Sessions are bound to the password: a new one, which nobody knows, ends them also after a return.
    row.user.set_unusable_password()
    row.actor.save(update_fields=["is_active"])
    row.user.save(update_fields=["is_active", "password"])
    return _kept(row, by, now, "staff.deactivate", {})


@action(Permission.STAFF_WRITE, "staff.reactivate")
def reactivate(*, member: StaffMember, by: Actor, now: datetime, expected_version: int | None = None) -> StaffMember:
    """Let the person come back, with their roles and sites; they set a new password from a letter."""
    row = _locked(member, expected_version)
    if row.deactivated_at is None:
        raise Refused("still_active", sentence("staff.still_active", name=row.full_name))
    row.deactivated_at = row.deactivated_by = None
    row.actor.is_active = row.user.is_active = True
    row.actor.save(update_fields=["is_active"])
    row.user.save(update_fields=["is_active"])
    return _kept(row, by, now, "staff.reactivate", {})


@action(Permission.STAFF_WRITE, "staff.remove_second_factor")
def remove_second_factor(*, member: StaffMember, by: Actor, now: datetime) -> StaffMember:
    """For somebody who lost their device: they sign in with the password and set up a new one."""
    row = _locked(member, None)
    removed, _ = Authenticator.objects.filter(user_id=row.user_id).delete()
    return _kept(row, by, now, "staff.remove_second_factor", {"removed": removed})


@action(Permission.OWN_ACCOUNT, "account.update")
def update_account(
    *, member: StaffMember, full_name: str, phone: str, theme: str, language: str, single_keys: bool,
    by: Actor, now: datetime,
) -> StaffMember:  # fmt: skip
    """A person's own settings. Raises Refused 403 for anybody else's, 422 for a theme or language there is not."""
    row = _locked(member, None)
    if row.actor_id != by.pk:
        raise forbidden()
    name = " ".join(full_name.split())
    if not name:
        raise bad_input(full_name=sentence("refused.required"))
    if theme not in Theme.values or language not in LANGUAGES:
        raise bad_input(theme=sentence("staff.unknown_choice"))
    _rename(row, name, row.title)
    row.phone, row.theme, row.language, row.single_keys = phone.strip(), theme, language, single_keys
    return _kept(row, by, now, "account.update", {"theme": theme, "language": language})


@action(Permission.OWN_ACCOUNT, "account.choose_site")
def choose_site(*, member: StaffMember, site: Site, by: Actor, now: datetime) -> StaffMember:
    """Work at another of one's own sites from here on. A foreign or closed site is not there."""
    row = _locked(member, None)
    if row.actor_id != by.pk or site.closed_at is not None or not by.sites.filter(pk=site.pk).exists():
        raise not_found()
    row.current_site = site
    row.save(update_fields=["current_site"])
    audit.record(action="account.choose_site", by=by, now=now, subject=_subject(row), details={"site": site.code})
    return row


def _locked(member: StaffMember, expected_version: int | None) -> StaffMember:
    rows = StaffMember.objects.select_for_update(no_key=True, of=("self",)).select_related("actor", "user")
    row = rows.get(pk=member.pk)
    if expected_version is not None and row.version != expected_version:
        raise stale()
    return row


def _kept(row: StaffMember, by: Actor, now: datetime, name: str, details: dict[str, object]) -> StaffMember:
    row.version += 1
    row.save()
    audit.record(action=name, by=by, now=now, subject=_subject(row), details=details)
    return row


def _rename(row: StaffMember, full_name: str, title: str) -> None:
    row.full_name, row.title = " ".join(full_name.split()), title.strip()
    row.actor.name = row.full_name
    row.actor.save(update_fields=["name"])


def _set_roles(row: StaffMember, roles: Collection[str]) -> None:
    _keep_an_administrator(row, after=roles)
    row.actor.roles = list(in_order(roles))
    row.actor.save(update_fields=["roles"])


def _keep_an_administrator(row: StaffMember, *, after: Collection[str]) -> None:
    # All administrators are locked in one order, so that two cannot remove each other at the same moment.
    admins = Actor.objects.select_for_update(no_key=True).filter(
        kind=ActorKind.STAFF, is_active=True, roles__contains=[Role.SYSTEM_ADMINISTRATOR]
    )
    others = len([actor for actor in admins.order_by("id") if actor.pk != row.actor_id])
    if leaves_no_administrator(before=row.actor.roles if row.actor.is_active else (), after=after, others=others):
        raise Refused("last_administrator", sentence("staff.last_administrator"))


def _subject(member: StaffMember) -> audit.Subject:
    return ("staff", member.public_id)


def _codes(sites: Collection[Site]) -> list[str]:
    return sorted(site.code for site in sites)
