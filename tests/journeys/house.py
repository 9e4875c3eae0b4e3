"""A running clinic for the journeys: the web over real HTTP, a worker and a beat of their own, a real SMTP server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from clinic.config.celery import app
from clinic.models import Site
from tests.delivery.mail_server import MailServer
from tests.factories import clinic, pathways
from tests.faults.load import stand_at
from tests.faults.machinery import beat, worker

MORNING = datetime(2026, 6, 16, 12, tzinfo=UTC)
"""Eight in New York on a Tuesday: the practice clock stands here when a journey begins."""


@dataclass(frozen=True, slots=True)
class House:
    """The running clinic: its address, its one site, and the server its letters go to."""

    url: str
    site: Site
    mail: MailServer

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
    with MailServer() as mail:
        machinery = [start(_environment(mail.port)) for start in (worker, beat)]
        try:
            yield House(url, site, mail)
        finally:
            for each in machinery:
                each.stop()


def _environment(port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "clinic.config.settings",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "SMTP_FROM": "Riverbend <hello@riverbend.example>",
    }
