"""How many reminders a second leave, from due rows to a provider's receipt, by two workers that are processes."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack

from clinic.config.celery import app
from tests.bench.figures import Figure
from tests.bench.ground import analyze
from tests.delivery.mail_server import MailServer
from tests.faults.load import NOON, plant_due, stand_at
from tests.faults.machinery import Process, provider, worker

WORKERS = 2
BY_SMS = 12_000
BY_EMAIL = 3_000
LONGEST = 90


def figures() -> Iterator[Figure]:
    with provider() as sink:
        yield _rate("reminders by SMS", "sms", BY_SMS, sink.environment(), lambda: sink.counts()["messages"])
    with MailServer() as server:
        environment = sink.environment() | {
            "SMS_URL": "", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "SMTP_SECURITY": "none",
            "SMTP_FROM": "Riverbend <hello@example.org>",
        }  # fmt: skip
        yield _rate("reminders by e-mail", "email", BY_EMAIL, environment, lambda: len(server.letters.taken))


def _rate(name: str, channel: str, due: int, environment: Mapping[str, str], arrived: Callable[[], int]) -> Figure:
    stand_at(NOON)
    plant_due(due, channel=channel)
    analyze()
    app.control.purge()
    with ExitStack() as running:
        workers = [worker(dict(environment) | {"REMINDER_LEASE_SECONDS": "0"}) for _ in range(WORKERS)]
        for each in workers:
            running.callback(each.stop)
            app.send_task("pathways.tasks.deliver_due_reminders")
        return Figure(f"{name}, {WORKERS} workers", round(_steady(due, arrived, workers)), "messages/s")


def _steady(due: int, arrived: Callable[[], int], workers: Sequence[Process]) -> float:
    """Messages a second between the first quarter and the last tenth: neither start nor end counts."""
    seen: list[tuple[float, int]] = []
    until = time.monotonic() + LONGEST
    while not seen or seen[-1][1] < due:
        if any(each.child.poll() is not None for each in workers):
            raise RuntimeError("a worker ended by itself: start one by hand to see why")
        if time.monotonic() > until:
            raise RuntimeError(f"{due - seen[-1][1]} of {due} reminders did not arrive in {LONGEST} s")
        time.sleep(0.2)
        seen.append((time.monotonic(), arrived()))
    steady = [each for each in seen if due * 0.25 <= each[1] <= due * 0.9]
    (began, first), (ended, last) = steady[0], steady[-1]
    return (last - first) / (ended - began)
