"""The plans of somebody on their chart: what each holds, whether it is signed as it stands, and when it is reviewed."""

from typing import Any

from pathways.queries import plans as queries
from pathways.queries.chart import Care
from pathways.queries.plans import PlanShown
from pathways.rules.plans import ELEMENTS, ElementStatus, PlanKind, PlanSigner, holding, signed
from pathways.web.lines import Reader

Shown = dict[str, Any]
MOST = 8


def cards(care: Care, reader: Reader) -> Shown:
    """For `chart/plans.html`: the plans of the enrollment the chart is about, and those that may be begun."""
    row = care.current
    if row is None:
        return {"plans": [], "may_open": []}
    found = queries.shown(queries.of_enrollment(reader.actor, row)[:MOST], now=reader.now)
    open_kinds = {each.row.kind for each in found if each.row.closed_at is None}
    may_open = [kind for kind in PlanKind if kind.value not in open_kinds] if care.is_open else []
    return {"plans": [_card(each) for each in found], "may_open": may_open}


def _card(found: PlanShown) -> Shown:
    return {
        "kind": PlanKind(found.row.kind),
        "found": found,
        "counts": _counts(found),
        "signed": [each.name for each in holding(found.standing)],
        "by_patient": signed(found.standing, PlanSigner.PATIENT),
    }


def _counts(found: PlanShown) -> list[Shown]:
    """How many lines of each kind there are, those stopped left out, and how many are complete."""
    kept = [each for each in found.lines if each.status != ElementStatus.STOPPED]
    counted = []
    for kind in ELEMENTS[PlanKind(found.row.kind)]:
        lines = [each for each in kept if each.kind == kind]
        done = sum(each.status == ElementStatus.COMPLETE for each in lines)
        if lines:
            counted.append({"kind": kind, "of": len(lines), "done": done})
    return counted
