"""Starts the clinic's parts in order, restarts one that dies, and stops what it started, nothing else."""

import os
import secrets
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from clinic.running.children import Child
from clinic.running.greeting import greet, write_demo
from clinic.running.places import ROOT, Places, write_private
from clinic.running.postgres import Postgres
from clinic.running.refusals import CannotRun
from clinic.running.turn import check_port, chosen_port, take_turn
from clinic.running.valkey import Valkey

READY_WITHIN = 90.0  # seconds; a first start on a slow machine compiles every module
STOP_WITHIN = 7.0
LONGEST_PAUSE = 30.0
CALM_AFTER = 60.0  # a part that lived this long has recovered


class Stopping(Exception):
    """Someone asked us to stop."""


class Part(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...
    @property
    def alive(self) -> bool: ...


@dataclass
class Watched:
    """A part with its history of deaths: each restart waits longer, up to half a minute."""

    name: str
    part: Part
    deaths: int = 0
    began: float = field(default_factory=time.monotonic)
    again_at: float | None = None

    def look(self, now: float) -> None:
        if self.part.alive:
            if self.deaths and now - self.began > CALM_AFTER:
                self.deaths = 0
        elif self.again_at is None:
            pause = min(LONGEST_PAUSE, 0.5 * 2**self.deaths)
            self.deaths += 1
            self.again_at = now + pause
            print(f"{self.name} stopped; it is started again in {pause:g} s.", file=sys.stderr, flush=True)
        elif now >= self.again_at:
            self._start_again(now)

    def _start_again(self, now: float) -> None:
        self.again_at, self.began = None, now
        try:
            self.part.start()
        except (CannotRun, OSError) as error:
            print(f"{self.name}: {error}", file=sys.stderr, flush=True)


class Supervisor:
    """One run from the first line printed to the last part stopped."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.port = chosen_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._stop_asked = False
        self._unready = "no answer"
        self._watched: list[Watched] = []

    def run(self) -> None:
        self.places.make()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        with take_turn(self.places, self.address):
            check_port(self.port)
            try:
                self._open()
                self._watch()
            except Stopping:
                pass
            finally:
                self._close()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if not self._stop_asked:
            print("\nStopping ...", flush=True)
        self._stop_asked = True

    def _open(self) -> None:
        self._name_environment()
        self._start_servers()
        self._write_environment()
        self._prepare()
        for child in self._programs():
            self._start(child.name, child)
        self._wait_until_ready()
        greet(self.places, write_demo(self.places, self.address))

    def _name_environment(self) -> None:
        os.environ.setdefault("STEPWELL_MODE", "local")
        os.environ.setdefault("PUBLIC_URL", self.address)
        os.environ.setdefault("VAR_DIR", str(self.places.var))
        os.environ.setdefault("PYTHONUNBUFFERED", "1")
        if "SECRET_KEY" not in os.environ and "SECRET_KEY_FILE" not in os.environ:
            if not self.places.secret_key.exists():
                write_private(self.places.secret_key, secrets.token_urlsafe(64))
            os.environ["SECRET_KEY_FILE"] = str(self.places.secret_key)

    def _start_servers(self) -> None:
        if not {"DATABASE_URL", "DATABASE_URL_FILE"} & set(os.environ):
            postgres = Postgres(self.places.var / "postgres", self.places.logs / "postgres.log")
            self._start("PostgreSQL", postgres)
            postgres.make_database("stepwell")
            os.environ["DATABASE_URL"] = postgres.url()
        if not {"REDIS_URL", "REDIS_URL_FILE"} & set(os.environ):
            valkey = Valkey(self.places.var / "valkey", self.places.logs / "valkey.log")
            self._start("Valkey", valkey)
            os.environ["REDIS_URL"] = valkey.url

    def _write_environment(self) -> None:
        """So that `manage.py` in another window reaches the same clinic."""
        names = ("STEPWELL_MODE", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SECRET_KEY_FILE", "VAR_DIR")
        lines = [f"{name}={os.environ[name]}" for name in names if name in os.environ]
        write_private(self.places.environment, "\n".join(lines) + "\n")

    def _prepare(self) -> None:
        log = self.places.logs / "preparation.log"
        log.unlink(missing_ok=True)
        work = Child("preparation", [sys.executable, "-m", "clinic.running.preparation"], log, folder=ROOT)
        print("Preparing (the first time this makes the demonstration clinic and takes a while) ...", flush=True)
        work.start()
        try:
            self._wait_while(lambda: work.alive)
        finally:
            work.stop()
        if work.process is None or work.process.returncode:
            raise CannotRun(f"The preparation ended with an error (all of it in {log}):\n{work.last_words(20)}")

    def _programs(self) -> list[Child]:
        python, logs = sys.executable, self.places.logs
        celery = [python, "-m", "celery", "-A", "clinic.config.celery"]
        web = [python, "-m", "gunicorn", "clinic.config.wsgi:application", "--bind", f"127.0.0.1:{self.port}"]
        web += ["--preload", "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"]
        worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING"]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]
        return [
            Child("web", web, logs / "web.log", folder=ROOT),
            Child("worker", worker, logs / "worker.log", folder=ROOT),
            Child("beat", beat, logs / "beat.log", folder=ROOT),
        ]

    def _start(self, name: str, part: Part) -> None:
        self._watched.append(Watched(name, part))
        part.start()

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if time.monotonic() > until:
                raise CannotRun(
                    f"{self.address}/readyz is not content: {self._unready}\nThe logs in {self.places.logs} say more."
                )
            self._turn()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=2) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            with error:
                self._unready = error.read(2000).decode(errors="replace")
        except OSError as error:
            self._unready = str(error)
        return False

    def _watch(self) -> None:
        while True:
            self._turn()

    def _wait_while(self, busy: Callable[[], bool]) -> None:
        while busy():
            self._turn()

    def _turn(self) -> None:
        """One look at everything."""
        if self._stop_asked:
            raise Stopping
        now = time.monotonic()
        for watched in self._watched:
            watched.look(now)
        time.sleep(0.2)

    def _close(self) -> None:
        """Programs first and together, then the servers they use."""
        children = [w.part for w in self._watched if isinstance(w.part, Child)]
        for child in children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_WITHIN
        for child in children:
            child.stop(patience=max(0.1, until - time.monotonic()))
        for watched in reversed(self._watched):
            if not isinstance(watched.part, Child):
                watched.part.stop()
        self.places.environment.unlink(missing_ok=True)
