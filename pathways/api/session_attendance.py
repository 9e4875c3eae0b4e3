"""A person's attendance: their places, minutes a week against the level, meetings elsewhere; and the modalities."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.problems import language_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Filters, Row
from clinic.api.views import Door
from clinic.models import Actor
from clinic.wording import say
from pathways.actions import sessions as verbs
from pathways.actions.sessions.mutual_help import NOTE_LIMIT
from pathways.api.session_shapes import AttendanceRow, place_values
from pathways.modalities import modalities
from pathways.models import Attendance, MutualHelpAttendance
from pathways.queries import attendance as queries
from pathways.queries.narrative import reads_words
from pathways.rules.attendance import Week, WeekState
from pathways.rules.levels import Level
from pathways.rules.modalities import Credential, FiguresFrom, ModalityDefinition
from pathways.rules.sessions import AttendanceStatus, HelpKind, HelpSource, SessionKind
from patients.models import Patient
from patients.queries import patients as people


class AttendanceFilters(Filters):
    """What is listed; all given ones hold together."""

    modality = fields.Code(required=False)
    status = fields.Choice(AttendanceStatus, required=False)
    enrollment = fields.PublicId(required=False)
    since = fields.Moment(required=False)
    until = fields.Moment(required=False)


class WeekRow(Row):
    """One ISO week: minutes attended that count, beside them, still booked; held against what, and how it stands."""

    monday = fields.Day()
    minutes = fields.Whole()
    beside = fields.Whole()
    booked = fields.Whole()
    came = fields.Whole()
    expected = fields.Whole()
    level = fields.Choice(Level, allow_null=True)
    least = fields.Whole(allow_null=True)
    state = fields.Choice(WeekState)


class WeeksRow(Row):
    """The last weeks, oldest first; `review` says why the level is to be looked at again."""

    weeks = WeekRow(many=True)
    review = fields.Text(allow_null=True)


class MutualHelpBody(Body):
    """A meeting somebody went to by themselves. Nobody else who was there is named."""

    kind = fields.Choice(HelpKind)
    attended_on = fields.Day()
    minutes = fields.Whole(required=False)
    source = fields.Choice(HelpSource, default=HelpSource.SELF_REPORT)  # type: ignore[assignment]
    note = fields.Text(max_length=NOTE_LIMIT, default="", allow_blank=True)


class MutualHelpRow(Row):
    id = fields.PublicId()
    patient = fields.PublicId()
    enrollment = fields.PublicId(allow_null=True)
    kind = fields.Choice(HelpKind)
    attended_on = fields.Day()
    minutes = fields.Whole(allow_null=True)
    source = fields.Choice(HelpSource)  # type: ignore[assignment]
    note = fields.Narrative()
    recorded_at = fields.Moment()
    recorded_by = fields.Text()
    retracted_at = fields.Moment(allow_null=True)


class SettingRow(Row):
    """One way a modality takes place."""

    kind = fields.Choice(SessionKind)
    minutes = fields.Whole()
    code = fields.Text(help_text="A billing code seen for it, or empty.")
    most = fields.Whole(help_text="Most people at once.")


class ModalityRow(Row):
    """A modality; the first setting is the usual one."""

    key = fields.Code()
    title = fields.Text()
    settings = SettingRow(many=True)
    credential = fields.Choice(Credential)
    counts_toward_hours = fields.YesNo()
    adjunct = fields.YesNo()
    basis = fields.Choice(FiguresFrom)


class ModalityListRow(Row):
    """Every modality there is."""

    results = ModalityRow(many=True)


class OnePatient(Door):
    """What the doors of one person share."""

    def admit(self, request: Request, **parts: Any) -> None:
        people.get(self.actor, parts["public_id"])

    def person(self, public_id: UUID) -> Patient:
        """The person, seen by this answer. Raises Refused not_found."""
        found = people.get(self.actor, public_id)
        self.seen(found.public_id)
        return found


class PatientAttendanceDoor(OnePatient):
    """A person's places in sessions."""

    @operation("list_attendance", answers=AttendanceRow, pages=True, filters=AttendanceFilters)
    def get(self, request: Request, public_id: UUID) -> Response:
        """List them at the sites the caller works at, the newest first."""
        rows, given = queries.of_patient(self.actor, self.person(public_id)), self.filters(AttendanceFilters)
        for name, path in (("modality", "session__modality"), ("status", "status"), ("since", "starts_at__gte"),
                           ("until", "starts_at__lt"), ("enrollment", "enrollment__public_id")):  # fmt: skip
            if name in given:
                rows = rows.filter(**{path: given[name]})
        return self.page(rows, ("-starts_at", "-id"), self._row, AttendanceFilters)

    def _row(self, place: Attendance) -> dict[str, Any]:
        return dict(AttendanceRow(place_values(place, place.session, self.actor)).data)


