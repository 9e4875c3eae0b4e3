"""Shut the latch: nothing real leaves from here on."""

from typing import Any

from django.core.management.base import BaseCommand

from clinic import clock
from clinic.actions.deliveries import disarm
from clinic.actions.jobs import job


class Command(BaseCommand):
    help = "Stop this installation from sending real messages."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = disarm(by=job("operator"), now=clock.now())
        self.stdout.write("Disarmed." if ended else "It was not armed.")
