"""One run, one folder, servers of its own. Tests of rules start none of them."""

import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import django
import hypothesis
import pytest

from tests import servers

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_OURS = ("DATABASE_", "REDIS_", "SMTP_", "SMS_", "SECRET_KEY", "LIVE_DELIVERY", "PUBLIC_URL", "ALLOWED_HOSTS")
_parent: Popen[bytes] | None = None

if not _WORKER:
    os.environ["STEPWELL_TEST_FOLDER"] = tempfile.mkdtemp(prefix="stepwell-")
FOLDER = Path(os.environ["STEPWELL_TEST_FOLDER"])


def _choose_environment() -> None:
    """What the developer's shell says about a real clinic never reaches a test."""
    for name in list(os.environ):
        if name.startswith(_OURS):
            del os.environ[name]
    FOLDER.chmod(0o711)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "clinic.config.settings",
        "STEPWELL_MODE": "test",
        "SECRET_KEY": "tests-" + "x" * 50,
        "VAR_DIR": str(FOLDER / f"var-{_WORKER or 'main'}"),
        "DATABASE_URL": servers.postgres_of(FOLDER).url(f"test_{_WORKER or 'main'}"),
        "REDIS_URL": f"{servers.valkey_of(FOLDER).url}?db={_worker_number()}",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's own loop runs in the thread that asks the database
    }
    # WhiteNoise warns about an absent folder, and a warning is an error here.
    (Path(os.environ["VAR_DIR"]) / "static").mkdir(parents=True, exist_ok=True)


def _worker_number() -> int:
    return int(_WORKER.removeprefix("gw")) % 16 if _WORKER else 0


_choose_environment()

# The folders' own conftest files are read next, and they speak of models.
django.setup()

# How long an example takes says nothing on a machine that is busy: no test is about time.
hypothesis.settings.register_profile(
    "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("busy")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the long tests of `make faults`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests are chosen by `make faults`, not skipped by `make test`."""
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_configure(config: pytest.Config) -> None:
    global _parent
    if not _WORKER:
        _parent = servers.open_for(FOLDER)
        if getattr(config.option, "numprocesses", None):
            # Workers choose for themselves, which they could not if Django's settings were loaded before this file.
            del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config: pytest.Config) -> None:
    if _parent is not None:
        servers.close(_parent)
        shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey() -> str:
    """The address of this worker's Valkey database."""
    servers.ask_for(FOLDER, "valkey")
    return os.environ["REDIS_URL"]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of this worker's own, copied from one that `prepare_database` made: the way of a real deployment."""
    from django.conf import settings
    from django.db import connection

    from tests import database

    servers.ask_for(FOLDER, "postgres")
    postgres = servers.postgres_of(FOLDER)
    name = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        with (FOLDER / "template.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            database.make_template(postgres)
        database.copy_template(postgres, name)
        database.flush_as_owner()
        database.guard_writes()
    yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(autouse=True)
def _counters_start_at_zero(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("django_db"):
        from django.core.cache import cache

        cache.clear()


_real_connect = socket.socket.connect
_real_connect_ex = socket.socket.connect_ex


def _refuse_foreign(line: socket.socket, address: Any) -> None:
    if line.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        if host not in ("localhost", "::1") and not host.startswith("127."):
            raise AssertionError(f"A test spoke to {host}: only loopback is allowed.")


def _connect(line: socket.socket, address: Any) -> Any:
    _refuse_foreign(line, address)
    return _real_connect(line, address)


def _connect_ex(line: socket.socket, address: Any) -> Any:
    _refuse_foreign(line, address)
    return _real_connect_ex(line, address)


socket.socket.connect = _connect  # type: ignore[method-assign, assignment]
socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign, assignment]


@pytest.fixture
def site() -> Any:
    """A site of the clinic."""
    from tests.factories import clinic

    return clinic.site()


@pytest.fixture
def by(site: Any) -> Any:
    """A supervisor of the site: most of what is done there is theirs to do."""
    from clinic.rules.roles import Role
    from tests.factories import clinic

    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
