"""A gate's answer as a checklist and as the page that says "not yet": the sentences are those of the API's 409.

Both start from `queries.decisions.decision_shown`, which is also what a refusal carries: what is read here is what a
program is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.models import Enrollment
from pathways.queries.decisions import decision_shown
from pathways.rules.gates import Decision, Gate, State, instrument_name
from pathways.rules.gates.kinds import Attestation
from pathways.web.lines import Reader

Shown = dict[str, Any]
SOON = timedelta(days=7)
"""A met requirement is shown as lapsing in its last week (local default)."""
P = Permission
EVIDENCE = {
    "assessment": "assessment",
    "safety_flag": "flag",
    "observation": "observation",
    "session": "session",
    "follow_up": "follow_up",
    "plan": "plan",
    "consent": "part2_consent",
    "level_assessment": "level_assessment",
}
STEPS = {
    "observation_compared": ("observations", P.ASSESSMENT_RECORD),
    "consent_in_force": ("part2_consent_record", P.CONSENT_RECORD),
    "level_at_most": ("level_rate", P.LEVEL_DECIDE),
}
"""Where a person's next step is taken, by kind, and what it takes."""
MOST_OPEN = 5
"""A longer checklist folds away what is met: what is still to be done stays in sight."""
MOST_LINKS = 3
"""So many records are linked where a sentence sums up more of them."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A gate before somebody. `enrollment` is None while they are not enrolled yet."""

    gate: Gate
    patient_id: UUID
    enrollment: Enrollment | None
    reader: Reader

    @property
    def today(self) -> date:
        zone = self.enrollment.site.zone if self.enrollment else self.reader.zone
        return self.reader.now.astimezone(zone).date()


def of_enrollment(gate: Gate, row: Enrollment, reader: Reader) -> Ahead:
    """The gate before somebody who is enrolled."""
    return Ahead(gate, row.patient.public_id, row, reader)


def checklist(decision: Decision, ahead: Ahead) -> Shown:
    """For `partials/gate_checklist.html`."""
    shown = decision_shown(decision, ahead.reader.language)
    lede, lines = _lede(decision, ahead), criteria(shown, ahead)
    folded = [each for each in lines if each["state"] == State.MET] if len(lines) > MOST_OPEN else []
    return {
        "title": ahead.gate.title,
        "met": decision.met_count,
        "of": decision.of_count,
        "lede": lede,
        "criteria": [each for each in lines if each not in folded],
        "folded": folded,
    }


def _lede(decision: Decision, ahead: Ahead) -> str:
    """The facts that press: what lapses within days, and the earliest day of the move."""
    lapse, said = decision.lapses_next, []
    if decision.met:
        said.append(sentence("course.gate.ready"))
    if lapse is not None and lapse.on - ahead.today <= SOON:
        said.append(sentence("course.gate.lapses", on=lapse.on))
    if decision.earliest is not None:
        said.append(sentence("course.gate.earliest", on=decision.earliest))
    told = [say(each, ahead.reader.language) for each in said]
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in told)


def criteria(shown: Mapping[str, Any], ahead: Ahead) -> list[Shown]:
    """Every criterion in the gate's order; a group that is not met names those of its members that are not."""
    return [_with_members(each, ahead) for each in shown["criteria"]]


def criteria_by_need(shown: Mapping[str, Any], ahead: Ahead) -> list[Shown]:
    """Each on a line of its own: what is not met first (what can be done about it before the rest), then what lapses,
    then what is met. A group is followed by those of its members that are not met."""
    order = {State.UNMET: 0, State.MISSING: 0, State.EXPIRED: 0, "lapsing": 1, State.MET: 2}

    def place(top: list[Shown]) -> tuple[bool, int, int]:
        return top[0]["advisory"], order[top[0]["state"]], 0 if top[0]["step"] else len(top)

    tops = [[_criterion(each, ahead) for each in _spread([top])] for top in shown["criteria"]]
    return [each for top in sorted(tops, key=place) for each in top]


