"""A rehearsal's script: how an invented patient answers, attends, screens, pauses and comes back.

Written in YAML or JSON, read as strictly as a program. Everything may be left out but the title; shares are whole
numbers of a hundred:

    title: Steady
    language: en                       # of the messages to the patient
    settles_after: [6, 40, 60]         # days in each phase until forms and screens come out as its gate asks
    settles: true                      # false: they never do
    completes: true                    # leaves as completed once the last gate is met
    forms: 90                          # forms asked for that are filled in
    attendance: 90                     # visits and sessions that are come to
    screens_positive: 0                # screens that come out positive though settled
    check_up_need: 10                  # recovery check-ups that find a need
    replies: {first_message: 70, later_message: 50, call: 75, declines: 2, on_step: 3}
    silent: [{from_day: 30, until_day: 60}]
    answers: [{instrument: phq9, phase: behavioral-therapy, totals: {total: 14}, until_day: 20}]
    events: [{what: return_to_use, on_day: 25, in_phase: 2}]

Days count from admission; with `in_phase` from the first day in the first, second, ... phase of the program.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from clinic.rules.sentences import sentence
from pathways.rules.documents import Fields, Problem
from pathways.rules.moves import REASONS, Destination, MoveKind
from pathways.rules.programs import ProgramDocument

SHORTEST, LONGEST = 30, 730
"""Days a rehearsal may last: a month shows little, two years are as far as programs plan (local default)."""
LONGEST_SCRIPT = 20_000
MOST_EVENTS, MOST_PHASES, MOST_ANSWERS = 40, 40, 60
A_HUNDRED = 100
LEAST_SCORE, MOST_SCORE = -1000, 1000


class EventKind(StrEnum):
    """What happens on a day, whatever the program plans."""

    RETURN_TO_USE = "return_to_use"
    STEP_BACK = "step_back"
    HOLD = "hold"
    DISCHARGE = "discharge"
    READMIT = "readmit"


class Language(StrEnum):
    """What the messages are written in."""

    ENGLISH = "en"
    SPANISH = "es"


_MOVES = {
    EventKind.STEP_BACK: MoveKind.STEP_BACK,
    EventKind.HOLD: MoveKind.HOLD,
    EventKind.DISCHARGE: MoveKind.DISCHARGE,
}


@dataclass(frozen=True, slots=True)
class Replies:
    """How often of a hundred a message or a call is answered; `on_step`: exactly there, and on no step before."""

    first_message: int = 60
    later_message: int = 45
    call: int = 65
    declines: int = 2
    on_step: int | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Days on which nothing is answered and nobody comes; the last one included."""

    from_day: int
    until_day: int


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """What a form comes to on these days (score → points), in one phase or (phase "") in any."""

    instrument: str
    totals: Mapping[str, int]
    phase: str = ""
    from_day: int = 0
    until_day: int = LONGEST


@dataclass(frozen=True, slots=True)
class ScriptEvent:
    """Something on a day, counted from admission or (`in_phase`, from 1) from the first day in a phase.

    reason, destination: codes of the move · to_phase: where a step back or a readmission leads ("": where the program
    leaves one way) · until_day: the last day of a hold, counted as `on_day` is.
    """

    what: EventKind
    on_day: int
    in_phase: int | None = None
    until_day: int | None = None
    reason: str = ""
    to_phase: str = ""
    destination: Destination = Destination.UNKNOWN


