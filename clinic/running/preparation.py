"""Before the doors open: tables, rights, programs, the demonstration clinic, static files. One process for all."""

import hashlib
import os
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from clinic.running.places import Places


def prepare(places: Places) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")
    django.setup()
    _step("Preparing the database", _prepare_database)
    _step("Loading the programs", lambda: call_command("load_programs", publish_first=True))
    if not places.demo_secrets.exists():
        _step("Making the demonstration clinic (once)", lambda: call_command("load_demo"))
    _collect_static()


def _prepare_database() -> None:
    settings.DATABASE_ROLE = ""
    call_command("prepare_database", verbosity=0)
    settings.DATABASE_ROLE = "stepwell_app"
    # The next statement speaks as the application again, on a connection of its own.
    django.db.connection.close()


def _collect_static() -> None:
    """Only when a file changed: compressing them all is the slowest part of a start."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    now = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return
    _step("Collecting static files", lambda: call_command("collectstatic", interactive=False, verbosity=0))
    stamp.write_text(now)


def _static_fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path)).stat()
            seen.update(f"{path} {file.st_size} {file.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def _step(words: str, work: object) -> None:
    began = time.monotonic()
    print(f"{words} ...", flush=True)
    work()  # type: ignore[operator]
    print(f"{words}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    prepare(Places.of_environment())
