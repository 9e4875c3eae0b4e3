"""Phase and level stays: projections of the transitions, kept by the same actions (decisions.md 9)."""

from datetime import datetime

from pathways.models import Enrollment, LevelStay, Phase, PhaseStay, Transition


def leave_phase(enrollment: Enrollment, at: datetime) -> None:
    """Close the open stay, if there is one."""
    PhaseStay.objects.filter(enrollment=enrollment, ended_at__isnull=True).update(ended_at=at)


def enter_phase(enrollment: Enrollment, transition: Transition, *, is_step_back: bool = False) -> PhaseStay:
    """Close the open stay and open one in the transition's phase."""
    if transition.to_phase is None:
        raise ValueError("a move into a phase names it")
    leave_phase(enrollment, transition.effective_at)
    return PhaseStay.objects.create(
        enrollment=enrollment,
        phase=transition.to_phase,
        started_at=transition.effective_at,
        opened_by_transition=transition,
        is_step_back=is_step_back,
    )


def undo_entry(enrollment: Enrollment, transition: Transition) -> None:
    """Take back the stay a reversed move opened, and open again the one it closed."""
    opened = PhaseStay.objects.filter(enrollment=enrollment, opened_by_transition=transition)
    left = PhaseStay.objects.filter(enrollment=enrollment, ended_at=transition.effective_at).exclude(
        opened_by_transition=transition
    )
    opened.delete()
    newest = left.order_by("-started_at", "-pk").first()
    if newest is not None:
        newest.ended_at = None
        newest.save(update_fields=["ended_at"])


def enter_level(enrollment: Enrollment, level: str, at: datetime) -> None:
    """Begin a level of care, with dates of its own; the same level goes on."""
    current = LevelStay.objects.filter(enrollment=enrollment, ended_at__isnull=True).first()
    if current is not None and current.level == level:
        return
    LevelStay.objects.filter(enrollment=enrollment, ended_at__isnull=True).update(ended_at=at)
    LevelStay.objects.create(enrollment=enrollment, level=level, started_at=at)


def leave_level(enrollment: Enrollment, at: datetime) -> None:
    """End the level of care."""
    LevelStay.objects.filter(enrollment=enrollment, ended_at__isnull=True).update(ended_at=at)


def phase_row(enrollment: Enrollment, key: str | None) -> Phase | None:
    """The phase of the enrollment's own program version."""
    return Phase.objects.get(program_version=enrollment.program_version_id, key=key) if key else None