@dataclass(frozen=True, slots=True)
class Script:
    """How an invented patient does. See the module."""

    title: str
    language: Language = Language.ENGLISH
    settles_after: tuple[int, ...] = (10,)
    settles: bool = True
    completes: bool = True
    forms: int = 80
    attendance: int = 85
    screens_positive: int = 0
    check_up_need: int = 10
    replies: Replies = field(default_factory=Replies)
    silent: tuple[Silence, ...] = ()
    answers: tuple[FormAnswer, ...] = ()
    events: tuple[ScriptEvent, ...] = ()

    def settled_after(self, place: int) -> int | None:
        """Days in the phase at `place` (from 0) until things come out as its gate asks; None: never."""
        if not self.settles:
            return None
        return self.settles_after[min(place, len(self.settles_after) - 1)]

    def is_silent(self, day: int) -> bool:
        """Whether nothing is answered on this day since admission."""
        return any(each.from_day <= day <= each.until_day for each in self.silent)

    def totals(self, instrument: str, phase: str, day: int) -> Mapping[str, int] | None:
        """What the script says a form comes to, if it says so; the first that fits."""
        for each in self.answers:
            here = each.phase in ("", phase) and each.from_day <= day <= each.until_day
            if here and each.instrument == instrument:
                return each.totals
        return None


