"""Courses of care as the ribbon draws them, gathered for many enrollments at once: five queries for any number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.rules.sentences import sentence
from clinic.wording import label, say
from pathways.models import Enrollment, LevelStay, PhaseStay, ReturnToUse, Transition
from pathways.queries.programs import document_of
from pathways.rules import ribbon
from pathways.rules.gates import Decision
from pathways.rules.levels import Level
from pathways.rules.moves import ENDED, REASONS, EnrollmentStatus, MoveKind, TransferReason
from pathways.rules.phases import next_phase
from pathways.rules.programs import ProgramDocument

Row = TypeVar("Row", PhaseStay, LevelStay, ReturnToUse, Transition)
WEEK = 7
RESTED_ON = ("facts", "decision", "decision_text", "override")


@dataclass(frozen=True, slots=True)
class _Gathered:
    stays: Mapping[int, Sequence[PhaseStay]]
    levels: Mapping[int, Sequence[LevelStay]]
    returns: Mapping[int, Sequence[ReturnToUse]]
    moves: Mapping[int, Sequence[Transition]]


def courses(
    rows: Collection[Enrollment], decisions: Mapping[int, Decision], *, now: datetime, language: str = "en",
    words: bool = False,
) -> dict[int, ribbon.Course]:  # fmt: skip
    """The course of each enrollment that has begun, by id. `decisions`: its next gate, where known. `words`: with the
    notes, for a reader of findings."""
    if not rows:
        return {}
    ids = [each.pk for each in rows]
    found = _Gathered(
        _grouped(_phase_stays(ids)), _grouped(_level_stays(ids)), _grouped(_returns(ids)), _grouped(_standing(ids))
    )  # fmt: skip
    drawn = {each.pk: _course(each, found, decisions.get(each.pk), now, language, words) for each in rows}
    return {pk: course for pk, course in drawn.items() if course is not None}


@prepared
def _phase_stays(ids: list[int]) -> QuerySet[PhaseStay]:
    return PhaseStay.objects.filter(enrollment__in=among(ids)).select_related("phase")


@prepared
def _level_stays(ids: list[int]) -> QuerySet[LevelStay]:
    return LevelStay.objects.filter(enrollment__in=among(ids))


@prepared
def _returns(ids: list[int]) -> QuerySet[ReturnToUse]:
    return ReturnToUse.objects.filter(enrollment__in=among(ids))


@prepared
def _standing(ids: list[int]) -> QuerySet[Transition]:
    """Transitions that stand: neither reversed nor a reversal."""
    rows = Transition.objects.filter(enrollment__in=among(ids), reversed_by__isnull=True).exclude(kind=MoveKind.REVERSE)
    # What a move rested on is long, and not drawn.
    return rows.select_related("to_phase").defer(*RESTED_ON).order_by("effective_at", "pk")


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.enrollment_id].append(row)
    return grouped


def _course(
    row: Enrollment, found: _Gathered, decision: Decision | None, now: datetime, language: str, words: bool
) -> ribbon.Course | None:
    stays = found.stays.get(row.pk, ())
    if not stays:
        return None
    document, zone = document_of(row.program_version), row.site.zone
    today = now.astimezone(zone).date()
    places = {phase.key: place for place, phase in enumerate(document.phases)}
    moves = found.moves.get(row.pk, ())
    return ribbon.Course(
        start=_day(stays[0].started_at, zone),
        today=max(today, _day(stays[0].started_at, zone)),
        phases=tuple(_phase(each, language) for each in document.phases),
        stays=tuple(_stay(each, places, zone) for each in stays),
        marks=tuple(_mark(each, zone, language, words) for each in moves),
        events=tuple(_event(each, zone, language, words) for each in found.returns.get(row.pk, ())),
        holds=_holds(moves, zone),
        levels=tuple(_level(each, zone, language) for each in found.levels.get(row.pk, ())),
        gate=_gate(row, document, places, decision, language),
        due=_due(row, stays, document, zone),
        closed=_day(row.ended_at, zone) if row.ended_at else None,
    )


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _phase(phase: Any, language: str) -> ribbon.Phase:
    weeks = round(phase.typical_days / WEEK)
    return ribbon.Phase(phase.title, phase.short_title, say(sentence("course.typical", weeks=weeks), language))


def _stay(stay: PhaseStay, places: Mapping[str, int], zone: ZoneInfo) -> ribbon.Stay:
    """Where a stay stands; one in a phase only an earlier version had stands where that phase stood in its order."""
    end = _day(stay.ended_at, zone) if stay.ended_at else None
    place = places.get(stay.phase.key, min(stay.phase.ordinal, len(places)) - 1)
    return ribbon.Stay(place, _day(stay.started_at, zone), end, stay.is_step_back)


def _mark(move: Transition, zone: ZoneInfo, language: str, words: bool) -> ribbon.Mark:
    reason = move_reason(move, language, words=words)
    return ribbon.Mark(_day(move.effective_at, zone), move_title(move, language), reason)


def move_title(move: Transition, language: str = "en") -> str:
    """What a transition is called on the ribbon and in lists ("Moved to Therapy")."""
    there = move.to_phase.short_title if move.to_phase else ""
    return say(sentence(f"course.move.{move.kind}", phase=there), language)


def move_reason(move: Transition, language: str = "en", *, words: bool) -> str:
    """The reason in words; the note where no reason is coded, for whoever reads notes (`words`)."""
    kind = MoveKind(move.kind)
    if move.reason and kind is MoveKind.TRANSFER:
        return label(TransferReason(move.reason), language)
    if move.reason and kind in REASONS:
        return label(REASONS[kind](move.reason), language)
    return move.note[:60] if words else ""


def _event(event: ReturnToUse, zone: ZoneInfo, language: str, words: bool) -> ribbon.Mark:
    told = event.note[:60] if words else ""
    return ribbon.Mark(_day(event.effective_at, zone), say(sentence("course.return_to_use"), language), told)


def _holds(moves: Sequence[Transition], zone: ZoneInfo) -> tuple[ribbon.Hold, ...]:
    holds: list[ribbon.Hold] = []
    for move in moves:
        if move.kind == MoveKind.HOLD:
            holds.append(ribbon.Hold(_day(move.effective_at, zone)))
        elif holds and holds[-1].end is None and (move.kind == MoveKind.RESUME or move.to_status in ENDED):
            holds[-1] = ribbon.Hold(holds[-1].start, _day(move.effective_at, zone))
    return tuple(holds)


def _level(stay: LevelStay, zone: ZoneInfo, language: str) -> ribbon.Level:
    level = Level(stay.level)
    rank = min(max(int(stay.level[1]), 1), 4)
    end = _day(stay.ended_at, zone) if stay.ended_at else None
    name = label(level, language)
    return ribbon.Level(_day(stay.started_at, zone), end, rank, stay.level, name)


def _gate(
    row: Enrollment, document: ProgramDocument, places: Mapping[str, int], decision: Decision | None, language: str
) -> ribbon.Gate | None:
    if decision is None:
        return None
    following = next_phase(document, row.current_phase.key if row.current_phase else None)
    return ribbon.Gate(
        places[following.key] if following else None,
        decision.met_count,
        decision.of_count,
        pressing(decision, language),
    )


def pressing(decision: Decision, language: str = "en") -> str:
    """The one fact that presses: what lapses next, or when the move is possible at the earliest."""
    if decision.met and decision.lapses_next is None:
        return say(sentence("course.gate.ready"), language)
    if decision.lapses_next is not None:
        return say(sentence("course.gate.lapses", on=decision.lapses_next.on), language)
    if decision.earliest is not None:
        return say(sentence("course.gate.earliest", on=decision.earliest), language)
    return ""


def _due(row: Enrollment, stays: Sequence[PhaseStay], document: ProgramDocument, zone: ZoneInfo) -> date | None:
    """Expected end of the current phase: its typical length from the day it was entered."""
    if row.current_phase is None or row.ended_at is not None:
        return None
    typical = document.phase(row.current_phase.key).typical_days
    return _day(stays[-1].started_at, zone) + timedelta(days=typical)


def place_words(row: Enrollment, course: ribbon.Course | None, decision: Decision | None, language: str = "en") -> str:
    """Beside a small ribbon: "Therapy, wk 7 · 2/4"."""
    if course is None or row.current_phase is None:
        return label_of_status(row, language)
    weeks = (course.today - course.current.start).days // WEEK + 1
    words = say(sentence("course.place", phase=row.current_phase.short_title, week=weeks), language)
    return f"{words} · {decision.met_count}/{decision.of_count}" if decision else words


def place_now(row: Enrollment, *, now: datetime, language: str = "en") -> str:
    """The same of one enrollment, without its gate."""
    return place_words(row, courses([row], {}, now=now, language=language).get(row.pk), None, language)


def label_of_status(row: Enrollment, language: str = "en") -> str:
    """The enrollment's status in words."""
    return label(EnrollmentStatus(row.status), language)
