"""Rehearsing a version: what would have happened to an invented patient. Nothing is kept, nothing is sent."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.problems import language_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.errors import Refused, not_found
from clinic.models import Site
from clinic.queries.workplaces import workplaces_of
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import say
from pathways.actions.rehearsals import Wanted, rehearse
from pathways.api.programs import pointer_of
from pathways.models import ProgramVersion
from pathways.queries import programs as queries
from pathways.queries.rehearsals import script_for
from pathways.rehearsals.library import Preset
from pathways.rules.rehearsals import LARGEST_SEED, LONGEST, SHORTEST, EntryKind, GateAsked, NeverFired, Rehearsal
from pathways.rules.rehearsals import by_day as days_of

A_YEAR, SEED = 365, 7


class RehearsalBody(Body):
    """How the invented patient does: by a shipped script, or by one of your own."""

    preset = fields.Choice(Preset, required=False, help_text="Left out, without a script: steady.")
    script = serializers.DictField(required=False, help_text="A script of your own; instead of a preset.")
    seed = fields.Whole(required=False, min_value=0, max_value=LARGEST_SEED, help_text="Same seed, same course.")
    start_on = fields.Day(required=False, help_text="The first day, at the site. Left out: today.")
    days = fields.Whole(required=False, min_value=SHORTEST, max_value=LONGEST)
    site = fields.PublicId(required=False, help_text="Whose clock and hours. Left out: the first of yours by name.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "preset" in given and "script" in given:
            both = ErrorDetail("Give either a preset or a script.", code="both")
            raise serializers.ValidationError({"script": both})
        return given


class PhaseDaysRow(Row):
    """Days in one phase, over all stays."""

    key = fields.Code()
    title = fields.Text()
    days = fields.Whole()


class HindranceRow(Row):
    """A requirement that stood in the way."""

    key = fields.Code()
    asks = fields.Text()
    found = fields.Text()


class GateAskedRow(Row):
    """A gate as it was asked."""

    at = fields.Moment()
    title = fields.Text()
    kind = fields.Code(help_text="The move it was asked for.")
    met = fields.YesNo()
    met_count = fields.Whole()
    of_count = fields.Whole()
    in_the_way = HindranceRow(many=True)


class MovedRow(Row):
    """A transition that was made."""

    at = fields.Moment()
    kind = fields.Code()
    from_phase = fields.Code(allow_null=True)
    to_phase = fields.Code(allow_null=True)
    to_status = fields.Code()
    reason = fields.Text(allow_blank=True)


class EntryRow(Row):
    """One line of the timeline."""

    at = fields.Moment()
    day = fields.Whole(help_text="Days since admission.")
    kind = serializers.ChoiceField(choices=[each.value for each in EntryKind])
    said = fields.Text()
    detail = fields.Text(allow_null=True)
    text = fields.Text(allow_blank=True, help_text="A message as it would have been sent, or what stood in the way.")


class IdleCriterionRow(Row):
    """A requirement that never stood in the way."""

    key = fields.Code()
    gate = fields.Text()
    asks = fields.Text()
    asked = fields.YesNo(help_text="Whether its gate was asked at all.")


class IdleTransitionRow(Row):
    """A transition that was never made."""

    kind = fields.Code()
    from_phase = fields.Code(allow_null=True)
    to_phase = fields.Code(allow_null=True)
    reasons = serializers.ListField(child=fields.Code())


class IdleRungRow(Row):
    """A step of a ladder that nobody came to, counted from 1."""

    ladder = fields.Code()
    step = fields.Whole()
    kind = fields.Code()


class NeverFiredRow(Row):
    """What played no part."""

    criteria = IdleCriterionRow(many=True)
    transitions = IdleTransitionRow(many=True)
    follow_ups = serializers.ListField(child=fields.Code())
    rungs = IdleRungRow(many=True)
    templates = serializers.ListField(child=fields.Code())


class RehearsalRow(Row):
    """What would have happened."""

    program = fields.Code()
    version = fields.Whole()
    title = fields.Text()
    seed = fields.Whole()
    start_on = fields.Day()
    days = fields.Whole()
    status = fields.Code(allow_null=True, help_text="Where the enrollment stood in the end.")
    phases = PhaseDaysRow(many=True)
    contacts = serializers.DictField(child=fields.Whole(), help_text="By outcome; `to_come`: still open in the end.")
    messages = serializers.DictField(child=fields.Whole(), help_text="By template; none of them was sent.")
    came_to_nothing = serializers.DictField(child=fields.Whole(), help_text="Messages that would not go, by status.")
    gates = GateAskedRow(many=True)
    moves = MovedRow(many=True)
    timeline = EntryRow(many=True)
    never_fired = NeverFiredRow()
    could_not = serializers.ListField(child=fields.Text(), help_text="What the rehearsal could not do.")
    stuck = serializers.ListField(child=fields.Text(), help_text="Where there was no way on; empty in a sound program.")
    script = serializers.DictField(help_text="The script as it was played: given again, it gives the same.")


class RehearsalsDoor(Door):
    """Rehearsing one version."""

    changes = False

    @operation("rehearse_program_version", takes=RehearsalBody, answers=RehearsalRow)
    def post(self, request: Request, key: str, number: int) -> Response:
        """Walk an invented patient through a version. 409 while your last rehearsal runs; nothing is stored."""
        version = queries.version_of(queries.program(key), number)
        given, language = self.body(RehearsalBody), language_of(request)
        site = self._site(given.get("site"))
        found = rehearse(
            by=self.actor, now=self.now, version=version, site=site, wanted=self._wanted(version, given, site, language)
        )
        return self.ok(rehearsal_row(found, version, language))

    def _wanted(self, version: ProgramVersion, given: Mapping[str, Any], site: Site, language: str) -> Wanted:
        seed, days = given.get("seed", SEED), given.get("days", A_YEAR)
        own = given.get("script")
        preset = None if own is not None else given.get("preset", Preset.STEADY)
        try:
            script = script_for(version, preset=preset, given=own or {}, seed=seed, days=days)
        except Refused as refused:
            raise _pointing(refused) from refused
        return Wanted(script, seed, given.get("start_on") or self.now.astimezone(site.zone).date(), days, language)

    def _site(self, public_id: UUID | None) -> Site:
        own = workplaces_of(self.actor).order_by("name", "id")
        found = own.filter(public_id=public_id).first() if public_id else own.first()
        if found is None:
            raise not_found() if public_id else Refused("no_site", sentence("refused.no_site"), status=403)
        return found


def _pointing(refused: Refused) -> Refused:
    """Every problem of a script, as a pointer into the body."""
    if refused.code == "bad_script" and isinstance(refused.details, Mapping):
        listed: Any = refused.details["problems"]
        refused.fields = {f"script{pointer_of(each['path']).replace('/', '.')}": each["detail"] for each in listed}
    return refused


def rehearsal_row(found: Rehearsal, version: ProgramVersion, language: str) -> dict[str, Any]:
    """A rehearsal as JSON."""
    happened = found.happened
    return {
        "program": version.program.key,
        "version": version.number,
        "title": found.title,
        "seed": found.seed,
        "start_on": found.first,
        "days": found.days,
        "status": found.status,
        "phases": [{"key": each.key, "title": each.title, "days": each.days} for each in found.phases],
        "contacts": {outcome or "to_come": count for outcome, count in found.by_outcome.items()},
        "messages": found.by_template,
        "came_to_nothing": dict(happened.unsent),
        "gates": [_gate(each) for each in happened.gates],
        "moves": [
            {
                "at": each.at, "kind": each.kind, "from_phase": each.from_phase, "to_phase": each.to_phase,
                "to_status": each.to_status, "reason": each.reason,
            }
            for each in happened.moves
        ],
        "timeline": list(_timeline(found, language)),
        "never_fired": _never(found.never, language),
        "could_not": [say(each, language) for each in found.could_not],
        "stuck": [say(each, language) for each in found.stuck],
        "script": dict(found.scripted),
    }  # fmt: skip


def _gate(asked: GateAsked) -> dict[str, Any]:
    in_the_way = [{"key": each.key, "asks": each.asks, "found": each.found} for each in asked.hindrances]
    return {
        "at": asked.at, "title": asked.title, "kind": asked.move, "met": asked.met, "met_count": asked.met_count,
        "of_count": asked.of_count, "in_the_way": in_the_way,
    }  # fmt: skip


def _timeline(found: Rehearsal, language: str) -> list[dict[str, Any]]:
    return [
        {
            "at": each.at, "day": day.number, "kind": each.kind, "said": say(each.said, language),
            "detail": _words(each.detail, language), "text": each.text,
        }
        for day in days_of(found)
        for each in day.entries
    ]  # fmt: skip


def _words(said: Sentence | None, language: str) -> str | None:
    return None if said is None else say(said, language)


def _never(never: NeverFired, language: str) -> dict[str, Any]:
    return {
        "criteria": [
            {"key": each.criterion.key, "gate": each.gate.title, "asks": say(each.asks, language), "asked": each.asked}
            for each in never.criteria
        ],
        "transitions": [
            {"kind": each.kind, "from_phase": each.from_phase, "to_phase": each.to_phase, "reasons": each.reasons}
            for each in never.transitions
        ],
        "follow_ups": never.follow_ups,
        "rungs": [{"ladder": each.ladder.key, "step": each.place + 1, "kind": each.rung.kind} for each in never.rungs],
        "templates": never.templates,
    }
