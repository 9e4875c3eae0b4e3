"""How many reminders a second leave, from due rows to a provider's receipt, by two workers that are processes; how long
a hundred thousand take, and what the workers hold more of at their end than at their beginning."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from clinic.config.celery import app
from tests.bench.figures import Figure
from tests.bench.ground import analyze
from tests.delivery.mail_server import MailServer
from tests.faults.load import NOON, plant_due, stand_at
from tests.faults.machinery import Process, provider, worker

WORKERS = 2
BY_SMS = 100_000
BY_EMAIL = 3_000
LONGEST = 180
STEADY = (0.25, 0.9)
"""The part of the messages between start and end."""


@dataclass(frozen=True, slots=True)
class Look:
    """When, how many had arrived, and what the workers held then, in MiB."""

    at: float
    arrived: int
    held: float


def figures() -> Iterator[Figure]:
    with provider() as sink:
        yield from _rate("reminders by SMS", "sms", BY_SMS, sink.environment(), lambda: sink.counts()["messages"])
    with MailServer() as server:
        environment = sink.environment() | {
            "SMS_URL": "", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "SMTP_SECURITY": "none",
            "SMTP_FROM": "Riverbend <hello@example.org>",
        }  # fmt: skip
        yield from _rate("reminders by e-mail", "email", BY_EMAIL, environment, lambda: len(server.letters.taken))


def _rate(
    name: str, channel: str, due: int, environment: Mapping[str, str], arrived: Callable[[], int]
) -> Iterator[Figure]:
    stand_at(NOON)
    plant_due(due, channel=channel)
    analyze()
    app.control.purge()
    with ExitStack() as running:
        workers = [worker(dict(environment) | {"REMINDER_LEASE_SECONDS": "0"}) for _ in range(WORKERS)]
        for each in workers:
            running.callback(each.stop)
            app.send_task("pathways.tasks.deliver_due_reminders")
        seen = _watched(due, arrived, workers)
    first, last = (next(each for each in seen if each.arrived >= due * part) for part in STEADY)
    began = max(each.at for each in seen if not each.arrived)
    rate = (last.arrived - first.arrived) / (last.at - first.at)
    yield Figure(f"{name}, {WORKERS} workers", round(rate), "messages/s")
    yield Figure(f"{name}, all {due:,}", round(seen[-1].at - began, 1), "s")
    yield Figure(f"{name}, more held at the end", round(last.held - first.held, 1), "MiB")


def _watched(due: int, arrived: Callable[[], int], workers: Sequence[Process]) -> list[Look]:
    """From before the first message to the last."""
    seen: list[Look] = []
    until = time.monotonic() + LONGEST
    while not seen or seen[-1].arrived < due:
        if any(each.child.poll() is not None for each in workers):
            raise RuntimeError("a worker ended by itself: start one by hand to see why")
        if time.monotonic() > until:
            raise RuntimeError(f"{due - seen[-1].arrived} of {due} reminders did not arrive in {LONGEST} s")
        time.sleep(0.2)
        seen.append(Look(time.monotonic(), arrived(), sum(map(_held, workers))))
    return seen


def _held(process: Process) -> float:
    """The share of the machine's memory that is this process's own (PSS), in MiB."""
    lines = Path(f"/proc/{process.child.pid}/smaps_rollup").read_text().splitlines()
    return sum(int(each.split()[1]) for each in lines if each.startswith("Pss:")) / 1024
