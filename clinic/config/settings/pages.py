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
BANNER_PROBES: list[str] = []
READINESS_PROBES = ["pathways.queries.readiness.oldest_due_seconds"]

SECOND_FACTOR_FOR_ADMINISTRATORS = MODE == "production"

# Who may read /metrics from another machine says so with this token; without one only the loopback address may.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
