"""The practice clock, the latch, and the opening of a real clinic."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from clinic import clock
from clinic.actions import deliveries, practice
from clinic.actions.jobs import job
from clinic.clock import real_now
from clinic.errors import Refused
from clinic.models import AuditEntry, DeliveryArming, Installation, Site, StaffMember
from clinic.queries.installation import latch_open
from clinic.rules.roles import Role
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db
OPENING = {
    "site": "Riverbend",
    "code": "river",
    "zone": "America/New_York",
    "phone": "+1 202 555 0100",
    "discreet_name": "the office",
    "admin_email": "first@example.org",
    "admin_name": "First Person",
}


def test_on_practice_data_the_clock_goes_on_and_back() -> None:
    make.practice()
    person = make.staff()
    practice.move_clock(by=person.actor, now=clock.now(), days=1)
    practice.move_clock(by=person.actor, now=clock.now(), hours=2)
    assert timedelta(hours=26) <= clock.now() - real_now() + timedelta(seconds=1) < timedelta(hours=26, minutes=1)
    practice.reset_clock(by=person.actor, now=clock.now())
    assert abs(clock.now() - real_now()) < timedelta(minutes=1)


@pytest.mark.parametrize("step", [{"days": 0}, {"days": -1}, {"days": 32}])
def test_a_step_is_forward_and_no_longer_than_a_month(step: dict[str, int]) -> None:
    make.practice()
    with pytest.raises(Refused) as refused:
        practice.move_clock(by=make.staff().actor, now=real_now(), **step)
    assert refused.value.status == 422


def test_the_clock_of_a_real_clinic_does_not_move() -> None:
    make.practice(on=False)
    with pytest.raises(Refused, match="not_practice"):
        practice.move_clock(by=make.staff().actor, now=real_now(), days=1)


def test_only_a_person_moves_the_clock() -> None:
    make.practice()
    with pytest.raises(Refused, match="forbidden"):
        practice.move_clock(by=job("clock mover"), now=real_now(), days=1)


def test_the_latch_opens_only_where_environment_installation_and_arming_agree(settings) -> None:  # type: ignore[no-untyped-def]
    make.practice(on=False)
    admin = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]).actor
    with pytest.raises(Refused, match="other_installation"):
        deliveries.arm(by=admin, now=real_now())
    settings.LIVE_DELIVERY = str(Installation.objects.get().installation_id)
    assert not latch_open()
    deliveries.arm(by=admin, now=real_now())
    assert latch_open()
    with pytest.raises(Refused, match="already_armed"):
        deliveries.arm(by=admin, now=real_now())
    settings.LIVE_DELIVERY = ""
    assert not latch_open()


def test_a_copy_in_another_database_or_cluster_must_be_armed_by_name(settings) -> None:  # type: ignore[no-untyped-def]
    make.practice(on=False)
    admin = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]).actor
    settings.LIVE_DELIVERY = str(Installation.objects.get().installation_id)
    with make.allow_direct_writes():
        DeliveryArming.objects.create(
            installation_id=settings.LIVE_DELIVERY,
            system_identifier="7000000000000000000",
            database="elsewhere",
            armed_at=real_now(),
            armed_by=admin,
        )
    assert not latch_open()
    deliveries.arm(by=admin, now=real_now())
    assert latch_open()


def test_practice_data_is_never_armed_and_shuts_what_was_open(settings) -> None:  # type: ignore[no-untyped-def]
    make.practice(on=False)
    admin = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])
    settings.LIVE_DELIVERY = str(Installation.objects.get().installation_id)
    call_command("arm_delivery", by=admin.user.email, stdout=StringIO())
    assert latch_open()
    practice.mark_practice(by=job("demonstration"), now=real_now())
    assert not latch_open()
    with pytest.raises(CommandError, match="practice data"):
        call_command("arm_delivery", by=admin.user.email)
    said = StringIO()
    call_command("disarm_delivery", stdout=said)
    assert "Disarmed." in said.getvalue()


def test_the_control_in_the_shell_moves_the_clock_and_shows_it(client: Client) -> None:
    make.practice()
    make.sign_in(client, make.staff())
    answer = client.post("/practice/clock/", {"step": "day", "next": "/account/"})
    assert (answer.status_code, answer["Location"]) == (303, "/account/")
    page = client.get("/account/").content.decode()
    assert "The practice clock says" in page
    assert "Back to real time" in page


def test_the_control_leads_to_no_other_house(client: Client) -> None:
    make.practice()
    make.sign_in(client, make.staff())
    answer = client.post("/practice/clock/", {"step": "hour", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_a_clinic_is_opened_once_with_a_password_shown_once() -> None:
    said = StringIO()
    call_command("open_clinic", **OPENING, stdout=said)
    member = StaffMember.objects.get()
    assert member.actor.roles == [Role.SYSTEM_ADMINISTRATOR]
    assert [*member.actor.sites.all()] == [Site.objects.get()]
    password = said.getvalue().split("shown only now: ")[1].strip()
    assert member.user.check_password(password)
    assert AuditEntry.objects.filter(action="staff.invite", actor__name="opening").exists()
    with pytest.raises(CommandError, match="a clinic in this database already"):
        call_command("open_clinic", **OPENING)


def test_a_clinic_can_be_opened_with_a_letter_or_a_password_file(tmp_path: Path) -> None:
    call_command("open_clinic", **OPENING, letter=True, stdout=StringIO())
    assert "/accounts/password/reset/key/" in mail.outbox[0].body
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("open_clinic", **OPENING, password_file=tmp_path / "absent")
    loose = tmp_path / "loose"
    loose.write_text("seven herons on the weir")
    loose.chmod(0o644)
    with pytest.raises(CommandError, match="read by others"):
        call_command("open_clinic", **OPENING, password_file=loose)


def test_a_weak_password_opens_nothing(tmp_path: Path) -> None:
    weak = tmp_path / "weak"
    weak.write_text("password")
    weak.chmod(0o600)
    with pytest.raises(CommandError, match="at least 12 characters"):
        call_command("open_clinic", **OPENING, password_file=weak)
    assert not Site.objects.exists()
