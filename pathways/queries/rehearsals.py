"""What a rehearsal reads back of its own invented patient: what is owed next, and in the end all that happened."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection

from clinic.errors import BAD_INPUT, Refused
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import label
from pathways.models import (
    Attendance,
    CallResult,
    Enrollment,
    FollowUp,
    PhaseStay,
    ProgramVersion,
    Reminder,
    ReturnToUse,
    Session,
    Transition,
)
from pathways.queries.programs import document_of
from pathways.rehearsals.library import Preset, script_from, script_of
from pathways.rules.documents import Problem
from pathways.rules.follow_ups import Outcome
from pathways.rules.gates.names import modality_name
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.programs import DocumentError, ProgramDocument
from pathways.rules.rehearsals import (
    ContactOwed,
    Moved,
    Script,
    ScriptError,
    random_script,
    read_script,
    script_problems,
)
from pathways.rules.reminders import ReminderStatus
from pathways.rules.sessions import AttendanceStatus
from patients.models import Patient

CAME_TO_NOTHING = (ReminderStatus.SUPPRESSED, ReminderStatus.EXPIRED, ReminderStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Owed:
    """An open contact, as far as playing it needs; `since`: when its present step began."""

    pk: int
    public_id: UUID
    rule_key: str
    occurrence: int
    mode: str
    purpose: str
    instrument: str
    ladder: str
    rung: int
    since: datetime | None
    due_on: date
    due_at: datetime
    act_at: datetime
    climbs_at: datetime | None
    owner_role: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not gone yet; one that reminds of a session belongs to no contact, rule or ladder."""

    pk: int
    next_at: datetime
    follow_up_id: int | None
    template: str
    rung: int
    rule_key: str
    title: str | Sentence
    ladder: str


# Asked hundreds of times in a rehearsal, hence written out: the contacts of one person that are open, and the messages
# that have not gone yet, those that remind of a session after them.
_OUTSTANDING = """
    SELECT f.id, f.public_id, f.rule_key, f.occurrence, f.mode, f.purpose, f.instrument, f.ladder, f.rung, f.rung_since,
        f.due_on, f.due_at, f.act_at, f.climbs_at, f.owner_role, f.outcome, f.title,
        r.id, r.next_at, r.template, r.rung
    FROM pathways_followup f LEFT JOIN pathways_reminder r ON r.follow_up_id = f.id AND r.status = 'planned'
    WHERE f.patient_id = %s AND (f.outcome = '' OR r.id IS NOT NULL)
    UNION ALL
    SELECT NULL, NULL, '', 0, '', '', '', '', 0, NULL, NULL, NULL, NULL, NULL, '', '', s.modality,
        r.id, r.next_at, r.template, r.rung
    FROM pathways_reminder r JOIN pathways_attendance a ON a.id = r.attendance_id
        JOIN pathways_session s ON s.id = a.session_id
    WHERE r.patient_id = %s AND r.status = 'planned'
    ORDER BY 12, 1, 19, 18
"""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What is open of one person: contacts, the earliest first, and messages by id."""

    owed: tuple[Owed, ...] = ()
    waiting: Mapping[int, Waiting] = field(default_factory=lambda: MappingProxyType({}))


def outstanding(patient: Patient) -> Outstanding:
    """The open contacts of one person and the messages that have not gone yet. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OUTSTANDING, [patient.pk, patient.pk])
        rows = cursor.fetchall()
    owed = {row[0]: Owed(*row[:15]) for row in rows if row[0] is not None and not row[15]}
    waiting = {row[17]: _waiting(row) for row in rows if row[17] is not None}
    return Outstanding(tuple(owed.values()), waiting)


def _waiting(row: tuple[Any, ...]) -> Waiting:
    follow_up, rule_key, ladder = row[0], row[2], row[7]
    title = row[16] if follow_up is not None else modality_name(row[16])
    return Waiting(row[17], row[18], follow_up, row[19], row[20], rule_key, title, ladder)


def is_still_owed(row: Owed) -> bool:
    """Whether a contact is open, and stands where it stood."""
    return FollowUp.objects.open().filter(pk=row.pk, rung=row.rung, due_at=row.due_at).exists()


def place_in(session: Session, patient: Patient) -> UUID | None:
    """Somebody's place in a session that still takes place, if they still have one."""
    places = Attendance.objects.filter(session=session, patient=patient, status=AttendanceStatus.BOOKED)
    return places.values_list("public_id", flat=True).first()


def enrollment_of(public_id: UUID) -> Enrollment:
    """The enrollment as it stands, with its phase."""
    return Enrollment.objects.select_related("current_phase").get(public_id=public_id)


