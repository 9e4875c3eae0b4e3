"""Going on in another program, or at another site: what was begun is kept, and nobody is lost between the two."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor, ActorKind, Site
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.course import checked_move, ended, saved, written
from pathways.actions.enrollments.gating import Asked, SetAside, ask_gate
from pathways.actions.enrollments.locking import locked_with_person
from pathways.actions.enrollments.openings import open_transferred
from pathways.actions.enrollments.records import Made
from pathways.actions.follow_ups.planning import cancel_planned
from pathways.actions.reminders.plan import replan
from pathways.actions.sessions.exits import cancel_future_places
from pathways.models import Enrollment, FollowUp, Reminder, Transition
from pathways.rules.moves import Destination, EnrollmentStatus, MoveKind, TransferReason
from patients.actions.patients import add_site


@action(Permission.ENROLLMENT_MOVE, "enrollment.transfer_program")
def transfer_program(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    program_key: str,
    reason: TransferReason,
    to_phase: str | None = None,
    counselor_id: UUID | None = None,
    note: str = "",
    effective_at: datetime | None = None,
    set_aside: SetAside | None = None,
    expected_version: int | None = None,
    language: str = "en",
) -> Enrollment:
    """End this enrollment and begin one in another program, in the same moment, through that program's entry gate.

    Where this program's rule asks its own exit gate of a transfer, that one too.

    Contacts of the old program still to come end with it; what was due stays owed; the new program plans its own.
    Raises Refused: 403, 404, 409 gate_not_met with every criterion, 409 an open enrollment there, 422 the same program.
    """
    row = locked_with_person(by, enrollment_id, expected_version)
    if program_key == row.program.key:
        raise bad_input(program=sentence("enrollment.refused.same_program"))
    move, at = checked_move(row, MoveKind.TRANSFER, by, now, effective_at, note=note, ends=True)
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=None, language=language)
    left = Made(
        MoveKind.TRANSFER,
        EnrollmentStatus.LEFT,
        row.current_phase,
        None,
        at,
        reason,
        Destination.OTHER_PROGRAM_HERE,
        note,
    )
    transition = ended(row, left, asked, by, now, language)
    cancel_planned(by=by, now=now, enrollment=row, transition=transition, but=asked.booked)
    cancel_future_places(by=by, now=now, enrollment=row, transition=transition, but=asked.booked)
    return open_transferred(row, by, now, at, program_key, to_phase, counselor_id, note, set_aside, language)


@action(Permission.ENROLLMENT_MOVE, "enrollment.transfer_site")
def transfer_site(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    site_id: UUID,
    reason: TransferReason,
    counselor_id: UUID | None = None,
    note: str = "",
    effective_at: datetime | None = None,
    expected_version: int | None = None,
) -> Transition:
    """Go on at another site, in the same phase of the same version: every open contact goes along.

    The person is seen at the new site from now on. Raises Refused: 403, 404, 422 `site` or `counselor` that do not fit.
    """
    row = locked_with_person(by, enrollment_id, expected_version)
    _move, at = checked_move(row, MoveKind.TRANSFER, by, now, effective_at, note=note)
    here, there = row.site, _other_site(row, site_id)
    status = EnrollmentStatus(row.status)
    made = Made(
        MoveKind.TRANSFER, status, row.current_phase, row.current_phase, at, reason, "", note,
        from_site=here, to_site=there,
    )  # fmt: skip
    transition = written(row, made, Asked(None, None), by, now)
    row.site, row.counselor = there, _counselor(there, counselor_id)
    saved(row, status)
    add_site(patient=row.patient, site=there, by=by, now=now)
    take_contacts_along(row, by, now)
    return transition


def _other_site(row: Enrollment, site_id: UUID) -> Site:
    found = Site.objects.filter(public_id=site_id, closed_at__isnull=True).exclude(pk=row.site_id).first()
    if found is None:
        raise bad_input(site=sentence("enrollment.refused.other_site"))
    return found


def _counselor(site: Site, counselor_id: UUID | None) -> Actor | None:
    if counselor_id is None:
        return None
    found = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=site, public_id=counselor_id).first()
    if found is None:
        raise bad_input(counselor=sentence("enrollment.refused.counselor"))
    return found


def take_contacts_along(row: Enrollment, by: Actor, now: datetime) -> None:
    """Open contacts are the site's, and their messages keep its hours; so are those a hold paused, which come back.

    A counselor's are the counselor's there; whoever else had one keeps it where they work at the site, else lets go.
    """
    may_come_back = Q(outcome="") | Q(cancelled_by_transition__isnull=False)
    owed = FollowUp.objects.filter(may_come_back, enrollment=row)
    ids = list(owed.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    taken = FollowUp.objects.filter(pk__in=ids)
    taken.exclude(owner__in=Actor.objects.filter(sites=row.site)).update(owner=None)
    taken.filter(owner_role=Role.COUNSELOR).update(owner=row.counselor)
    taken.update(site=row.site)
    Reminder.objects.filter(follow_up__in=ids).update(site=row.site)
    rows = FollowUp.objects.open().filter(pk__in=ids)
    related = ("patient", "site", "enrollment__program_version")
    replan(by=by, now=now, follow_ups=list(rows.order_by("pk").select_related(*related)))
