"""What gates look at. A new sort of fact: one function with `@fact_query` in this package (imported below)."""

from pathways.queries.facts import consents, course, findings, plans, sessions
from pathways.queries.facts.findings import flag_title
from pathways.queries.facts.gathering import facts_of, gather
from pathways.queries.facts.registry import Asked, fact_query

__all__ = [
    "Asked",
    "consents",
    "course",
    "fact_query",
    "facts_of",
    "findings",
    "flag_title",
    "gather",
    "plans",
    "sessions",
]