@dataclass(frozen=True, slots=True)
class CallMade:
    """A call that reached nobody, or did."""

    at: datetime
    title: str
    result: str


@dataclass(frozen=True, slots=True)
class Told:
    """All that happened to one person, as the tables have it."""

    moves: tuple[Moved, ...]
    contacts: tuple[ContactOwed, ...]
    calls: tuple[CallMade, ...]
    returns: tuple[datetime, ...]
    unsent: dict[str, int]
    stays: tuple[tuple[str, datetime, datetime | None], ...]


def told(patient: Patient, document: ProgramDocument) -> Told:
    """What happened, in the order of time. Six queries."""
    unsent = Reminder.objects.filter(patient=patient, status__in=CAME_TO_NOTHING)
    stays = PhaseStay.objects.filter(enrollment__patient=patient).order_by("started_at", "pk")
    returns = ReturnToUse.objects.filter(enrollment__patient=patient).order_by("recorded_at", "pk")
    return Told(
        moves=tuple(_moves(patient)),
        contacts=tuple(_contacts(patient, document)),
        calls=tuple(_calls(patient)),
        returns=tuple(returns.values_list("recorded_at", flat=True)),
        unsent=dict(sorted(Counter(unsent.values_list("status", flat=True)).items())),
        stays=tuple(stays.values_list("phase__key", "started_at", "ended_at")),
    )


def enrollments_of(patient: Patient) -> list[Enrollment]:
    """Every enrollment of one person, the first one first, with what a ribbon is drawn by."""
    rows = Enrollment.objects.filter(patient=patient).select_related("program_version", "site", "current_phase")
    return list(rows.order_by("opened_at", "pk"))


def _moves(patient: Patient) -> Iterator[Moved]:
    rows = Transition.objects.filter(enrollment__patient=patient).order_by("recorded_at", "pk")
    columns = ("recorded_at", "kind", "from_phase__key", "to_phase__key", "to_status", "reason")
    for at, kind, from_phase, to_phase, status, reason in rows.values_list(*columns):
        yield Moved(at, MoveKind(kind), from_phase, to_phase, EnrollmentStatus(status), reason)


def _contacts(patient: Patient, document: ProgramDocument) -> Iterator[ContactOwed]:
    rows = FollowUp.objects.filter(patient=patient).order_by("due_at", "pk")
    columns = ("rule_key", "title", "occurrence", "due_at", "ladder", "rung", "outcome", "closed_at")
    patience = {each.key: timedelta(hours=sum(rung.wait_hours for rung in each.rungs)) for each in document.ladders}
    for key, title, occurrence, due_at, ladder, rung, outcome, closed_at in rows.values_list(*columns):
        ended = Outcome(outcome) if outcome else None
        gives_up = due_at + patience.get(ladder, timedelta(0))
        yield ContactOwed(key, title, occurrence, due_at, gives_up, ladder, rung, ended, closed_at)


def _calls(patient: Patient) -> Iterator[CallMade]:
    rows = CallResult.objects.filter(follow_up__patient=patient, undone_at__isnull=True).order_by("made_at", "pk")
    for row in rows.values_list("made_at", "follow_up__title", "result"):
        yield CallMade(*row)


def script_for(
    version: ProgramVersion, *, preset: Preset | None, given: str | Mapping[str, object], seed: int, days: int
) -> Script:
    """The script that is meant: a shipped one, one drawn from the seed, or (preset None) what was `given`.

    Raises Refused 422 with `script` and, in its details, the path and sentence of each problem.
    """
    try:
        if preset is None:
            own = script_from(given) if isinstance(given, str) else read_script(given)
            return _own(own, version)
        if preset is Preset.RANDOM:
            return random_script(seed, days, document_of(version), label(Preset.RANDOM))
    except ScriptError as error:
        raise script_refused(error.problems) from error
    except DocumentError as error:
        raise script_refused(error.problems) from error
    return script_of(preset)


def script_refused(problems: Sequence[Problem]) -> Refused:
    """The refusal of a script: its first problem in words, all of them in the details."""
    first = problems[0]
    said = sentence("rehearsal.refused.line", path=first.path or "script", problem=first.sentence)
    listed = [{"path": each.path, "detail": each.sentence} for each in problems]
    whole = sentence("rehearsal.refused.script")
    return Refused("bad_script", whole, status=BAD_INPUT, fields={"script": said}, details={"problems": listed})


def _own(script: Script, version: ProgramVersion) -> Script:
    problems = script_problems(script, document_of(version))
    if problems:
        raise ScriptError(problems)
    return script
