"""The head of a person's chart: name, facts, actions, flags, and the panel with their way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import label, say
from pathways.models import Enrollment, OverrideRequest
from pathways.queries.chart import Care
from pathways.queries.enrollments import next_gate
from pathways.queries.programs import document_of
from pathways.rules import ribbon
from pathways.rules.gates import Gate
from pathways.rules.moves import ENDED, OPEN, EnrollmentStatus
from pathways.web import gate_lists
from pathways.web.lines import Reader
from patients.models import Patient, SafetyFlag
from patients.queries.flags import cause_of
from patients.rules.age import age_on

Shown = dict[str, Any]
P = Permission
WEEK = 7
MOST_FLAGS = 6
"""More kinds of open flags than this are counted, not listed, beneath the name."""


def head(patient: Patient, care: Care, reader: Reader) -> Shown:
    """For `partials/patient_head.html`."""
    today = reader.now.astimezone(patient.zone).date()
    age = sentence("chart.age", age=age_on(patient.birth_date, today), born=patient.birth_date)
    facts: list[str] = [patient.pronouns, say(age, reader.language), patient.record_number]
    if patient.died_on is not None:
        facts.append(say(sentence("death.on", on=patient.died_on), reader.language))
    if care.current is not None and reader.may(P.ENROLLMENT_READ):
        facts += _course_facts(care.current, reader)
    return {"name": patient.display_name, "facts": facts, "actions": _actions(patient, care, reader)}


def _course_facts(row: Enrollment, reader: Reader) -> list[str]:
    program = sentence("chart.program", program=row.program.title, number=row.program_version.number)
    counselor = sentence("chart.counselor", name=row.counselor.name) if row.counselor else None
    return [say(program, reader.language), say(counselor, reader.language) if counselor else ""]


def _actions(patient: Patient, care: Care, reader: Reader) -> list[Shown]:
    """What is done from here; one of them is the next thing, and carries the accent."""
    found: list[Shown] = []
    if reader.may(P.ASSESSMENT_RECORD):
        found.append(_action(_("Record"), reverse("assessments", args=[patient.public_id]), "plus"))
    row = care.current
    if row is not None and row.status in OPEN:
        if reader.may(P.ENROLLMENT_WRITE):
            found.append(_action(_("Return to use"), reverse("return_to_use", args=[row.public_id]), "refresh"))
        if reader.may(P.ENROLLMENT_MOVE):
            move = _action(_("Move phase"), reverse("move", args=[row.public_id]), "", primary=True)
            found.append(move | {"move": True})
    elif reader.may(P.ENROLLMENT_WRITE):
        if row is not None and row.status in ENDED:
            found.append(_action(_("Readmit"), reverse("readmit", args=[row.public_id]), "door-enter", primary=True))
        found.append(_action(_("Enroll"), reverse("enroll", args=[patient.public_id]), "", primary=row is None))
    return found


def _action(words: str, href: str, icon: str, *, primary: bool = False) -> Shown:
    return {"label": words, "href": href, "icon": icon, "primary": primary, "move": False}


def flags(rows: Sequence[SafetyFlag], patient: Patient) -> list[Shown]:
    """For `partials/flags.html`: the worst first; flags that say the same stand once, the newest of them linked."""
    alike: dict[tuple[str, str], list[SafetyFlag]] = {}
    for row in rows:
        alike.setdefault((row.instrument, row.alert_key), []).append(row)
    found = [_flag(max(each, key=lambda row: row.raised_at), len(each)) for each in alike.values()]
    if len(found) <= MOST_FLAGS:
        return found
    more = sentence("chart.flags_more", n=len(found) - MOST_FLAGS + 1)
    href = reverse("patient", args=[patient.public_id])
    return [*found[: MOST_FLAGS - 1], {"severity": "none", "kind": sentence("chart.flags"), "text": more, "href": href}]


def _flag(row: SafetyFlag, times: int) -> Shown:
    said = cause_of(row).said
    return {
        "severity": row.severity,
        "kind": sentence(f"chart.severity.{row.severity}"),
        "text": sentence("chart.flag_times", what=said, n=times) if times > 1 else said,
        "href": reverse("flag", args=[row.public_id]),
    }


def panel(care: Care, reader: Reader) -> Shown:
    """For `partials/course.html`; without a course there is none."""
    row, course = care.current, care.course
    if row is None or course is None:
        return {"course": None}
    gate, ahead = _gate(row), None
    if gate is not None and care.decision is not None and reader.may(P.ASSESSMENT_READ):
        ahead = gate_lists.checklist(care.decision, gate_lists.of_enrollment(gate, row, reader))
    return {
        "course": course,
        "course_words": say(_place(row, course), reader.language),
        "course_span": say(_span(course), reader.language),
        "gate": ahead,
        "others": [_earlier(each, care, reader) for each in care.earlier if each.pk in care.courses],
    }


def _gate(row: Enrollment) -> Gate | None:
    gate, _to = next_gate(document_of(row.program_version), row.current_phase.key if row.current_phase else None)
    return gate


def _place(row: Enrollment, course: ribbon.Course) -> Sentence:
    if row.current_phase is None or course.closed is not None:
        return sentence("chart.ended", status=EnrollmentStatus(row.status), on=course.last_day)
    week = (course.today - course.current.start).days // WEEK + 1
    day = (course.today - course.start).days + 1
    return sentence("chart.place", phase=row.current_phase.short_title, week=week, day=day)


def _span(course: ribbon.Course) -> Sentence:
    if course.closed is not None:
        return sentence("chart.span_closed", start=course.start, end=course.closed)
    if course.due is None or course.due < course.today + timedelta(days=1):
        return sentence("chart.span_open", start=course.start, today=course.today)
    return sentence("chart.span", start=course.start, end=course.due, today=course.today)


def _earlier(row: Enrollment, care: Care, reader: Reader) -> Shown:
    course = care.courses[row.pk]
    said = sentence(
        "chart.earlier",
        program=row.program.title,
        status=label(EnrollmentStatus(row.status), reader.language),
        start=course.start,
        end=course.last_day,
    )
    return {"course": course, "words": say(said, reader.language)}


def notices(care: Care, requests: Sequence[OverrideRequest]) -> list[Shown]:
    """What stands beside the way just now: a hold with its review, requirements that may be or shall be set aside."""
    row = care.current
    if row is None:
        return []
    found: list[Shown] = []
    if row.status == EnrollmentStatus.ON_HOLD and row.review_on is not None:
        found.append({"icon": "player-pause", "said": sentence("chart.on_hold", on=row.review_on), "href": ""})
    return found + [_override(each, row) for each in requests]


def _override(request: OverrideRequest, row: Enrollment) -> Shown:
    gate = _gate(row)
    asked = {each.key: each for each in gate.walk()} if gate else {}
    known = [asked[key] for key in request.criteria if key in asked]
    what = [each.kind.asks() for each in known] or request.criteria
    href = reverse("cosign", args=[request.public_id])
    if request.cosigned_by is not None:
        until = request.expires_at.astimezone(row.site.zone).date()
        said = sentence("chart.override.signed", by=request.cosigned_by.name, what=what, until=until)
        return {"icon": "writing-sign", "said": said, "href": href}
    roles = list(dict.fromkeys(role for each in known for role in each.cosigned_by))
    said = sentence("chart.override.waits", by=request.requested_by.name, what=what, roles=roles)
    return {"icon": "writing-sign", "said": said, "href": href}
