"""`make bench`: prints a table of speeds and keeps it in `var/bench.json`. No test: nothing fails for being slow.

`python -m tests.bench programs rehearsals` measures those parts alone and keeps nothing.
"""

import json
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.ground import analyze, ground

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "bench.json"
PARTS = ("programs", "adoptions", "hours", "rehearsals", "today", "delivery", "claims")


def main() -> int:
    began, wanted = time.monotonic(), set(sys.argv[1:])
    with ground():
        found = list(_told(_all(wanted)))
    if not wanted:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps({each.name: each.as_json() for each in found}, indent=2) + "\n")
    print(f"\n{time.monotonic() - began:.0f} s in all{'' if wanted else f'; kept in {KEPT.relative_to(ROOT)}'}")
    return 0


def _all(wanted: set[str]) -> Iterator[Figure]:
    """Every part, or those named. Imported here, because the models want the ground first."""
    from tests.bench import changes, pages, planting, rules
    from tests.faults.load import NOON, stand_at

    stand_at(NOON)
    print(f"{'':<36}{'median':>10}{'p95':>10}  {'unit':<14}{'queries':>7}")
    if not wanted or wanted & {"rules", "pages", "changes"}:
        planted = planting.plant()
        analyze()
        print(f"{planting.PEOPLE:,} people at {planting.SITES} sites")
        yield from rules.figures(planted.member.actor)
        yield from pages.figures(planted)
        yield from changes.figures(planted.member.actor)
    for name in PARTS:
        if not wanted or name in wanted:
            yield from import_module(f"tests.bench.{name}").figures()


def _told(figures: Iterator[Figure]) -> Iterator[Figure]:
    for each in figures:
        p95 = f"{each.p95:,.1f}" if each.p95 is not None else ""
        value = f"{each.value:,.1f}" if each.unit == "ms" else f"{each.value:,.0f}"
        queries = "" if each.queries is None else str(each.queries)
        print(f"{each.name:<36}{value:>10}{p95:>10}  {each.unit:<14}{queries:>7}", flush=True)
        yield each


if __name__ == "__main__":
    sys.exit(main())