class ScriptError(Exception):
    """A script that cannot be taken: every problem with its path."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(", ".join(problem.path for problem in problems))


def read_script(data: object) -> Script:
    """The script a document spells. Raises ScriptError with everything that is wrong with it."""
    problems: list[Problem] = []
    fields = Fields(data, "", problems)
    script = _read(fields)
    fields.close()
    if problems:
        raise ScriptError(tuple(problems))
    return script


def script_problems(script: Script, document: ProgramDocument) -> tuple[Problem, ...]:
    """What a script names that the program does not have: phases, places of phases."""
    return tuple(_unknown(script, document))


def as_data(script: Script) -> dict[str, object]:
    """The script as it is written, without what is left out."""
    plain: dict[str, object] = {"title": script.title, "language": script.language.value}
    plain["settles_after"] = list(script.settles_after)
    for name in ("settles", "completes", "forms", "attendance", "screens_positive", "check_up_need"):
        plain[name] = getattr(script, name)
    plain["replies"] = _written(script.replies)
    for name in ("silent", "answers", "events"):
        if getattr(script, name):
            plain[name] = [_written(each) for each in getattr(script, name)]
    return plain


def _written(part: object) -> dict[str, object]:
    """A part of the script, without what stands at its default."""
    found: dict[str, object] = {}
    for name, spec in type(part).__dataclass_fields__.items():  # type: ignore[attr-defined]
        value = getattr(part, name)
        if value is None or value == spec.default:
            continue
        found[name] = (
            value.value if isinstance(value, StrEnum) else dict(value) if isinstance(value, Mapping) else value
        )
    return found


def _read(fields: Fields) -> Script:
    return Script(
        title=fields.text("title", longest=80),
        language=fields.choice("language", Language, default=Language.ENGLISH),
        settles_after=_settles_after(fields),
        settles=fields.flag("settles", default=True),
        completes=fields.flag("completes", default=True),
        forms=_share(fields, "forms", 80),
        attendance=_share(fields, "attendance", 85),
        screens_positive=_share(fields, "screens_positive", 0),
        check_up_need=_share(fields, "check_up_need", 10),
        replies=_replies(fields),
        silent=tuple(_silence(each) for each in _some(fields, "silent", MOST_EVENTS)),
        answers=tuple(_answer(each) for each in _some(fields, "answers", MOST_ANSWERS)),
        events=tuple(_event(each) for each in _some(fields, "events", MOST_EVENTS)),
    )


def _some(fields: Fields, key: str, most: int) -> tuple[Fields, ...]:
    children = fields.children(key, required=False)
    if len(children) > most:
        fields.refuse(key, "program.problem.too_many", most=most)
    return children[:most]


def _share(fields: Fields, key: str, default: int) -> int:
    return fields.whole(key, least=0, most=A_HUNDRED, default=default)


def _settles_after(fields: Fields) -> tuple[int, ...]:
    """A list of days, one for each phase, or one number for all of them."""
    if not fields.has("settles_after"):
        return (10,)
    given = fields.raw("settles_after")
    days = given if isinstance(given, list | tuple) else [given]
    whole = [each for each in days if isinstance(each, int) and not isinstance(each, bool) and 0 <= each <= LONGEST]
    if len(whole) < len(days) or not days or len(days) > MOST_PHASES:
        fields.refuse("settles_after", "rehearsal.problem.days", most=LONGEST)
        return (10,)
    return tuple(whole)


def _replies(fields: Fields) -> Replies:
    if not fields.has("replies"):
        return Replies()
    inside, usual = fields.child("replies"), Replies()
    found = Replies(
        _share(inside, "first_message", usual.first_message),
        _share(inside, "later_message", usual.later_message),
        _share(inside, "call", usual.call),
        _share(inside, "declines", usual.declines),
        inside.optional_whole("on_step", least=1, most=20),
    )
    inside.close()
    return found


def _silence(fields: Fields) -> Silence:
    start, end = _day(fields, "from_day"), _day(fields, "until_day")
    if end < start:
        fields.refuse("until_day", "rehearsal.problem.ends_before")
    fields.close()
    return Silence(start, end)


def _day(fields: Fields, key: str, default: int | None = None) -> int:
    return fields.whole(key, least=0, most=LONGEST, default=default)


def _answer(fields: Fields) -> FormAnswer:
    answer = FormAnswer(
        instrument=fields.slug("instrument"),
        totals=_totals(fields),
        phase=fields.slug("phase", optional=True),
        from_day=_day(fields, "from_day", 0),
        until_day=_day(fields, "until_day", LONGEST),
    )
    fields.close()
    return answer


def _totals(fields: Fields) -> Mapping[str, int]:
    given = fields.raw("totals")
    inside = Fields({} if given is None else given, fields.at("totals"), fields.problems)
    keys = [key for key in given if isinstance(key, str)] if isinstance(given, Mapping) else []
    if isinstance(given, Mapping) and not given:
        fields.refuse("totals", "program.problem.empty_list")
    found = {key: inside.whole(key, least=LEAST_SCORE, most=MOST_SCORE) for key in keys}
    inside.close()
    return MappingProxyType(found)


def _event(fields: Fields) -> ScriptEvent:
    what = fields.choice("what", EventKind)
    event = ScriptEvent(
        what=what,
        on_day=_day(fields, "on_day"),
        in_phase=fields.optional_whole("in_phase", least=1, most=MOST_PHASES),
        until_day=fields.optional_whole("until_day", least=0, most=LONGEST),
        reason=_reason(fields, what),
        to_phase=fields.slug("to_phase", optional=True),
        destination=fields.choice("destination", Destination, default=Destination.UNKNOWN),
    )
    if event.until_day is not None and event.until_day < event.on_day:
        fields.refuse("until_day", "rehearsal.problem.ends_before")
    fields.close()
    return event


def _reason(fields: Fields, what: EventKind) -> str:
    """One of the coded reasons of the move; "" leaves it to the program's first."""
    kind = _MOVES.get(what)
    if not fields.has("reason"):
        return ""
    if kind is None:
        fields.refuse("reason", "rehearsal.problem.no_reason", what=what)
        return fields.text("reason", default="")
    return fields.choice("reason", REASONS[kind]).value


def _unknown(script: Script, document: ProgramDocument) -> Iterator[Problem]:
    keys = {phase.key for phase in document.phases}
    named = [(f"answers[{n}].phase", each.phase) for n, each in enumerate(script.answers)]
    named += [(f"events[{n}].to_phase", each.to_phase) for n, each in enumerate(script.events)]
    for path, key in named:
        if key and key not in keys:
            yield Problem(path, sentence("program.problem.no_such_phase", phase=key))
    for place, event in enumerate(script.events):
        if event.in_phase is not None and event.in_phase > len(keys):
            yield Problem(f"events[{place}].in_phase", sentence("rehearsal.problem.place", count=len(keys)))
