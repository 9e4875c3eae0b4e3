"""PostgreSQL is the only memory. Valkey carries wake-ups and counters, and may be gone."""

import sys

from clinic.config import environment as env

from .house import MODE

# Without a named database only what needs none works; a connection then says that nothing listens there.
_NOWHERE = "postgresql://stepwell@127.0.0.1:1/stepwell?connect_timeout=2"
_DATABASE = env.database(env.text("DATABASE_URL", None if MODE == "production" else _NOWHERE))

# Owner's work: these commands change tables. `prepare_database` keeps the role that signed in and takes the
# owner's itself, because it may first have to make it. Everything else runs with the fewer rights.
_OWNERS_COMMANDS = {"migrate", "flush", "sqlflush", "showmigrations", "makemigrations", "dbshell", "pgtrigger"}
_KEEPERS_COMMANDS = {"prepare_database", "grant_app_role"}
_COMMAND = sys.argv[1] if len(sys.argv) > 1 and sys.argv[0].endswith("manage.py") else ""
if _COMMAND in _KEEPERS_COMMANDS:
    DATABASE_ROLE = ""
else:
    DATABASE_ROLE = "stepwell_owner" if _COMMAND in _OWNERS_COMMANDS else "stepwell_app"

# No request waits for long: a stuck lock or statement ends with a sentence instead of a full worker pool.
# The owner's migrations set their own limits.
_LIMITS = (
    "-c lock_timeout=8s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s "
    # What is read lies in memory or on a solid disk, not on a turning one: look few rows up, do not read all. A page
    # takes one core and leaves the others to other people.
    "-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c jit=off"
    if DATABASE_ROLE == "stepwell_app"
    else "-c lock_timeout=30s"
)
_OPTIONS = {"connect_timeout": "5", "application_name": f"stepwell {_COMMAND}".strip(), "options": _LIMITS}

DATABASES = {
    "default": {
        **_DATABASE,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": _OPTIONS | dict(_DATABASE["OPTIONS"]),  # type: ignore[call-overload]
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": env.number("DATABASE_CONN_MAX_AGE", default=300, least=0, most=86_400),
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"SERIALIZE": False},
    }
}

# With it `prepare_database` also makes the login of the web processes, which can never become the owner.
WEB_DATABASE_PASSWORD = env.text("WEB_DATABASE_PASSWORD", "")

REDIS_URL = env.url("REDIS_URL", "redis", "rediss", "unix", default="" if MODE != "production" else None)

CACHES = {
    "default": {
        "BACKEND": "clinic.config.cache.CounterCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "stepwell",
        "TIMEOUT": 300,
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
