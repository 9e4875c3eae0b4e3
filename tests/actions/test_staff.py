"""Inviting, changing and closing the door behind people."""

import pytest

from clinic.actions import staff as acts
from clinic.clock import real_now
from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db
ADMIN = [Role.SYSTEM_ADMINISTRATOR]


def _invite(by=None, **changes):  # type: ignore[no-untyped-def]
    given = {
        "email": " New.Person@Example.ORG ",
        "full_name": "  New   Person ",
        "roles": ["nurse", "counselor"],
        "sites": [make.site()],
        "by": by or make.staff(roles=ADMIN).actor,
        "now": real_now(),
    }
    return acts.invite(**(given | changes))


def test_an_invited_person_has_roles_sites_and_no_password_yet() -> None:
    site = make.site()
    member = _invite(sites=[site])
    assert (member.user.email, member.full_name) == ("new.person@example.org", "New Person")
    assert member.actor.roles == ["nurse", "counselor"]
    assert [*member.actor.sites.all()] == [site]
    assert not member.user.has_usable_password()
    entry = AuditEntry.objects.get(action="staff.invite")
    assert (entry.subject_id, entry.details) == (
        member.public_id,
        {"roles": ["nurse", "counselor"], "sites": [site.code]},
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"full_name": "  "}, "full_name"),
        ({"roles": []}, "roles"),
        ({"roles": ["api_client"]}, "roles"),
        ({"roles": ["king"]}, "roles"),
        ({"sites": []}, "sites"),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_kept(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        _invite(**changes)
    assert refused.value.status == 422
    assert list(refused.value.fields) == [field]
    assert not acts.User.objects.filter(email="new.person@example.org").exists()


def test_an_address_is_taken_once_whatever_its_case() -> None:
    make.staff(email="taken@example.org")
    with pytest.raises(Refused) as refused:
        _invite(email="TAKEN@example.org")
    assert list(refused.value.fields) == ["email"]


def test_nobody_without_the_permission_invites_and_the_try_is_recorded() -> None:
    desk = make.staff(roles=[Role.FRONT_DESK])
    with pytest.raises(Refused) as refused:
        _invite(by=desk.actor)
    assert refused.value.status == 403
    entry = AuditEntry.objects.get(action="staff.invite")
    assert (entry.actor, entry.outcome, entry.details["code"]) == (desk.actor, "refused", "forbidden")


def test_the_last_administrator_stays_one() -> None:
    admin = make.staff(roles=ADMIN)
    with pytest.raises(Refused, match="last_administrator"):
        acts.change_roles(member=admin, roles=["nurse"], by=admin.actor, now=real_now())
    admin.actor.refresh_from_db()
    assert admin.actor.roles == ADMIN


def test_one_of_two_administrators_may_become_something_else_but_not_both() -> None:
    first, second = make.staff(roles=ADMIN), make.staff(roles=ADMIN)
    acts.change_roles(member=first, roles=["nurse"], by=second.actor, now=real_now())
    with pytest.raises(Refused, match="last_administrator"):
        acts.change_roles(member=second, roles=["nurse"], by=second.actor, now=real_now())


def test_an_administrator_without_access_does_not_count() -> None:
    first, second = make.staff(roles=ADMIN), make.staff(roles=ADMIN)
    acts.deactivate(member=second, by=first.actor, now=real_now())
    with pytest.raises(Refused, match="last_administrator"):
        acts.change_roles(member=first, roles=["nurse"], by=first.actor, now=real_now())


def test_nobody_closes_their_own_account() -> None:
    admin = make.staff(roles=ADMIN)
    make.staff(roles=ADMIN)
    with pytest.raises(Refused, match="not_yourself"):
        acts.deactivate(member=admin, by=admin.actor, now=real_now())


def test_who_left_may_nothing_any_more_and_comes_back_with_what_they_had() -> None:
    admin, person = make.staff(roles=ADMIN), make.staff(roles=[Role.NURSE])
    gone = acts.deactivate(member=person, by=admin.actor, now=real_now())
    assert gone.actor.permissions == frozenset()
    assert not gone.user.is_active
    back = acts.reactivate(member=person, by=admin.actor, now=real_now())
    assert back.actor.roles == ["nurse"]
    assert not back.user.has_usable_password()


def test_a_change_of_somebody_quicker_is_not_overwritten() -> None:
    admin, person = make.staff(roles=ADMIN), make.staff()
    acts.change_roles(member=person, roles=["nurse"], by=admin.actor, now=real_now(), expected_version=1)
    with pytest.raises(Refused) as refused:
        acts.change_roles(member=person, roles=["counselor"], by=admin.actor, now=real_now(), expected_version=1)
    assert refused.value.status == 412


def test_a_person_changes_their_own_settings_and_nobody_elses() -> None:
    person, other = make.staff(), make.staff()
    given = {"full_name": "Ada S.", "phone": "", "theme": "dark", "language": "es", "single_keys": False}
    row = acts.update_account(member=person, **given, by=person.actor, now=real_now())
    assert (row.theme, row.language, row.single_keys, row.actor.name) == ("dark", "es", False, "Ada S.")
    with pytest.raises(Refused) as refused:
        acts.update_account(member=other, **given, by=person.actor, now=real_now())
    assert refused.value.status == 403


def test_one_can_be_only_at_a_site_of_ones_own() -> None:
    own, foreign = make.site(), make.site()
    person = make.staff(sites=[own])
    assert acts.choose_site(member=person, site=own, by=person.actor, now=real_now()).current_site == own
    with pytest.raises(Refused) as refused:
        acts.choose_site(member=person, site=foreign, by=person.actor, now=real_now())
    assert refused.value.status == 404
