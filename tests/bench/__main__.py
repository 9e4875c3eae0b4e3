"""`make bench`: prints a table of speeds and keeps it in `var/bench.json`. No test: nothing fails for being slow.

Every part stands on servers of its own, so that none finds what another planted. `python -m tests.bench programs hours`
measures those parts alone and keeps nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.ground import analyze, ground

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "bench.json"
PARTS = ("clinic", "programs", "adoptions", "hours", "rehearsals", "today", "delivery", "claims")
EXACT = frozenset({"ms", "s", "MiB"})
"""Units that are told with a decimal."""
INTO = "BENCH_INTO"
"""The file a part puts its figures in, as the environment of its process says."""


def main() -> int:
    into = os.environ.get(INTO)
    if into is not None:
        return _measure(sys.argv[1], Path(into))
    began, wanted = time.monotonic(), sys.argv[1:]
    print(f"{'':<40}{'median':>10}{'p95':>10}  {'unit':<14}{'queries':>7}", flush=True)
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as folder:
        failed = [part for part in wanted or PARTS if not _on_its_own(part, Path(folder))]
        found = {name: row for file in sorted(Path(folder).glob("*.json")) for name, row in _read(file).items()}
    if not wanted and not failed:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(found, indent=2) + "\n")
    print(f"\n{time.monotonic() - began:.0f} s in all{f'; failed: {failed}' if failed else ''}")
    return 1 if failed else 0


def _on_its_own(part: str, folder: Path) -> bool:
    """Measure a part in a process of its own; the cluster made for the first part serves the others as a copy."""
    kept = {"STEPWELL_KEPT_CLUSTERS": os.environ.get("STEPWELL_KEPT_CLUSTERS") or str(folder / "clusters")}
    mine = {INTO: str(folder / f"{PARTS.index(part)}.json")}
    return (
        subprocess.run([sys.executable, "-m", "tests.bench", part], env={**os.environ, **kept, **mine}).returncode == 0
    )


def _read(file: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(file.read_text())
    return found


def _measure(part: str, into: Path) -> int:
    with ground():
        found = list(_told(_figures(part)))
    into.write_text(json.dumps({each.name: each.as_json() for each in found}))
    return 0


def _figures(part: str) -> Iterator[Figure]:
    """Imported here, because the models want the ground first."""
    if part != "clinic":
        yield from import_module(f"tests.bench.{part}").figures()
        return
    from tests.bench import changes, pages, planting, rules
    from tests.faults.load import NOON, stand_at

    stand_at(NOON)
    planted = planting.plant()
    analyze()
    print(f"{planting.PEOPLE:,} people at {planting.SITES} sites")
    yield from rules.figures(planted.member.actor)
    yield from pages.figures(planted)
    yield from changes.figures(planted.member.actor)


def _told(figures: Iterator[Figure]) -> Iterator[Figure]:
    for each in figures:
        p95 = f"{each.p95:,.1f}" if each.p95 is not None else ""
        value = f"{each.value:,.1f}" if each.unit in EXACT else f"{each.value:,.0f}"
        queries = "" if each.queries is None else str(each.queries)
        print(f"{each.name:<40}{value:>10}{p95:>10}  {each.unit:<14}{queries:>7}", flush=True)
        yield each


if __name__ == "__main__":
    sys.exit(main())
