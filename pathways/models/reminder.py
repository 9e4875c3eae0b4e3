"""A message that will go out once, and every attempt to send it. PostgreSQL is the queue of record."""

from django.db import models

from clinic.models import Actor, Keyed, Site
from pathways.models.follow_up import FollowUp
from pathways.models.reply import Reply
from pathways.models.session import Attendance
from pathways.rules.reminders import GONE
from pathways.rules.replies import Turn
from patients.models import ContactPoint, Patient

STATUSES = (
    "planned", "leased", "sending", "sent", "delivered", "failed", "uncertain", "suppressed", "expired", "cancelled",
)  # fmt: skip


SUBJECTS = ("follow_up", "attendance", "reply")


def _one_subject() -> models.Q:
    """Exactly one of the subjects is set."""
    ways = [models.Q(**{f"{each}__isnull": each != subject for each in SUBJECTS}) for subject in SUBJECTS]
    return ways[0] | ways[1] | ways[2]


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, actor: Actor) -> "ReminderQuerySet":
        return self.filter(patient__in=Patient.objects.visible_to(actor))


class Reminder(Keyed):
    """[CommunicationRequest] One message to one address about one subject: never doubled.

    The subject is a follow-up (unique with its version and rung), a place in a session (with the session's version and
    how many minutes before it), or a reply: acknowledged once (rung 0), and once more where a person asks
    back (rung 1). `patient` and `site` are the subject's.
    `due_on` and `due_time` are wall time in `time_zone`, kept as such; `due_at` is the instant they name. `next_at` is
    when it is next tried (or, while uncertain, next asked about): a retry moves it, never `due_at`.
    `appointment_at` is the time it says, of a message about a session; null where that is not known.
    `leased_until` and `claim_id` belong to the worker that holds it; a row comes back when its lease ends.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="reminders", db_index=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    follow_up = models.ForeignKey(
        FollowUp, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False
    )
    attendance = models.ForeignKey(
        Attendance, models.PROTECT, null=True, blank=True, related_name="reminders", db_index=False
    )
    reply = models.ForeignKey(Reply, models.PROTECT, null=True, blank=True, related_name="answers", db_index=False)
    subject_version = models.PositiveIntegerField()
    rung = models.PositiveSmallIntegerField(default=0, help_text="Of a follow-up's ladder; whose turn, to a reply.")
    offset_minutes = models.PositiveIntegerField(default=0, help_text="Before the session begins.")
    appointment_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=8)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, related_name="reminders")
    template = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    due_on = models.DateField()
    due_time = models.TimeField()
    time_zone = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    status = models.CharField(max_length=10, default="planned")
    status_code = models.CharField(max_length=60, blank=True)
    status_params = models.JSONField(default=dict, blank=True)
    status_at = models.DateTimeField()
    needs_person = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    claim_id = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    @property
    def subject(self) -> FollowUp | Attendance | Reply:
        """What it is about: the one of the three that is set."""
        found = self.follow_up or self.attendance or self.reply
        if found is None:
            raise ValueError("a message is about something")
        return found

    @property
    def holds_old_time(self) -> bool:
        """Whether it went and says a time that no longer holds, and nobody has told them yet."""
        return self.needs_person and self.status in GONE

    @property
    def holder(self) -> Actor | None:
        """Whose it is to look into: whoever has the contact, leads the session, or asked back."""
        if self.follow_up is not None:
            return self.follow_up.holder
        if self.reply is not None:
            return self.reply.handled_by
        return self.attendance.session.leader if self.attendance is not None else None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "subject_version", "rung", "contact_point"], name="reminder_once"
            ),
            models.UniqueConstraint(
                fields=["attendance", "subject_version", "offset_minutes", "contact_point"],
                condition=models.Q(attendance__isnull=False),
                name="reminder_of_a_session_once",
            ),
            models.UniqueConstraint(
                fields=["reply", "rung"], condition=models.Q(reply__isnull=False), name="reminder_answers_in_turn"
            ),
            models.CheckConstraint(
                condition=models.Q(reply__isnull=True) | models.Q(rung__in=[each.value for each in Turn]),
                name="reminder_answer_turn",
            ),
            models.CheckConstraint(condition=_one_subject(), name="reminder_one_subject"),
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="reminder_status"),
            models.CheckConstraint(
                condition=models.Q(status__in=["leased", "sending"], claim_id__isnull=False, leased_until__isnull=False)
                | (~models.Q(status__in=["leased", "sending"]) & models.Q(leased_until__isnull=True)),
                name="reminder_leased_while_held",
            ),
        ]
        indexes = [
            # The line of each channel, walked by claims: as long as what is planned, however many rows there are.
            models.Index(
                fields=["channel", "next_at", "id"],
                condition=models.Q(status="planned", needs_person=False),
                name="reminder_in_line",
            ),
            models.Index(fields=["due_at", "id"], condition=models.Q(needs_person=True), name="reminder_for_a_person"),
            models.Index(
                fields=["site", "status"], condition=models.Q(needs_person=True), name="reminder_for_a_person_at_site"
            ),
            models.Index(
                fields=["leased_until"], condition=models.Q(status__in=["leased", "sending"]), name="reminder_leases"
            ),
            models.Index(
                fields=["next_at"],
                condition=models.Q(status="uncertain", needs_person=False),
                name="reminder_to_settle",
            ),
            models.Index(
                fields=["status_at"],
                condition=models.Q(status__in=["failed", "suppressed", "expired"]),
                name="reminder_came_to_nothing",
            ),
            # How often somebody was written to on a channel, and what went to them: the newest first.
            models.Index(fields=["patient", "channel", "-status_at"], name="reminder_written"),
        ]


class Attempt(Keyed):
    """[Communication] Written before the network call; `public_id` is the reference the provider is given.

    What was sent is kept as sent, until retention takes the words and the address (`purged_at`). `outcome` is empty
    while the call is under way.
    """

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    claim_id = models.UUIDField()
    channel = models.CharField(max_length=8)
    provider = models.CharField(max_length=16)
    address = models.CharField(max_length=254)
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    template = models.CharField(max_length=60)
    template_digest = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, blank=True, default="")
    provider_id = models.CharField(max_length=128, blank=True)
    detail_code = models.CharField(max_length=60, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reminder", "number"], name="attempt_number_once")]
        indexes = [
            models.Index(fields=["provider_id"], condition=~models.Q(provider_id=""), name="attempt_provider_id")
        ]
