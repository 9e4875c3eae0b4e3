"""A cluster kept between runs, with the template made, so that a run begins at once.

Only where `STEPWELL_KEPT_CLUSTERS` names a folder: the first run keeps one there, those after it work on copies. It is
good for the migrations and packages it was made with.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psycopg2

from clinic.running.postgres import Postgres

ROOT = Path(__file__).resolve().parents[1]
FOLDER = os.environ.get("STEPWELL_KEPT_CLUSTERS", "")
MADE_OF = (
    "*/migrations/*.py", "*/models/*.py", "clinic/database.py", "clinic/running/postgres.py", "tests/database.py",
    "clinic/config/settings/*.py", "requirements.txt",
)  # fmt: skip


def take_copy(data: Path) -> bool:
    """Lay a kept cluster where this run's data will be; False where none is kept."""
    kept = _place()
    if kept is None or not kept.exists():
        return False
    with _turn():
        _copy(kept, data)
    return True


def keep(postgres: Postgres) -> None:
    """Keep the data of a running server for the runs to come. Nobody may write to it meanwhile."""
    kept = _place()
    if kept is None:
        return
    with _turn():
        if not kept.exists():
            _checkpoint(postgres)
            new = kept.with_suffix(".new")
            _copy(postgres.data, new)
            for mark in (*new.glob(".s.PGSQL*"), new / "postmaster.pid"):  # the running server's own
                mark.unlink(missing_ok=True)
            new.rename(kept)


def _checkpoint(postgres: Postgres) -> None:
    line = psycopg2.connect(postgres.url("postgres", "postgres"))
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    line.close()


def _place() -> Path | None:
    return Path(FOLDER) / _digest() if FOLDER else None


def _digest() -> str:
    found = sha256()
    for pattern in MADE_OF:
        for path in sorted(ROOT.glob(pattern)):
            found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


@contextmanager
def _turn() -> Iterator[None]:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    with (Path(FOLDER) / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