class AttendanceWeeksDoor(OnePatient):
    """Minutes a week."""

    @operation("read_attendance_weeks", answers=WeeksRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Minutes attended per ISO week, in the zone of their site, against the level they live at."""
        patient = self.person(public_id)
        found = queries.weeks_of(patient, zone=queries.zone_of(patient), now=self.now)
        review = say(found.review, language_of(request._request)) if found.review else None
        return self.ok(dict(WeeksRow({"weeks": [_week(each) for each in found.weeks], "review": review}).data))


def _week(week: Week) -> dict[str, Any]:
    return {str(name): getattr(week, str(name)) for name in WeekRow().fields}


class PatientMutualHelpDoor(OnePatient):
    """Meetings a person went to by themselves."""

    @operation("list_mutual_help", answers=MutualHelpRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """List them, the newest first; those taken back too."""
        rows = queries.mutual_help_of(self.person(public_id))
        return self.page(rows, ("-attended_on", "-id"), lambda row: help_row(row, self.actor))

    @operation("record_mutual_help", takes=MutualHelpBody, answers=MutualHelpRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Put a meeting down as the person tells it."""
        given = self.body(MutualHelpBody)
        row = verbs.record_mutual_help(by=self.actor, now=self.now, patient_id=public_id, **given)
        self.seen(row.patient.public_id)
        return self.ok(help_row(row, self.actor), status=201)


class MutualHelpRetractDoor(Door):
    """An entry made in error."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.mutual_help(self.actor, parts["public_id"])

    @operation("retract_mutual_help", answers=MutualHelpRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Take it back: it stays visible as taken back."""
        row = verbs.retract_mutual_help(by=self.actor, now=self.now, mutual_help_id=public_id)
        self.seen(row.patient.public_id)
        return self.ok(help_row(row, self.actor))


def help_row(row: MutualHelpAttendance, by: Actor) -> dict[str, Any]:
    """A meeting as JSON, as `by` reads it."""
    names = ("kind", "attended_on", "minutes", "source", "recorded_at", "retracted_at")
    values = {name: getattr(row, name) for name in names} | {
        "id": row.public_id,
        "patient": row.patient.public_id,
        "enrollment": row.enrollment.public_id if row.enrollment else None,
        "recorded_by": row.recorded_by.name,
        "note": row.note if reads_words(by, row.recorded_by_id) else None,
    }
    return dict(MutualHelpRow(values).data)


class ModalitiesDoor(Door):
    """What the clinic offers."""

    @operation("list_modalities", answers=ModalityListRow)
    def get(self, request: Request) -> Response:
        """Every modality with how it takes place, how long as a rule, and whether its minutes count."""
        language = language_of(request._request)
        return self.ok({"results": [_modality(each, language) for each in modalities()]})


def _modality(row: ModalityDefinition, language: str) -> dict[str, Any]:
    settings = [{"kind": one.kind, "minutes": one.minutes, "code": one.code, "most": one.most} for one in row.settings]
    names = ("key", "credential", "counts_toward_hours", "adjunct", "basis")
    values = {name: getattr(row, name) for name in names}
    return dict(ModalityRow({**values, "title": say(row.title, language), "settings": settings}).data)
