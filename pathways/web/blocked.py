""" "Not ready yet": the page after a gate refused, with every criterion and what may be set aside (409)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from clinic.wording.render import DAYS, MONTHS
from pathways.models import Enrollment
from pathways.queries.signers import signers_at
from pathways.rules import ribbon
from pathways.rules.gates import Requirement, State
from pathways.web import gate_lists
from pathways.web.gate_lists import Ahead
from pathways.web.lines import Reader
from pathways.web.move_forms import OverrideForm

Shown = dict[str, Any]
Criteria = Iterable[Mapping[str, Any]]


def page(shown: Mapping[str, Any], ahead: Ahead, *, heading: Sentence, unchanged: Sentence, back: str) -> Shown:
    """For `partials/gate_blocked.html`, without course and override; `shown` is what the refusal carried."""
    earliest = shown["earliest"]
    return {
        "heading": heading,
        "unchanged": unchanged,
        "met": shown["met_count"],
        "of": shown["of_count"],
        "earliest": _day(date.fromisoformat(earliest), ahead.reader.language) if earliest else "",
        "course": None,
        "criteria": gate_lists.criteria_by_need(shown, ahead),
        "checked": f"{ahead.reader.now.astimezone(ahead.reader.zone):%H:%M:%S}",
        "back": back,
        "override": None,
    }


def answer(
    request: HttpRequest,
    gate: Shown,
    row: Enrollment | None,
    patient: Any,
    place: str,
    course: ribbon.Course | None,
    status: int,
) -> HttpResponse:
    """The page itself; the enrollment is none while somebody is not enrolled."""
    context = {"gate": gate | {"course": course}, "enrollment": row, "patient": patient, "place": place}
    return render(request, "pathways/enrollments/blocked.html", context, status=status)


def may_be_set_aside(shown: Mapping[str, Any], reader: Reader) -> list[Mapping[str, Any]]:
    """What holds the move back and this person may set aside or ask to have set aside."""
    held = set(reader.actor.roles)
    if not reader.may(Permission.OVERRIDE):
        return []
    return [each for each in _holding(shown["criteria"]) if held & set(each["overridable_by"])]


def override(
    open_to: Sequence[Mapping[str, Any]], shown: Mapping[str, Any], row: Enrollment | None, form: OverrideForm,
    post_to: str, reader: Reader,
) -> Shown:  # fmt: skip
    """The form beneath, with who may set aside what in words. Without an enrollment nobody can sign for it yet."""
    signed = all(each["cosigned_by"] for each in open_to)
    return {
        "lede": _lede(open_to, shown, row, reader),
        "form": form,
        "post_to": post_to,
        "label": sentence("move.override.ask" if signed else "move.override.do"),
    }


def _holding(criteria: Criteria) -> list[Mapping[str, Any]]:
    found = gate_lists.walked(criteria)
    return [each for each in found if each["state"] != State.MET and not each["set_aside"]]


def _lede(
    open_to: Sequence[Mapping[str, Any]], shown: Mapping[str, Any], row: Enrollment | None, reader: Reader
) -> list[Sentence]:
    alone = [each["sentence"] for each in open_to if not each["cosigned_by"]]
    said = [sentence("move.override.yours", what=alone)] if alone else []
    said += [_signed(each, row, reader) for each in open_to if each["cosigned_by"] and row is not None]
    keys = {each["key"] for each in open_to}
    top = [each for each in shown["criteria"] if each["state"] != State.MET and each["key"] not in keys]
    others = [each for each in top if each["overridable_by"]]
    for each in others:
        roles = [Role(role) for role in each["overridable_by"]]
        said.append(sentence("move.override.others", roles=roles, what=each["sentence"]))
    required = [each["sentence"] for each in top if each["requirement"] == Requirement.REQUIRED]
    return said + ([sentence("move.override.required", what=required)] if required else [])


def _signed(each: Mapping[str, Any], row: Enrollment, reader: Reader) -> Sentence:
    roles = [Role(role) for role in each["cosigned_by"]]
    names = [signer.name for signer in signers_at(row.site, roles, but=reader.actor)]
    code = "move.override.signed" if names else "move.override.signed_nobody"
    return sentence(code, roles=roles, what=each["sentence"], names=names)


def _day(day: date, language: str) -> str:
    spoken = language if language in DAYS else "en"
    return f"{DAYS[spoken][day.weekday()]} {day.day} {MONTHS[spoken][day.month - 1]}"
