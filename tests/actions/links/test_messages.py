"""Links that messages carry, made as they go."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.rules.roles import Role
from pathways.actions import reminders
from pathways.actions.templates import Words, write_template
from pathways.models import Attempt, PatientLink, Reminder
from pathways.queries.links import address
from pathways.rules.links import handle_of, key_from
from tests.factories import clinic as make
from tests.factories import patients
from tests.factories import sessions as make_session
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db


def sent(row: Reminder) -> Attempt:
    job = make.job()
    claim = reminders.claim_due(by=job, now=row.next_at)
    reminders.open_window(by=job, now=row.next_at, claim_id=claim.claim_id, ids=[row.pk], live=False)
    return Attempt.objects.get(reminder=row)


@pytest.fixture
def reminder() -> Reminder:
    """The reminder a day before somebody's appointment."""
    site = make.site()
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    make_session.individual(person, by=by, at=NOW + timedelta(days=3))
    return Reminder.objects.filter(attendance__patient=person).order_by("due_at").first()  # type: ignore[return-value]


def test_a_reminder_carries_a_link_of_its_own(reminder: Reminder) -> None:
    text = sent(reminder).text
    link = PatientLink.objects.get(attendance=reminder.attendance)
    assert address(link) in text
    assert (link.purpose, link.expires_at) == ("appointment", reminder.attendance.starts_at)  # type: ignore[union-attr]
    assert link.patient == reminder.patient
    assert handle_of(address(link).rstrip("/").rpartition("/")[2], [key_from("no")]) is None


def test_without_an_address_for_links_the_words_without_one_go_out(reminder: Reminder, settings: Any) -> None:
    settings.PATIENT_LINK_URL = ""
    assert "To change, call" in sent(reminder).text
    assert not PatientLink.objects.exists()


def test_words_of_the_site_that_hold_no_link_make_none(reminder: Reminder) -> None:
    by = make.actor(roles=[Role.SUPERVISOR], sites=[reminder.site])
    words = Words("{discreet_name}: {day} {time}. Call {phone}. STOP")
    write_template(
        by=by, now=NOW, key=reminder.template, channel="sms", language="en", words=words,
        site_id=reminder.site.public_id,
    )  # fmt: skip
    assert "Call +1" in sent(reminder).text
    assert not PatientLink.objects.exists()


def test_the_links_of_a_window_are_one_statement_however_many() -> None:
    site = make.site()
    by = make.actor(roles=[Role.SUPERVISOR], sites=[site])

    def cost(people: int, hour: int) -> tuple[int, int]:
        for number in range(people):
            person = patients.patient(site, by=by, contact_points=[patients.phone(f"+1415555{hour:02d}{number:02d}")])
            at, leader = NOW + timedelta(days=5, hours=hour), make.actor(roles=[Role.COUNSELOR], sites=[site])
            make_session.individual(person, by=by, at=at, leader=leader)
        job, now = make.job(), NOW + timedelta(days=3, hours=hour)
        claim = reminders.claim_due(by=job, now=now)
        before = PatientLink.objects.count()
        with CaptureQueriesContext(connection) as queries:
            reminders.open_window(by=job, now=now, claim_id=claim.claim_id, ids=claim.by_channel["sms"], live=False)
        return len(queries), PatientLink.objects.count() - before

    one, few = cost(1, 1), cost(4, 2)
    assert few[1] == 4 * one[1] == 4
    assert few[0] == one[0]
