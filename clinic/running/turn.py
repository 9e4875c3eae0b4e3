"""One clinic per folder, one program per port."""

import fcntl
import os
import socket
from typing import IO

from clinic.running.places import Places
from clinic.running.refusals import CannotRun


def chosen_port() -> int:
    text = os.environ.get("PORT", "").strip() or "8000"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {text!r}. Example: make run PORT=8123")
    return int(text)


def take_turn(places: Places, address: str) -> IO[str]:
    """Hold the folder's lock while the returned file is open; the system lets go of it if we are killed."""
    lock = places.lock.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        there = lock.read().strip() or "an address it is about to choose"
        lock.close()
        raise CannotRun(
            f"Stepwell is already running from this folder, at {there}. Stop it there with Ctrl-C."
        ) from None
    lock.truncate(0)
    lock.write(address)
    lock.flush()
    return lock


def check_port(port: int) -> None:
    """Refuse a port that another program holds, and name one that is free."""
    if _is_free(port):
        return
    free = next((p for p in range(port + 1, min(port + 200, 65_536)) if _is_free(p)), 8123)
    if port < 1024 and os.geteuid() != 0:
        raise CannotRun(f"Port {port} may not be used by this user. Choose another: make run PORT={max(free, 8123)}")
    raise CannotRun(f"Port {port} is taken by another program. Choose another: make run PORT={free}")


def _is_free(port: int) -> bool:
    with socket.socket() as seat:
        seat.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            seat.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
