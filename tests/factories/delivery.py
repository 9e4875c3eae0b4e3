"""Messages that are due now, whatever the hour: in a zone where it is noon."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups as acts
from pathways.couriers import courier
from pathways.delivery.sms.provider import callback_url
from pathways.delivery.sms.signature import signature
from pathways.models import FollowUp, Reminder
from pathways.rules.follow_ups import Outcome
from pathways.rules.reminders import ReminderStatus
from patients.actions.contacts import NewContactPoint
from tests.delivery.mail_server import MailServer
from tests.delivery.provider import Provider
from tests.factories import clinic as make
from tests.factories import pathways, patients

NOON = 12


def zone_where_it_is(hour: int) -> str:
    """A zone in which the clock shows this hour now (POSIX signs: Etc/GMT+5 lies west). Hours 0 to 23 all exist."""
    ahead = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def site_at(hour: int = NOON) -> Site:
    """A site where the clock shows this hour."""
    return make.site(time_zone=zone_where_it_is(hour))


def due_now(point: NewContactPoint, *, site: Site | None = None, by: Actor | None = None) -> Reminder:
    """The message of this morning's contact with somebody who joined yesterday; it is their only one."""
    site = site or site_at()
    by = by or make.actor(roles=[Role.SUPERVISOR], sites=[site])
    began = clock.now() - timedelta(days=1)
    patient = patients.patient(site, by=by, now=began, contact_points=[point])
    enrolled = pathways.enrolled(patient, by=by, site=site, now=began)
    row = enrolled.follow_ups.get(rule_key="stabilization-daily-contact", occurrence=1)
    for other in enrolled.follow_ups.open().exclude(pk=row.pk):
        acts.close(by=by, now=began, follow_up_id=other.public_id, outcome=Outcome.CANCELLED, note="Not in this test.")
    return Reminder.objects.get(follow_up=row)


def again(row: Reminder) -> Reminder:
    """The same, as it stands now."""
    row.refresh_from_db()
    return row


def in_line(channel: str = "sms") -> int:
    """How many messages of a channel are still to go."""
    return Reminder.objects.filter(channel=channel, status=ReminderStatus.PLANNED).count()


def follow_up_of(reminder: Reminder) -> FollowUp:
    """Read again."""
    return FollowUp.objects.get(pk=reminder.follow_up_id)


def through_mail(settings: Any, server: MailServer, security: str = "none") -> None:
    """E-mail goes to this server on loopback."""
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY = "127.0.0.1", server.port, security
    settings.SMTP_FROM, settings.SMTP_USER, settings.SMTP_PASSWORD = "office@clinic.example", "", ""


def through_sms(settings: Any, provider: Provider) -> None:
    """Text messages go to this provider on loopback, which reports to a public address."""
    settings.SMS_URL, settings.SMS_ACCOUNT, settings.SMS_TOKEN = provider.base_url, provider.account, provider.token
    settings.SMS_FROM, settings.SMS_CALLBACK_URL, settings.SMS_TIMEOUT = "+12025550199", "https://clinic.example", 2


@contextmanager
def running_mail(settings: Any) -> Iterator[MailServer]:
    """A mail server on loopback, to which e-mail goes."""
    with MailServer() as running:
        through_mail(settings, running)
        yield running
        courier("email").close()


@contextmanager
def running_sms(settings: Any) -> Iterator[Provider]:
    """A provider on loopback, to which text messages go."""
    with Provider() as running:
        through_sms(settings, running)
        yield running
        courier("sms").close()


def report(client: Client, reference: str, token: str, **form: str) -> Any:
    """The provider's signed report on a message."""
    address = f"{callback_url(configured)}/{reference}"
    headers = {"X-Twilio-Signature": signature(token, address, form)}
    return client.post(reverse("sms_status", args=[reference]), form, headers=headers)
