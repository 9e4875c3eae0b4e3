"""The whole clinic started the way a first-time user starts it, with the demonstration left out."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.running.places import ROOT, write_private
from tests.servers import free_port

_PART = re.compile(r"clinic\.config|postgres|valkey-server")


class Running:
    """One `python -m clinic.running` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.var, self.port, self.lines = folder / "var", free_port(), list[str]()
        # What `load_demo` leaves; its being there is what makes a start the second one.
        secrets = {"sign_ins": [{"role": "clinician", "email": "a@b.example", "password": "p"}], "api_client": None}
        write_private(self.var / "demo-secrets.json", json.dumps(secrets))
        self.process = self.launch()
        self._open = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def launch(self, port: int | None = None) -> subprocess.Popen[str]:
        ours = ("DATABASE_", "REDIS_", "SECRET_KEY", "STEPWELL_", "DJANGO_", "PYTEST_", "PUBLIC_URL", "STATIC_ROOT")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environment |= {"VAR_DIR": str(self.var), "PORT": str(port or self.port)}
        return subprocess.Popen(
            [sys.executable, "-m", "clinic.running"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "Stop with Ctrl-C" in line:
                self._open.set()
        self._open.set()

    def wait_until_open(self) -> None:
        self._open.wait(180)
        assert any("Stop with Ctrl-C" in line for line in self.lines), "".join(self.lines)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self._reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def parts(self) -> dict[int, str]:
        """Our children, by process number."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        rows = (line.strip().partition(" ") for line in listed.stdout.splitlines())
        return {int(pid): command for pid, _, command in rows if _PART.search(command)}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("clinic")
    for parent in (folder, folder.parent):
        parent.chmod(0o755)  # run by root, PostgreSQL's own user has to pass through
    running = Running(folder)
    try:
        running.wait_until_open()
        yield running
    finally:
        running.stop()


def test_it_opens_and_says_how_to_enter(running: Running) -> None:
    with urllib.request.urlopen(f"{running.url}/readyz") as answer:
        assert answer.status == 200
    said = "".join(running.lines)
    assert running.url in said
    assert "a@b.example" in said


def test_what_it_says_is_in_a_private_file(running: Running) -> None:
    demo = json.loads((running.var / "demo.json").read_text())
    assert demo["url"] == running.url
    assert demo["sign_ins"] == [{"role": "clinician", "email": "a@b.example", "password": "p"}]
    private = ("demo.json", "secret-key", "run/environment")
    assert {(running.var / name).stat().st_mode & 0o777 for name in private} == {0o600}


def test_started_twice_it_says_so(running: Running) -> None:
    second = running.launch(port=free_port())
    try:
        said, _ = second.communicate(timeout=60)
    finally:
        second.terminate()
    assert second.returncode == 1
    assert "already running" in said and running.url in said


def test_a_part_that_is_killed_comes_back(running: Running) -> None:
    before = running.parts()
    assert len(before) == 5
    worker = next(pid for pid, command in before.items() if " worker " in command)
    os.kill(worker, signal.SIGKILL)
    for _ in range(300):
        now = running.parts()
        if worker not in now and len(now) == 5:
            break
        threading.Event().wait(0.1)
    assert len(running.parts()) == 5 and worker not in running.parts()


def test_it_stops_everything_it_started(running: Running) -> None:
    parts = running.parts()
    assert running.stop() == 0
    assert not [pid for pid in parts if Path(f"/proc/{pid}").exists()]
    assert not (running.var / "run" / "environment").exists()
