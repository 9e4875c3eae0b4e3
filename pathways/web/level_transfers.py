"""Changing the level of care of somebody under way."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import level_transfers as verbs
from pathways.queries.enrollments import enrollment
from pathways.queries.level_transfers import level_now, transfers_of
from pathways.rules.capacity import LevelReason
from pathways.rules.levels import Level
from pathways.web.capacity_forms import LevelTransferForm
from pathways.web.places import reader_of


def level_transfer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """To which level, why, from when; beside it the level indicated and the changes so far."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    now = level_now(row)
    indicated = now.rated.suggested_level if now.rated else ""
    form = LevelTransferForm(
        request.POST or None,
        language=reader.language,
        may_exceed=reader.may(Permission.CAPACITY_WRITE),
        zone=row.site.zone,
        now=reader.now,
        initial={"to_level": indicated, "reason": LevelReason.RATED_ANEW.value if indicated else ""},
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = verbs.transfer_level(
                by=reader.actor, now=reader.now, enrollment_id=public_id, to_level=Level(given["to_level"]),
                reason=LevelReason(given["reason"]), effective_at=given["effective_at"], note=given["note"],
                despite_full=given.get("despite_full", ""),
            )  # fmt: skip
            said = sentence("level_transfer.said", level=Level(made.to_level))
            return go_on(request, f"{reverse('chart', args=[row.patient.public_id])}?tab=level#tab", said)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    context = {
        "enrollment": row,
        "patient": row.patient,
        "form": form,
        "stay": now.stay,
        "level": Level(now.stay.level) if now.stay else None,
        "rated": now.rated,
        "indicated": Level(indicated) if indicated else None,
        "transfers": [
            {"row": each, "level": Level(each.to_level), "reason": LevelReason(each.reason)}
            for each in transfers_of(row).order_by("-effective_at", "-id")[:20]
        ],
    }
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/capacity/level_transfer.html", context, status=status)
