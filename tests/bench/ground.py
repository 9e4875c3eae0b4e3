"""The ground a benchmark stands on: PostgreSQL and Valkey of its own, a prepared database, the settings of a test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers

NAME = "bench"
_OURS = ("DATABASE_", "REDIS_", "SMTP_", "SMS_", "SECRET_KEY", "LIVE_DELIVERY", "PUBLIC_URL", "ALLOWED_HOSTS")


@contextmanager
def ground() -> Iterator[None]:
    """Django stands on servers of this run alone; they are gone with it. Nothing of the project is imported before."""
    folder = Path(tempfile.mkdtemp(prefix="stepwell-bench-"))
    folder.chmod(0o711)
    parent = servers.open_for(folder)
    try:
        for server in ("postgres", "valkey"):
            servers.ask_for(folder, server)
        _stand_on(folder)
        yield
    finally:
        servers.close(parent)
        shutil.rmtree(folder, ignore_errors=True)


def _stand_on(folder: Path) -> None:
    postgres = servers.postgres_of(folder)
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "clinic.config.settings",
        "STEPWELL_MODE": "test",
        "SECRET_KEY": "bench-" + "x" * 50,
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": postgres.url(NAME),
        "REDIS_URL": f"{servers.valkey_of(folder).url}?db=0",
    }
    (folder / "var" / "static").mkdir(parents=True)

    import django

    django.setup()
    from clinic.config.garbage import set_the_program_aside
    from tests import database

    set_the_program_aside()  # as every process that serves pages does

    database.make_template(postgres)
    database.copy_template(postgres, NAME)


def analyze() -> None:
    """What autovacuum would have done by now; the servers of the tests run without it."""
    from django.db import connection

    from clinic.database import as_role

    with as_role(""), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
