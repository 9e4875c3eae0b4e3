"""Waiting for what other processes do: until it is so, or with what stood instead."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count

from pathways.models import Reminder
from pathways.rules.reminders import ReminderStatus
from tests.faults.machinery import Sink

LONGEST = 240.0
UNDER_WAY = (ReminderStatus.PLANNED, ReminderStatus.LEASED, ReminderStatus.SENDING)
ARRIVED = (ReminderStatus.SENT, ReminderStatus.DELIVERED)


def until(done: Callable[[], bool], longest: float = LONGEST) -> None:
    """Back once it is so. Raises AssertionError with where the messages stand when it takes too long."""
    end = time.monotonic() + longest
    while not done():
        if time.monotonic() > end:
            states = dict(Reminder.objects.values_list("status").annotate(n=Count("pk")))
            raise AssertionError(f"not done after {longest:.0f} s: {states}")
        connection.close()
        time.sleep(0.1)


def count(*statuses: ReminderStatus) -> int:
    """How many messages stand so."""
    return Reminder.objects.filter(status__in=statuses).count()


def through(sink: Sink, settings: Any = settings) -> None:
    """This process sends to the sink, too."""
    for name in ("SMS_URL", "SMS_ACCOUNT", "SMS_TOKEN", "SMS_FROM", "SMS_CALLBACK_URL"):
        setattr(settings, name, sink.environment()[name])
