"""PostgreSQL and Valkey of one test run: started when the first test asks, gone when the run is gone.

A process of its own (`python -m tests.servers FOLDER`) is their parent. It serves every worker of the run through a
socket in the run's folder, and ends with its standard input, so that not even a killed run leaves servers behind.
"""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from clinic.running.postgres import FORGETFUL, Postgres
from clinic.running.valkey import Valkey
from tests import kept

ROOT = Path(__file__).resolve().parents[1]


def postgres_of(folder: Path) -> Postgres:
    return Postgres(folder / "postgres", folder / "postgres.log", FORGETFUL)


def valkey_of(folder: Path) -> Valkey:
    return Valkey(folder / "valkey", folder / "valkey.log")


def open_for(folder: Path) -> subprocess.Popen[bytes]:
    """Start the parent of the servers, not yet the servers; waits until it can be asked."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    if process.stdout.readline().strip() != b"open":
        raise RuntimeError("The test servers' parent did not start.")
    return process


def ask_for(folder: Path, server: str) -> None:
    """Have `postgres` or `valkey` running on return."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(folder / "ask"))
        line.sendall(server.encode() + b"\n")
        answer = line.makefile().readline().strip()
    if answer != "ready":
        raise RuntimeError(f"{server}: {answer}")


def free_port() -> int:
    """A port on loopback that nobody has at the moment."""
    with socket.socket() as seat:
        seat.bind(("127.0.0.1", 0))
        return int(seat.getsockname()[1])


def close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(30)
    if process.stdout is not None:
        process.stdout.close()


def _serve(folder: Path) -> None:
    start: dict[str, Callable[[], None]] = {}
    servers = {"postgres": postgres_of(folder), "valkey": valkey_of(folder)}
    for name, server in servers.items():
        start[name] = server.start
    started: set[str] = set()
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(folder / "ask"))
    door.listen(64)
    threading.Thread(target=_leave_with_the_run, args=(door,), daemon=True).start()
    print("open", flush=True)
    try:
        while True:
            line, _ = door.accept()
            with line:
                name = line.makefile().readline().strip()
                line.sendall(_started(folder, name, start, started).encode() + b"\n")
    except OSError:
        pass  # the door was closed: the run is over
    finally:
        for name in started:
            servers[name].stop()
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, name: str, start: dict[str, Callable[[], None]], started: set[str]) -> str:
    if name in started:
        return "ready"
    try:
        if name == "postgres":
            kept.take_copy(postgres_of(folder).data)
        start[name]()
    except Exception as error:  # noqa: BLE001 - it is answered to the one who asked
        return " ".join(str(error).split())
    started.add(name)
    return "ready"


def _leave_with_the_run(door: socket.socket) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    door.shutdown(socket.SHUT_RDWR)
    door.close()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
