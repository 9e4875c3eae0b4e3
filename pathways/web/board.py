"""The board: everybody under way in a program at one's site, by phase."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from clinic.errors import not_found
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.models import Program
from pathways.queries.board import Board, Card, Column, board, boards
from pathways.queries.courses import place_words
from pathways.queries.owners import owners_at
from pathways.rules.gates import CriterionResult
from pathways.web.lines import Reader
from pathways.web.places import reader_of, site_of

Shown = dict[str, Any]
MINE = "me"


def show(request: HttpRequest) -> HttpResponse:
    """The columns of one program; filtered by counselor; a column shown to its end by `whole`."""
    reader, site = reader_of(request), site_of(request)
    programs = boards(reader.actor, site)
    program = _program(programs, request.GET.get("program", ""))
    counselors = list(owners_at(site))
    chosen = _counselor(request.GET.get("counselor", ""), reader)
    found = (
        board(
            reader.actor, site, program, now=reader.now, counselor=chosen, whole=request.GET.get("whole", "")[:60],
            language=reader.language,
        )
        if program
        else Board((), cut=False)
    )  # fmt: skip
    request.seen.update(card.row.patient.public_id for column in found.columns for card in column.cards)  # type: ignore[attr-defined]
    context = {
        "program": program,
        "programs": programs,
        "counselors": counselors,
        "counselor": request.GET.get("counselor", ""),
        "columns": [_column(each, request, reader) for each in found.columns],
        "cut": found.cut,
        "total": sum(each.count for each in found.columns),
    }
    return render(request, "pathways/board/board.html", context)


def _program(programs: list[Program], key: str) -> Program | None:
    if not key:
        return programs[0] if programs else None
    found = next((each for each in programs if each.key == key), None)
    if found is None:
        raise not_found()
    return found


def _counselor(given: str, reader: Reader) -> UUID | None:
    if given == MINE:
        return reader.actor.public_id
    try:
        return UUID(given) if given else None
    except ValueError:
        raise not_found() from None


def _column(column: Column, request: HttpRequest, reader: Reader) -> Shown:
    kept = {name: request.GET[name] for name in ("program", "counselor") if request.GET.get(name)}
    return {
        "key": column.key,
        "title": column.title,
        "count": column.count,
        "ready": column.ready,
        "hidden": column.hidden,
        "whole": f"{reverse('board')}?{urlencode(kept | {'whole': column.key})}#{column.key}",
        "cards": [_card(each, reader) for each in column.cards],
    }


def _card(card: Card, reader: Reader) -> Shown:
    row, decision = card.row, card.decision
    held_up = decision.unmet[0] if decision and decision.unmet and reader.may(Permission.ASSESSMENT_READ) else None
    return {
        "id": f"b{row.public_id.hex}",
        "row": row,
        "name": row.patient.display_name,
        "chart": reverse("chart", args=[row.patient.public_id]),
        "move": reverse("move", args=[row.public_id]) if reader.may(Permission.ENROLLMENT_MOVE) else "",
        "course": card.course,
        "place": place_words(row, card.course, decision, reader.language),
        "ready": card.ready,
        "on_hold": row.status == "on_hold",
        "held_up": _words(held_up, reader) if held_up else "",
        "late": sentence("board.late", n=card.late) if card.late else None,
    }


def _words(held_up: CriterionResult, reader: Reader) -> str:
    """The first requirement that is not met; a group says how far it is."""
    asked = say(held_up.sentence, reader.language)
    return f"{asked}. {say(held_up.found, reader.language)}" if held_up.children else asked
