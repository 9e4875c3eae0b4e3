"""The nightly check: every night with its sum, what it named, and the word of a person on each."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.queries.pages import page
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.actions import reconciliation as verbs
from pathways.models import ReconciliationFinding
from pathways.queries import reconciliation as queries
from pathways.rules.reconciliation import FindingKind, RunStatus, Tone
from pathways.web.lines import Reader
from pathways.web.places import reader_of

NIGHTS = 20
ORDER = ("-started_at", "-id")
TONES = {
    RunStatus.BALANCED: ("met", "circle-check"),
    RunStatus.DIFFERS: ("urgent", "alert-triangle"),
    RunStatus.BROKEN: ("urgent", "alert-triangle"),
    RunStatus.ASKED: ("none", "clock"),
    RunStatus.RUNNING: ("none", "clock"),
}
Shown = dict[str, Any]


class SettleForm(Form):
    """What came of looking into it."""

    note = forms.CharField(label=_("What came of it"), max_length=verbs.NOTE_LIMIT)


def reconciliations(request: HttpRequest) -> HttpResponse:
    """What everybody is told now, and the nights before."""
    reader = reader_of(request)
    found = page(queries.runs(), ORDER, request.GET.get("cursor") or None, NIGHTS, "reconciliations")
    context = {
        "told": queries.told(reader.now),
        "quiet": Tone.QUIET,
        "runs": [_run(each) for each in found.rows],
        "may_run": reader.may(Permission.RECONCILIATION_RUN),
        "previous": _link(found.previous_cursor),
        "following": _link(found.next_cursor),
    }
    return render(request, "pathways/reconciliation/list.html", context)


def reconciliation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One run: the sum, by program and site, and every row it named at the sites one works at."""
    return _page(request, queries.run(public_id), reader_of(request))


def _page(
    request: HttpRequest,
    row: Any,
    reader: Reader,
    opened: tuple[UUID, SettleForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    named = list(queries.findings_of(row, reader.actor))
    request.seen.update(each.patient.public_id for each in named if each.patient)  # type: ignore[attr-defined]
    may_settle = reader.may(Permission.FOLLOW_UP_ASSIGN)
    context = {
        **_run(row),
        "counts": [{"row": each, "balances": not each.missing} for each in queries.counts_of(row, reader.actor)],
        "findings": [_finding(each, opened, may_settle) for each in named],
        "elsewhere": row.missing_now + row.stuck_now - sum(each.settled_at is None for each in named),
        "going": row.status in verbs.UNDER_WAY,
    }
    return render(request, "pathways/reconciliation/run.html", context, status=status)


def ask(request: HttpRequest) -> HttpResponse:
    """Have it run now."""
    reader = reader_of(request)
    row = verbs.ask(by=reader.actor, now=reader.now)
    return go_on(request, reverse("reconciliation", args=[row.public_id]), sentence("reconciliation.asked"))


def settle(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The word of a person on one row; what was typed stays where it is refused."""
    reader, form = reader_of(request), SettleForm(request.POST)
    row = queries.finding(reader.actor, public_id)
    run, status = queries.run(row.run.public_id), 422
    if form.is_valid():
        try:
            verbs.settle(by=reader.actor, now=reader.now, finding_id=public_id, note=form.cleaned_data["note"])
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
        else:
            here = reverse("reconciliation", args=[run.public_id])
            return go_on(request, here, sentence("reconciliation.settled"), level=messages.SUCCESS)
    return _page(request, run, reader, (public_id, form), status)


def _run(row: Any) -> Shown:
    status = RunStatus(row.status)
    tone, symbol = TONES[status]
    last = queries.last_run(row)
    return {"row": row, "status": status, "tone": tone, "symbol": symbol, "sum": last.sum if last else None}


def _finding(row: ReconciliationFinding, opened: tuple[UUID, SettleForm] | None, may_settle: bool) -> Shown:
    kind = FindingKind(row.kind)
    form = opened[1] if opened and opened[0] == row.public_id else SettleForm(auto_id=f"id_%s_{row.public_id.hex[:8]}")
    return {
        "row": row,
        "kind": kind,
        "what": sentence(f"reconciliation.finding.{kind}"),
        "next": sentence(f"reconciliation.next.{kind}"),
        "href": _address(row, kind),
        "form": form if may_settle and row.settled_at is None else None,
    }


def _address(row: ReconciliationFinding, kind: FindingKind) -> str:
    """Where one looks into it: the contact, the message, or the chart."""
    if row.subject_type == "reminder":
        return reverse("message", args=[row.subject_id])
    if row.subject_type == "follow_up" and kind is not FindingKind.MISSING:
        return reverse("follow_up", args=[row.subject_id])
    return reverse("chart", args=[row.patient.public_id]) if row.patient else ""


def _link(cursor: str | None) -> str | None:
    return f"{reverse('reconciliations')}?cursor={cursor}" if cursor else None
