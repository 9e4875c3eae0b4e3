"""A running clinic for the journeys: the web over real HTTP, a worker and a beat of their own, a real SMTP server, and
a provider of text messages that takes them and brings what people write back.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
from django.test import override_settings

from clinic.config.celery import app
from clinic.models import Site
from pathways.delivery.sms import signature
from tests.delivery.mail_server import MailServer
from tests.delivery.provider import ACCOUNT, TOKEN, Provider, Taken
from tests.factories import clinic, pathways
from tests.faults.load import stand_at
from tests.faults.machinery import beat, worker

MORNING = datetime(2026, 6, 16, 12, tzinfo=UTC)
"""Eight in New York on a Tuesday: the practice clock stands here when a journey begins."""
OURS = "+12025550199"


@dataclass(frozen=True, slots=True)
class House:
    """The running clinic: its address, its one site, and the servers its letters and its text messages go to."""

    url: str
    site: Site
    mail: MailServer
    texts: Provider

    def sent_to(self, number: str) -> list[Taken]:
        """The text messages the provider took for a number, in order."""
        return [each for each in self.texts.taken if each.to == number]

    def writes(self, number: str, text: str, sid: str) -> requests.Response:
        """Somebody writes back: the provider posts it to the clinic, signed."""
        form = {"MessageSid": sid, "From": number, "To": OURS, "Body": text}
        at = f"{self.url}/callbacks/sms/replies"
        return requests.post(at, form, headers={"X-Twilio-Signature": signature(TOKEN, at, form)}, timeout=30)

    @staticmethod
    def wake(task: str) -> None:
        """What beat does each minute, without waiting for the minute."""
        app.send_task(f"pathways.tasks.{task}")


@contextmanager
def running(url: str) -> Iterator[House]:
    """Everything runs; what is sent, the worker and beat send by themselves."""
    stand_at(MORNING)
    site = clinic.site("Riverbend", discreet_name="the office", contact_opens="08:00", contact_closes="20:00")
    pathways.program(now=MORNING)
    with MailServer() as mail, Provider() as texts, _answering(url):
        machinery = [start(_environment(url, mail.port, texts.base_url)) for start in (worker, beat)]
        try:
            yield House(url, site, mail, texts)
        finally:
            for each in machinery:
                each.stop()


def _answering(url: str) -> AbstractContextManager[None]:
    """What the web answers on: replies of the provider, and patients' own links."""
    return override_settings(SMS_TOKEN=TOKEN, SMS_CALLBACK_URL=url, PATIENT_LINK_URL=url)


def _environment(url: str, port: int, texts: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "clinic.config.settings",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "SMTP_FROM": "Riverbend <hello@riverbend.example>",
        "SMS_URL": texts,
        "SMS_ACCOUNT": ACCOUNT,
        "SMS_TOKEN": TOKEN,
        "SMS_FROM": OURS,
        "SMS_CALLBACK_URL": url,
        "PATIENT_LINK_URL": url,
    }
