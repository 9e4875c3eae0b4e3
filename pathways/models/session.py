"""Sessions, who was booked into them, and what became of each place."""

from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from clinic.models import Actor, Keyed, Room, Site, Versioned
from clinic.models.pairs import paired
from pathways.models.enrollment import Enrollment, Transition
from pathways.models.overlaps import one_at_a_time
from pathways.rules.sessions import (
    OCCUPYING_PLACES,
    OCCUPYING_SESSIONS,
    AttendanceStatus,
    CancelledBy,
    HelpKind,
    HelpSource,
    SessionKind,
    SessionMode,
    SessionStatus,
)
from patients.models import Patient


class SessionSeries(Keyed):
    """A session that comes again: every so many weeks on these weekdays (0 Monday), in the site's wall time."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    every_weeks = models.PositiveSmallIntegerField(default=1)
    weekdays = ArrayField(models.PositiveSmallIntegerField())
    starts_on = models.DateField()
    ends_on = models.DateField()
    starts_time = models.TimeField()
    minutes = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(every_weeks__gte=1), name="series_every_weeks"),
            models.CheckConstraint(condition=models.Q(starts_on__lte=models.F("ends_on")), name="series_in_order"),
            models.CheckConstraint(condition=models.Q(minutes__gte=1, minutes__lte=1440), name="series_minutes"),
        ]


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, reached through the sites one works at; by the bearer of a patient's own link, through their places."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.kind == "patient_link":
            own = Attendance.objects.filter(patient__public_id=actor.public_id)
            return self.filter(pk__in=own.values("session"))
        return self.filter(site__in=actor.sites.all())


class Session(Keyed, Versioned):
    """[Appointment/Encounter] One session. `plan_version` is raised when its time changes: retires reminders.

    A clinician and a room are in one session at a time; a patient likewise (`Attendance`). The wall time is kept in
    `time_zone`, the site's.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="sessions")
    series = models.ForeignKey(SessionSeries, models.PROTECT, null=True, blank=True, related_name="sessions")
    modality = models.SlugField(max_length=40)
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=120, blank=True)
    topic = models.CharField(max_length=120, blank=True, help_text="Of the curriculum.")
    mode = models.CharField(max_length=10, default="in_person")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    leader = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="sessions_led")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="sessions")
    capacity = models.PositiveSmallIntegerField(default=1)
    counts_toward_hours = models.BooleanField(default=True)
    status = models.CharField(max_length=10, default="booked")
    plan_version = models.PositiveIntegerField(default=1)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_for = models.CharField(max_length=8, blank=True, help_text="Whose wish it was: patient or clinic.")
    cancellation_note = models.CharField(max_length=300, blank=True)
    documented_at = models.DateTimeField(null=True, blank=True)
    documented_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, help_text="Shared by all who were there: names nobody.")
    amendments = models.JSONField(default=list, blank=True, help_text="The account as it stood before each correction.")

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[each.value for each in SessionKind]), name="session_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(mode__in=[each.value for each in SessionMode]), name="session_mode"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in SessionStatus]), name="session_status"
            ),
            models.CheckConstraint(condition=models.Q(starts_at__lt=models.F("ends_at")), name="session_in_order"),
            models.CheckConstraint(
                condition=~models.Q(kind="individual") | models.Q(capacity=1), name="session_individual_is_one"
            ),
            models.CheckConstraint(
                condition=models.Q(status="cancelled", cancelled_at__isnull=False)
                | (~models.Q(status="cancelled") & models.Q(cancelled_at__isnull=True)),
                name="session_cancelled_when_cancelled",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_for__in=["", *(each.value for each in CancelledBy)]),
                name="session_cancelled_for",
            ),
            paired("cancelled", name="session_cancelled_at_by"),
            paired("documented", name="session_documented_at_by"),
            one_at_a_time(
                "leader_id",
                name="session_leader_once",
                starts="starts_at",
                ends="ends_at",
                condition=models.Q(status__in=OCCUPYING_SESSIONS, leader__isnull=False),
            ),
            one_at_a_time(
                "room_id",
                name="session_room_once",
                starts="starts_at",
                ends="ends_at",
                condition=models.Q(status__in=OCCUPYING_SESSIONS, room__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["site", "starts_at"], name="session_at_a_site"),
            models.Index(fields=["leader", "starts_at"], name="session_of_a_leader"),
            models.Index(
                fields=["site", "starts_at"],
                condition=models.Q(status__in=["booked", "checked_in"], documented_at__isnull=True),
                name="session_to_document",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="session_moves_its_places",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("starts_at", "ends_at"),
                func="""
                    UPDATE pathways_attendance SET starts_at = NEW.starts_at, ends_at = NEW.ends_at
                    WHERE session_id = NEW.id;
                    RETURN NULL;
                """,
            )
        ]


class Attendance(Keyed, Versioned):
    """One person's place in a session, and what became of it: minutes attended, and a line of their own.

    `starts_at` and `ends_at` are the session's, written by a trigger, so that a person is in one place at a time.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="attendances")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, null=True, blank=True, related_name="attendances")
    starts_at = models.DateTimeField(db_default=Now(), editable=False)
    ends_at = models.DateTimeField(db_default=Now(), editable=False)
    status = models.CharField(max_length=20, default="booked")
    minutes = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=400, blank=True)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_in_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    cancellation_note = models.CharField(max_length=300, blank=True)
    cancelled_by_transition = models.ForeignKey(Transition, models.PROTECT, null=True, blank=True, related_name="+")
    documented_at = models.DateTimeField(null=True, blank=True)
    documented_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cancelled_by_transition__isnull=True) | models.Q(status="cancelled_by_clinic"),
                name="attendance_cancelled_with_a_move",
            ),
            models.UniqueConstraint(
                fields=["session", "patient"],
                condition=~models.Q(status__in=["cancelled_by_patient", "cancelled_by_clinic"]),
                name="attendance_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in AttendanceStatus]), name="attendance_status"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes=0) | models.Q(status="attended"), name="attendance_minutes_of_who_came"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="attended") | models.Q(minutes__gte=1), name="attendance_has_minutes"
            ),
            paired("confirmed", name="attendance_confirmed_at_by"),
            paired("checked_in", name="attendance_checked_in_at_by"),
            paired("cancelled", name="attendance_cancelled_at_by"),
            paired("documented", name="attendance_documented_at_by"),
            one_at_a_time(
                "patient_id",
                name="attendance_one_place",
                starts="starts_at",
                ends="ends_at",
                condition=models.Q(status__in=OCCUPYING_PLACES),
            ),
        ]
        indexes = [models.Index(fields=["patient", "-starts_at"], name="attendance_of_a_patient")]
        triggers = [
            pgtrigger.Trigger(
                name="attendance_takes_the_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    SELECT s.starts_at, s.ends_at INTO NEW.starts_at, NEW.ends_at
                    FROM pathways_session s WHERE s.id = NEW.session_id;
                    RETURN NEW;
                """,
            )
        ]


class MutualHelpAttendance(Keyed):
    """A meeting somebody went to by themselves, as they tell it. Voluntary; other people are never named."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="mutual_help")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, null=True, blank=True, related_name="mutual_help")
    kind = models.CharField(max_length=16)
    attended_on = models.DateField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.CharField(max_length=12, default="self_report")
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[each.value for each in HelpKind]), name="mutual_help_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=[each.value for each in HelpSource]), name="mutual_help_source"
            ),
            paired("retracted", name="mutual_help_retracted_at_by"),
        ]
        indexes = [models.Index(fields=["patient", "-attended_on"], name="mutual_help_of_a_patient")]