def walked(criteria_of: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every criterion at every depth."""
    for each in criteria_of:
        yield each
        yield from walked(each["children"])


def _spread(criteria_of: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for each in criteria_of:
        yield each
        if each["state"] != State.MET and not each["set_aside"]:
            yield from (child for child in _spread(each["children"]) if child["state"] != State.MET)


def _with_members(each: Mapping[str, Any], ahead: Ahead) -> Shown:
    """A group in one line: its members that are not met as links to their next step."""
    line = _criterion(each, ahead)
    members = [_criterion(child, ahead) for child in list(_spread([each]))[1:]]
    if members:
        line["evidence"] = [
            {"label": member["what"], "href": member["step"]["href"] if member["step"] else ""} for member in members
        ]
    return line


def _criterion(each: Mapping[str, Any], ahead: Ahead) -> Shown:
    state, lapses_on = each["state"], _day(each["lapses_on"])
    if state == State.MET and lapses_on is not None and lapses_on - ahead.today <= SOON:
        state = "lapsing"
    links, detail = _told(each)
    step = _step(each, ahead) if each["state"] != State.MET else None
    if step is None and each["next_step"] and not each["children"]:
        detail = f"{detail} {each['next_step']}.".strip()
    return {
        "key": each["key"],
        "state": state,
        "badge": _badge(each, state, lapses_on),
        "advisory": each["requirement"] == "advisory",
        "what": sentence("chart.gate.advisory", what=each["sentence"])
        if each["requirement"] == "advisory"
        else each["sentence"],
        "evidence": links,
        "detail": detail,
        "step": step,
    }


def _badge(each: Mapping[str, Any], state: str, lapses_on: date | None) -> object:
    if each["set_aside"]:
        return sentence("chart.gate.set_aside")
    if state == "lapsing" and lapses_on is not None:
        return sentence("chart.gate.lapses", on=lapses_on)
    return sentence("chart.gate.state", state=State(state))


def _told(each: Mapping[str, Any]) -> tuple[list[Shown], str]:
    """What was found, with the records it rests on as links inside it; nothing is said twice."""
    found, evidence = each["found"], each["evidence"]
    inside = bool(evidence) and all(item["sentence"] in found for item in evidence)
    if len(evidence) == 1 and not found.startswith(evidence[0]["sentence"]):
        return [_link(found.removesuffix("."), evidence[0])], ""
    if not inside and each["kind"] != "no_open_safety_flag":
        return [_link(item["sentence"], item) for item in evidence[:MOST_LINKS]], found
    links = [_link(item["sentence"], item) for item in evidence]
    if not inside:
        return links, "" if evidence else found
    for item in evidence:
        found = found.replace(item["sentence"], "", 1)
    return links, _tidy(found)


def _tidy(rest: str) -> str:
    """What is left of a sentence whose readings became links."""
    rest = re.sub(r"^(\W|\band\b|\by\b)+|[\s:,.]+$", "", re.sub(r"\s*(,|\band\b|\by\b)\s*(?=[.,]|$)", "", rest))
    return f"{rest}." if rest else ""


def _link(words: str, item: Mapping[str, Any]) -> Shown:
    page = EVIDENCE.get(item["type"])
    return {"label": words, "href": reverse(page, args=[item["public_id"]]) if page else ""}


def _step(each: Mapping[str, Any], ahead: Ahead) -> Shown | None:
    """Where the next step is taken, by somebody who may; None where it is to be waited for, or is another's."""
    if each["evidence"] and each["kind"] == "no_open_safety_flag" and ahead.reader.may(P.FLAG_CLOSE):
        return {"label": each["next_step"], "href": reverse("flag", args=[each["evidence"][0]["public_id"]])}
    kind = ahead.gate.criterion(each["key"]).kind
    if isinstance(kind, Attestation):
        return _confirm(kind, each, ahead)
    instrument = getattr(kind, "instrument", None)
    if instrument and ahead.reader.may(P.ASSESSMENT_RECORD):
        said = sentence("gate.assessment.next_record", instrument=instrument_name(instrument))
        href = reverse("assessment_new", args=[ahead.patient_id, instrument])
        return {"label": say(said, ahead.reader.language), "href": href}
    return _elsewhere(each, ahead)


def _elsewhere(each: Mapping[str, Any], ahead: Ahead) -> Shown | None:
    """The page where what is wanting is recorded: a plan that is open, or the person's page of that kind of record."""
    plan = next((item for item in each["evidence"] if item["type"] == "plan"), None)
    if plan is not None and ahead.reader.may(P.PLAN_WRITE):
        return {"label": each["next_step"], "href": reverse("plan", args=[plan["public_id"]])}
    page, permission = STEPS.get(each["kind"], ("", P.PATIENT_READ))
    if not page or not ahead.reader.may(permission):
        return None
    return {"label": each["next_step"], "href": reverse(page, args=[ahead.patient_id])}


def _confirm(kind: Attestation, each: Mapping[str, Any], ahead: Ahead) -> Shown | None:
    held = {Role(role) for role in ahead.reader.actor.roles}
    if ahead.enrollment is None or held.isdisjoint(kind.roles) or not ahead.reader.may(P.ATTEST):
        return None
    href = reverse("attest", args=[ahead.enrollment.public_id, kind.attestation])
    return {"label": sentence("chart.gate.confirm"), "href": href}


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
