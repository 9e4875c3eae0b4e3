"""Real workers, real beats and a real provider, each a process of its own that can be killed."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.delivery.provider import ACCOUNT, TOKEN

ROOT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "clinic.config.celery", "--quiet"]


class Process:
    """A child that dies with the test."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self.command, self.environment = command, dict(environment)
        self.child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait(10)

    def restart(self) -> None:
        self.child = self._start()

    def stop(self) -> None:
        if self.child.poll() is None:
            self.kill()


def worker(environment: Mapping[str, str]) -> Process:
    return Process(
        [*CELERY, "worker", "--pool", "solo", "--without-gossip", "--without-mingle", "-Q", "stepwell"], environment
    )


def beat(environment: Mapping[str, str]) -> Process:
    return Process([*CELERY, "beat", "--pidfile="], environment)


@contextmanager
def provider() -> Iterator["Sink"]:
    """The loopback SMS provider as a process: it counts, and can be asked."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.provider", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        yield Sink(child.stdout.readline().decode().strip())
    finally:
        child.kill()
        child.wait(10)
        child.stdout.close()


class Sink:
    """What a provider process is asked and told."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def counts(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_counts", timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def environment(self) -> dict[str, str]:
        """Settings with which a worker sends to this provider."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "clinic.config.settings",
            "SMS_URL": self.url,
            "SMS_ACCOUNT": ACCOUNT,
            "SMS_TOKEN": TOKEN,
            "SMS_FROM": "+12025550111",
            "REMINDER_LEASE_SECONDS": "4",
        }
