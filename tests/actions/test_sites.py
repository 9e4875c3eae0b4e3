"""Places: opening, changing, closing."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from clinic.actions import sites as acts
from clinic.actions.verbs import allow_direct_writes
from clinic.clock import real_now
from clinic.errors import Refused
from clinic.models import Site
from clinic.rules.roles import Role
from clinic.wording import say
from pathways.actions import enrollments, replies
from pathways.actions import sites as closing
from pathways.models import Attendance, FollowUp, Reminder
from pathways.rules.moves import DischargeReason
from pathways.rules.replies import Handling
from tests.factories import clinic as make
from tests.factories import pathways, patients, sessions
from tests.factories.patients import NOW
from tests.factories.replies import went, wrote

pytestmark = pytest.mark.django_db
PLACE = acts.Place(
    name="Hillside",
    discreet_name="the office",
    time_zone="America/Chicago",
    phone="(202) 555-0123",
    contact_opens=time(9),
    contact_closes=time(18),
)


def _admin():  # type: ignore[no-untyped-def]
    return make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]).actor


def test_a_site_is_kept_with_its_number_in_one_spelling() -> None:
    site = acts.open_site(code="hill", place=PLACE, by=_admin(), now=real_now())
    assert (site.name, site.phone, site.version) == ("Hillside", "+12025550123", 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("discreet_name", ""),
        ("discreet_name", "Riverbend Kratom Recovery"),
        ("discreet_name", "riverbend.example"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "EST"),
        ("phone", "12"),
        ("contact_closes", time(9)),
        ("contact_closes", time(22)),
    ],
)
def test_what_is_wrong_is_named_by_its_field(field: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        acts.open_site(code="hill", place=replace(PLACE, **{field: value}), by=_admin(), now=real_now())
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("code", ["taken", "two words", ""])
def test_a_code_is_one_word_and_taken_once(code: str) -> None:
    make.site(code="taken")
    with pytest.raises(Refused) as refused:
        acts.open_site(code=code, place=PLACE, by=_admin(), now=real_now())
    assert list(refused.value.fields) == ["code"]


def test_a_closed_site_is_no_workplace_until_it_opens_again() -> None:
    admin, site = _admin(), make.site()
    assert acts.close(site=site, by=admin, now=real_now()).closed_by == admin
    with pytest.raises(Refused, match="site_closed"):
        acts.close(site=site, by=admin, now=real_now())
    assert acts.reopen(site=site, by=admin, now=real_now()).closed_at is None


def test_the_last_open_site_stays_open() -> None:
    site = make.site()
    admin = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site]).actor
    with pytest.raises(Refused, match="last_site"):
        acts.close(site=site, by=admin, now=real_now())


def test_a_stale_change_is_refused() -> None:
    admin, site = _admin(), make.site()
    acts.change(site=site, place=PLACE, by=admin, now=real_now(), expected_version=1)
    with pytest.raises(Refused) as refused:
        acts.change(site=site, place=PLACE, by=admin, now=real_now(), expected_version=1)
    assert refused.value.status == 412


def test_a_site_where_people_are_under_way_stays_open() -> None:
    admin, site = _admin(), make.site("Riverbend")
    row = pathways.enrolled(site=site)
    contacts = FollowUp.objects.open().filter(site=site).count()
    with pytest.raises(Refused, match="site_in_use") as refused:
        closing.close(site=site, by=admin, now=real_now())
    assert refused.value.status == 409
    assert say(refused.value.sentence) == (
        f"Riverbend cannot be closed yet: 1 person is enrolled here and {contacts} contacts are still open."
    )
    site.refresh_from_db()
    row.refresh_from_db()
    assert (site.closed_at, row.status) == (None, "active")


def test_contacts_after_a_discharge_keep_a_site_open_too() -> None:
    admin, site = _admin(), make.site()
    clinician = make.actor(roles=[Role.CLINICIAN], sites=[site])
    row = pathways.enrolled(site=site, by=clinician)
    at = row.opened_at + timedelta(days=1)
    enrollments.discharge(by=clinician, now=at, enrollment_id=row.public_id, reason=DischargeReason.CHOSE_TO_LEAVE)
    with pytest.raises(Refused) as refused:
        closing.close(site=site, by=admin, now=at)
    assert refused.value.details["people"] == 0 and refused.value.details["contacts"] > 0


def still_under_way(site: Site, at: datetime) -> dict[str, int]:
    """What the closing of a site is refused for."""
    with pytest.raises(Refused, match="site_in_use") as refused:
        closing.close(site=site, by=_admin(), now=at)
    assert "0" not in say(refused.value.sentence, "es").split()
    return {name: number for name, number in refused.value.details.items() if number}


def test_a_reply_nobody_has_seen_to_keeps_a_site_open() -> None:
    make.site()
    site = make.site("Hillside")
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    patients.patient(site, by=by, contact_points=[patients.phone()])
    row = wrote("please call me")
    assert still_under_way(site, NOW) == {"replies": 1}
    replies.handle(by=by, now=NOW, reply_id=row.public_id, handling=Handling.CALLED)
    assert closing.close(site=site, by=_admin(), now=NOW).closed_at == NOW


def test_a_booked_place_keeps_a_site_open() -> None:
    make.site()
    site = make.site("Hillside")
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    sessions.individual(patients.patient(site, by=by), by=by)
    assert still_under_way(site, NOW) == {"places": 1}


def test_a_message_nobody_knows_about_keeps_a_site_open() -> None:
    make.site()
    site = make.site("Hillside")
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    row = went(sessions.place_of(sessions.individual(person, by=by), person)).reminder
    with allow_direct_writes():
        Attendance.objects.filter(patient=person).update(status="no_show")
        Reminder.objects.filter(pk=row.pk).update(status="uncertain")
    assert still_under_way(site, NOW) == {"messages": 1}


def test_a_site_where_nobody_is_under_way_closes() -> None:
    admin, site = _admin(), make.site()
    assert closing.close(site=site, by=admin, now=real_now()).closed_by == admin
