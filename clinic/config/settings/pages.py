"""What the shell offers and which parts report to it. Everything is named by string: clinic never imports upwards."""

from clinic.config import environment as env

from .house import MODE

# Url name and icon; the words are the catalogue's `nav.<name>`. A page is shown to those whose role may read it.
NAVIGATION = [
    ("today", "sun"),
    ("patients", "users"),
    ("board", "layout-kanban"),
    ("sessions", "calendar"),
    ("messages", "messages"),
    ("programs", "route"),
    ("places", "bed"),
]

# Functions of a request that return banners for every staff page, and functions that /readyz asks for figures.
BANNER_PROBES = [
    "pathways.web.banners.machinery",
    "pathways.web.banners.nightly_check",
    "pathways.web.banners.pauses",
]
READINESS_PROBES = [
    "pathways.queries.readiness.oldest_due_seconds",
    "pathways.queries.readiness.oldest_follow_up_seconds",
    "pathways.queries.readiness.providers",
    "pathways.queries.reconciliation.nightly_check",
]
# Functions that /metrics asks for samples: (name, what it is, labels, value).
METRIC_PROBES = ["pathways.queries.readiness.samples", "pathways.couriers.ceilings.samples"]

SECOND_FACTOR_FOR_ADMINISTRATORS = MODE == "production"

# Who may read /metrics from another machine says so with this token; without one only the loopback address may.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
