"""Coming into a program, and coming back."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, ActorKind, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.course import newest_at
from pathways.actions.enrollments.gating import Asked, SetAside, ask_gate
from pathways.actions.enrollments.locking import locked, locked_patient, roles_of
from pathways.actions.enrollments.records import Made, refused, write_transition
from pathways.actions.enrollments.stays import enter_level, enter_phase, phase_row
from pathways.actions.follow_ups.anchors import anchor_of, phase_anchor
from pathways.actions.follow_ups.planning import plan_anchor
from pathways.models import Enrollment, LevelOfCareAssessment, LevelStay, Program, ProgramVersion, Transition
from pathways.queries.enrollments import enrollment
from pathways.queries.programs import current_version, document_of
from pathways.rules.moves import WAITING, EnrollmentStatus, MoveKind
from pathways.rules.phases import Move, MoveNotAllowed, check_move, check_times
from pathways.rules.programs import AnchorKind
from patients.models import Patient


@action(Permission.ENROLLMENT_WRITE, "enrollment.enroll")
def enroll(
    *,
    by: Actor,
    now: datetime,
    patient_id: UUID,
    program_key: str,
    site_id: UUID | None = None,
    counselor_id: UUID | None = None,
    effective_at: datetime | None = None,
    note: str = "",
    set_aside: SetAside | None = None,
    language: str = "en",
) -> Enrollment:
    """Admit a person to the current version of a program, into its first phase, where its entry gate is met.

    Plans the follow-ups of the admission and of the phase. Raises Refused: an open enrollment in the program already
    (409), the entry gate (409 with every criterion), a foreign patient (404), a site or counselor that does not fit.
    """
    patient = locked_patient(by, patient_id)
    version = _version(program_key)
    if Enrollment.objects.filter(patient=patient, program=version.program_id, ended_at__isnull=False).exists():
        raise Refused("readmit_instead", sentence("enrollment.refused.came_before"))
    row = _open(patient, version, _site(by, patient, site_id), by, now, effective_at)
    row.counselor = _counselor(row.site, counselor_id)
    _admit(row, MoveKind.ADMIT, EnrollmentStatus.PROPOSED, by, now, effective_at or now, note, set_aside, language)
    return row


@action(Permission.ENROLLMENT_WRITE, "enrollment.readmit")
def readmit(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    to_phase: str | None = None,
    counselor_id: UUID | None = None,
    effective_at: datetime | None = None,
    note: str = "",
    set_aside: SetAside | None = None,
    expected_version: int | None = None,
    language: str = "en",
) -> Enrollment:
    """Open a new enrollment for somebody who comes back, on the current version (decisions.md 8).

    The ended one stays as it is. Raises as `enroll` does, and where the enrollment has not ended.
    """
    locked_patient(by, enrollment(by, enrollment_id).patient.public_id)
    earlier = locked(by, enrollment_id, expected_version)
    version = _version(earlier.program.key)
    row = _open(earlier.patient, version, earlier.site, by, now, effective_at)
    row.readmission_of = earlier
    row.counselor = _counselor(row.site, counselor_id) or _still_here(row.site, earlier.counselor)
    status = EnrollmentStatus(earlier.status)
    _admit(row, MoveKind.READMIT, status, by, now, effective_at or now, note, set_aside, language, to_phase=to_phase)
    return row


def open_transferred(
    left: Enrollment,
    by: Actor,
    now: datetime,
    at: datetime,
    program_key: str,
    to_phase: str | None,
    counselor_id: UUID | None,
    note: str,
    set_aside: SetAside | None,
    language: str,
) -> Enrollment:
    """Begin in another program where the enrollment left ended. Somebody who was there before comes back there."""
    version = _version(program_key)
    row = _open(left.patient, version, left.site, by, now, at)
    before = Enrollment.objects.filter(patient=left.patient, program=version.program_id, ended_at__isnull=False)
    row.transferred_from, row.readmission_of = left, before.order_by("-ended_at", "-pk").first()
    row.counselor = _counselor(left.site, counselor_id) or _still_here(left.site, left.counselor)
    back = row.readmission_of
    kind, status = (
        (MoveKind.READMIT, EnrollmentStatus(back.status)) if back else (MoveKind.ADMIT, EnrollmentStatus.PROPOSED)
    )
    _admit(row, kind, status, by, now, at, note, set_aside, language, to_phase=to_phase)
    return row


def open_waiting(
    by: Actor, patient: Patient, program_key: str, site_id: UUID | None, status: EnrollmentStatus, now: datetime
) -> Enrollment:
    """The row of somebody who has not begun yet, saved. Refused as `enroll` refuses."""
    version = _version(program_key)
    row = _open(patient, version, _site(by, patient, site_id), by, now, None)
    ended = Enrollment.objects.filter(patient=patient, program=version.program_id, ended_at__isnull=False)
    row.readmission_of = ended.order_by("-ended_at", "-pk").first()
    row.status = status
    row.save()
    return row


def admit_waiting(
    row: Enrollment,
    by: Actor,
    now: datetime,
    effective_at: datetime | None,
    to_phase: str | None,
    counselor_id: UUID | None,
    note: str,
    set_aside: SetAside | None,
    language: str,
) -> Transition:
    """Let a locked row that waited begin, on the version that is current now."""
    if row.patient.died_on is not None:
        raise Refused("patient_closed", sentence("enrollment.refused.patient_closed"))
    status = EnrollmentStatus(row.status)
    if status not in WAITING:
        raise refused(MoveNotAllowed(sentence("phase.refused.status", kind=MoveKind.ADMIT, status=status)))
    row.program_version = current_version(row.program)
    row.counselor = _counselor(row.site, counselor_id) or row.counselor
    row.version += 1
    at = effective_at or now
    return _admit(row, MoveKind.ADMIT, status, by, now, at, note, set_aside, language, to_phase=to_phase)


def _version(program_key: str) -> ProgramVersion:
    program = Program.objects.filter(key=program_key).first()
    if program is None:
        raise bad_input(program=sentence("enrollment.refused.unknown_program", program=program_key[:60]))
    return current_version(program)


def _site(by: Actor, patient: Patient, site_id: UUID | None) -> Site:
    """A site the person attends and the actor works at: the one named, or the only one."""
    own = Site.objects.filter(actors=by, closed_at__isnull=True) if by.kind != ActorKind.JOB else Site.objects.all()
    sites = own.filter(pk__in=patient.site_stays.filter(until__isnull=True).values("site"))
    found = sites.filter(public_id=site_id).first() if site_id else sites.order_by("pk").first()
    if found is None:
        raise bad_input(site=sentence("enrollment.refused.site"))
    return found


def _counselor(site: Site, counselor_id: UUID | None) -> Actor | None:
    if counselor_id is None:
        return None
    staff = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=site)
    found = staff.filter(public_id=counselor_id).first()
    if found is None:
        raise bad_input(counselor=sentence("enrollment.refused.counselor"))
    return found


def _still_here(site: Site, counselor: Actor | None) -> Actor | None:
    """The former counselor, unless they have left."""
    if counselor is None or not counselor.is_active or not counselor.sites.filter(pk=site.pk).exists():
        return None
    return counselor


def _open(
    patient: Patient, version: ProgramVersion, site: Site, by: Actor, now: datetime, effective_at: datetime | None
) -> Enrollment:
    """The row, not yet saved. Refuses a second open enrollment in the program with its sentence."""
    if Enrollment.objects.open().filter(patient=patient, program=version.program_id).exists():
        raise Refused("enrollment_one_open", sentence("constraint.enrollment_one_open"))
    return Enrollment(
        patient=patient,
        program=version.program,
        program_version=version,
        site=site,
        status=EnrollmentStatus.ACTIVE,
        opened_at=effective_at or now,
        opened_by=by,
    )


def _admit(
    row: Enrollment,
    kind: MoveKind,
    status: EnrollmentStatus,
    by: Actor,
    now: datetime,
    at: datetime,
    note: str,
    set_aside: SetAside | None,
    language: str,
    to_phase: str | None = None,
) -> Transition:
    move = _checked(row, kind, status, by, now, at, to_phase, note)
    row.status = EnrollmentStatus.ACTIVE
    row.admitted_at, row.admitted_by = at, by
    row.current_phase = phase_row(row, move.to_phase)
    row.save()
    asked = ask_gate(enrollment=row, move=move, by=by, now=now, effective_at=at, set_aside=set_aside, language=language)
    return _begin(row, move, status, asked, by, now, note, language)


def _begin(
    row: Enrollment,
    move: Move,
    status: EnrollmentStatus,
    asked: Asked,
    by: Actor,
    now: datetime,
    note: str,
    language: str,
) -> Transition:
    began = row.admitted_at or row.opened_at
    made = Made(move.kind, EnrollmentStatus.ACTIVE, None, row.current_phase, began, "", "", note)
    transition = write_transition(
        enrollment=row, made=made, asked=asked, by=by, now=now, from_status=status, language=language
    )
    enter_phase(row, transition)
    level = _lived_level(row) or _decided_level(row)
    if level:
        enter_level(row, level, began)
    plan_anchor(by=by, now=now, enrollment=row, anchor=anchor_of(row, AnchorKind.ADMISSION, transition))
    plan_anchor(by=by, now=now, enrollment=row, anchor=phase_anchor(row, transition, move.to_phase))
    return transition


def _checked(
    row: Enrollment,
    kind: MoveKind,
    status: EnrollmentStatus,
    by: Actor,
    now: datetime,
    at: datetime,
    to_phase: str | None,
    note: str,
) -> Move:
    try:
        check_times(
            effective_at=at,
            now=now,
            opened_at=_earliest(row),
            last_move_at=newest_at(row, ends=False) if row.pk is not None else None,
            zone=row.site.time_zone,
        )
        return check_move(
            document_of(row.program_version),
            status=status,
            phase_key=None,
            kind=kind,
            roles=roles_of(by),
            to_phase=to_phase,
            note=note,
        )
    except MoveNotAllowed as not_allowed:
        raise refused(not_allowed) from not_allowed


def _earliest(row: Enrollment) -> datetime | None:
    """Somebody who comes back does so after they left last, somebody who waited after they began to wait."""
    if row.pk is not None:
        return row.opened_at
    before = Enrollment.objects.filter(patient=row.patient_id, program=row.program_id)
    return before.aggregate(last=Max("ended_at"))["last"]


def _lived_level(row: Enrollment) -> str:
    """The level somebody was at when they were transferred; "" where they come from nowhere, or had none."""
    left = row.transferred_from
    if left is None:
        return ""
    stays = LevelStay.objects.filter(enrollment=left, ended_at=left.ended_at).order_by("-started_at", "-pk")
    return stays.values_list("level", flat=True).first() or ""


def _decided_level(row: Enrollment) -> str:
    """The level decided for the person, signed where it must be; "" where nobody has decided yet."""
    decided = (
        LevelOfCareAssessment.objects.filter(patient=row.patient, decided_at__isnull=False)
        .exclude(needs_second_signature=True, cosigned_at__isnull=True)
        .order_by("-effective_at", "-pk")
        .first()
    )
    return decided.decided_level if decided else ""
