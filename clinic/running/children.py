"""Processes we started: in a session of their own, ending with us, stopped with patience and then without."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def dies_with_parent(by: signal.Signals) -> Callable[[], None] | None:
    """Ask Linux to end the child when we are killed outright; elsewhere a later start finds what was left."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0) and None


@dataclass
class Child:
    """One program with its log. `stop_by` is what it understands as "finish and go"."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_by: signal.Signals = signal.SIGTERM
    user: int | None = None
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.process is not None:
            self._kill_session()  # what a program killed outright left behind
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                cwd=self.folder,
                start_new_session=True,
                # After the change of user, which would clear it.
                preexec_fn=dies_with_parent(self.stop_by),
                user=self.user,
                group=None if self.user is None else _group_of(self.user),
                extra_groups=None if self.user is None else [],
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.alive:
            self.process.send_signal(self.stop_by)

    def stop(self, patience: float = 6.0) -> None:
        """Ask, wait, and only then insist."""
        self.ask_to_stop()
        if self.process is None:
            return
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self._kill_session()
            self.process.wait(5)

    def _kill_session(self) -> None:
        # The session is ours alone: its leader is the child, so this reaches its workers and nothing else.
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self, lines: int = 12) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _group_of(uid: int) -> int:
    return pwd.getpwuid(uid).pw_gid
