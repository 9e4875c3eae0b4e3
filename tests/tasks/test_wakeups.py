"""What beat wakes at once when it begins, as it stands in the broker."""

from collections.abc import Iterator
from contextlib import suppress
from queue import Empty

import pytest
from django.conf import settings
from kombu import Connection

from clinic.config.celery import app, wake_everything_once


@pytest.fixture
def broker(valkey: str) -> Iterator[Connection]:
    app.control.purge()
    with app.connection_for_read() as line:
        yield line
    app.control.purge()


def test_all_but_the_nightly_check_is_woken_at_once_so_that_nothing_late_is_named_before_it_could_go(
    broker: Connection,
) -> None:
    wake_everything_once(sender=None)
    assert _taken(broker) == {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()} - {
        "pathways.tasks.reconcile"
    }


def _taken(broker: Connection) -> set[str]:
    queue, found = broker.SimpleQueue(app.conf.task_default_queue), set()
    with suppress(Empty):
        while message := queue.get_nowait():
            found.add(message.headers["task"])
            message.ack()
    queue.close()
    return found
