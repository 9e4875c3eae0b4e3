"""What is asked about each part of a draft: its entries, with what may be chosen here and now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import label, say
from pathways.messages.library import keys as message_keys
from pathways.modalities import modalities
from pathways.queries.instruments import known_instruments
from pathways.rules.gates import KINDS, Requirement, instrument_name
from pathways.rules.gates.names import modality_name, observation_name
from pathways.rules.gates.params import Param, ParamType, Refers
from pathways.rules.levels import Level
from pathways.rules.moves import OPENINGS, REASONS, MoveKind
from pathways.rules.programs import AnchorKind, ContactMode, GateSide, Purpose, RungKind
from pathways.rules.programs.parse import DEFAULT_TIME
from pathways.rules.programs.places import Data, Document, Part, mappings, part_at, path_of, steps
from pathways.web.studio.entries import Choices, Entry, Way
from patients.observations import definitions as observation_tests

SCHEDULES = ("offsets", "every", "adaptive_months")
GROUPS = ("all_of", "any_of", "at_least")  # they hold no number of their own, so they name no source
CHOICES_OF = frozenset({"any_of", "at_least"})
# What no transition of a program says: it is done to an enrollment from outside.
NEVER_WRITTEN = frozenset({MoveKind.ADOPT_VERSION, MoveKind.REVERSE})
FROM_OUTSIDE = OPENINGS | {MoveKind.PROPOSE, MoveKind.WAITLIST}
STAFF = tuple(role for role in Role if role is not Role.API_CLIENT)
WAYS = {
    ParamType.TEXT: Way.LINE,
    ParamType.KEY: Way.KEY,
    ParamType.KEYS: Way.SOME,
    ParamType.WHOLE: Way.WHOLE,
    ParamType.NUMBER: Way.NUMBER,
    ParamType.CHOICE: Way.ONE,
    ParamType.CHOICES: Way.SOME,
    ParamType.FLAG: Way.FLAG,
    ParamType.LIMIT: Way.LIMIT,
}


@dataclass(frozen=True, slots=True)
class Around:
    """The draft a part stands in, where, and the language of who edits it."""

    document: Document
    path: str
    language: str

    def members(self, members: Iterable[StrEnum]) -> Choices:
        """Members of an enumeration, with their words."""
        return tuple((each.value, label(each, self.language)) for each in members)

    def named(self, named: Iterable[tuple[str, Sentence | StrEnum | str]]) -> Choices:
        """Keys with what they are called, by name."""
        return tuple(sorted(((key, self._words(name)) for key, name in named), key=lambda each: each[1].casefold()))

    def titled(self, list_path: str) -> Choices:
        """The entries of a list of the draft, by key and title."""
        found = (each for _, each in mappings(self.document, list_path))
        return tuple((str(each["key"]), str(each.get("title") or each["key"])) for each in found if each.get("key"))

    def _words(self, name: Sentence | StrEnum | str) -> str:
        if isinstance(name, Sentence):
            return say(name, self.language)
        return label(name, self.language) if isinstance(name, StrEnum) else name


def entries_of(part: Part, given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    """What is asked about a part; `given` is what stands or was typed so far, where something follows from it."""
    return _ASKED[part](given, around)


def _entry(name: str, way: Way, **more: object) -> Entry:
    code = name.lstrip("_").replace(".", "_")
    return Entry(name, way, sentence(f"studio.field.{code}"), **more)  # type: ignore[arg-type]


def _hinted(name: str, way: Way, **more: object) -> Entry:
    return _entry(name, way, hint=sentence(f"studio.hint.{name.lstrip('_').replace('.', '_')}"), **more)


def _source() -> Entry:
    return _hinted("source", Way.LINE, wide=True)


def _key(name: str = "key") -> Entry:
    return Entry(
        name, Way.KEY, sentence("studio.field.key"), hint=sentence("studio.hint.key"), optional=True, of="aside"
    )


def _instrument(around: Around, *, optional: bool = False) -> Entry:
    return _entry("instrument", Way.ONE, choices=(("", "–"), *_instruments(around)), optional=optional)


def _instruments(around: Around) -> Choices:
    return around.named((key, instrument_name(key)) for key in known_instruments())


def _one(name: str, offered: Choices, **more: object) -> Entry:
    return _entry(name, Way.ONE, choices=(("", "–"), *offered), **more)


def _program(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    return _entry("title", Way.LINE), _entry("substance", Way.KEY), _entry("summary", Way.TEXT, wide=True)


def _phase(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    levels = tuple((each.value.removeprefix("L"), label(each, around.language)) for each in Level)
    return (
        _entry("title", Way.LINE, wide=True),
        _hinted("short_title", Way.LINE),
        _entry("typical_days", Way.WHOLE),
        _one("level", levels),
        _hinted("goals", Way.LINES, wide=True),
        _source(),
        _key(),
    )


def _gate(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    return (_hinted("title", Way.LINE, wide=True),)


def _criterion(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    kind = KINDS.get(str(given.get("kind", "")))
    known = tuple((key, say(each.label(), around.language)) for key, each in KINDS.items())
    chosen = Entry(
        "kind",
        Way.ONE,
        sentence("studio.field.criterion_kind"),
        kind.about() if kind else sentence("studio.hint.criterion_kind"),
        (("", "–"), *known),
        asks_anew=True,
        wide=True,
    )
    asked = tuple(_param(each, around) for each in kind.params()) if kind else ()
    source = () if given.get("kind") in GROUPS else (_source(),)
    return (chosen, *asked, *_binding(given, around), *source, _key())


def _param(param: Param, around: Around) -> Entry:
    """A parameter of a kind, as the kind itself describes it."""
    way = Way.ONE if param.type is ParamType.KEY and param.refers else WAYS[param.type]
    offered: Choices = ()
    if param.choices is not None:
        offered = around.members(param.choices)
    elif param.refers is not None:
        offered = _referred(param.refers, around)
    if way is Way.ONE:
        offered = (("", "–"), *offered)
    default = None if param.default == () else param.default
    optional = not param.required
    return Entry(param.name, way, param.label, None, offered, default, optional=optional, wide=way is Way.SOME)


def _referred(refers: Refers, around: Around) -> Choices:
    if refers is Refers.INSTRUMENT:
        return _instruments(around)
    if refers is Refers.MODALITY:
        return _modalities(around)
    return tuple(
        (each.code, around.named([(each.code, observation_name(each.code))])[0][1]) for each in observation_tests()
    )


def _modalities(around: Around) -> Choices:
    return around.named((each.key, modality_name(each.key)) for each in modalities())


def _binding(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    """How binding it is. What a choice offers is as binding as the choice."""
    if _in_a_choice(around):
        return ()
    inherits = ("", say(sentence("studio.requirement.inherited"), around.language))
    nested = around.path.count("criteria[") > 1
    default = None if nested else Requirement.REQUIRED.value
    offered = ((inherits,) if nested else ()) + around.members(Requirement)
    return (
        _entry("requirement", Way.ONE, choices=offered, default=default),
        _entry("overridable_by", Way.SOME, choices=around.members(STAFF), of="override", optional=True),
        _entry("cosigned_by", Way.SOME, choices=around.members(STAFF), of="override", optional=True),
        _entry("needs_reason", Way.FLAG, default=True, of="override"),
    )


def _in_a_choice(around: Around) -> bool:
    walked = steps(around.path)
    outer = [path_of(walked[:end]) for end in range(4, len(walked))]
    found = {path: data for path in outer if part_at(path) is Part.CRITERION for data in _data(around.document, path)}
    return any(data.get("kind") in CHOICES_OF for data in found.values())


def _data(document: Document, path: str) -> list[Data]:
    *outer, _ = steps(path)
    return [each for place, each in mappings(document, path_of(outer)) if place == path]


def _assessment(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    return _instrument(around), _entry("every_days", Way.WHOLE), _source()


def _activity(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    return (
        _one("modality", _modalities(around)),
        _entry("title", Way.LINE),
        _entry("per_week", Way.WHOLE),
        _entry("minutes", Way.WHOLE),
        _hinted("adjunct", Way.FLAG, default=False),
        _source(),
    )


def _transition(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    kinds = [each for each in MoveKind if each not in NEVER_WRITTEN]
    kind = next((each for each in kinds if each.value == given.get("kind")), None)
    phases = around.titled("phases")
    before = "studio.phase.outside" if kind in FROM_OUTSIDE else "studio.phase.any"
    anywhere = (("", say(sentence(before), around.language)), *phases)
    nowhere = (("", say(sentence("studio.phase.none"), around.language)), *phases)
    reasons = around.members(REASONS[kind]) if kind in REASONS else ()
    return (
        _one("kind", around.members(kinds), asks_anew=True),
        _entry("from", Way.ONE, choices=anywhere),
        _entry("to", Way.ONE, choices=nowhere),
        _entry("roles", Way.SOME, choices=around.members(Role), wide=True),
        *((_entry("reasons", Way.SOME, choices=reasons, wide=True),) if reasons else ()),
        _hinted("gate", Way.SOME, choices=around.members(GateSide), optional=True),
        _entry("needs_note", Way.FLAG, default=False),
    )


def _follow_up(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    return (
        _entry("title", Way.LINE, wide=True),
        _one("anchor", around.members(AnchorKind), asks_anew=True),
        *_phases_of(given, around),
        *_schedule(given, around),
        _entry("at", Way.TIME, default=f"{DEFAULT_TIME:%H:%M}"),
        _hinted("window_days", Way.WHOLE, default=0),
        _one("purpose", around.members(Purpose)),
        _entry("mode", Way.ONE, choices=around.members(ContactMode), default=ContactMode.PHONE.value),
        _instrument(around, optional=True),
        _one("template", tuple((each, each) for each in sorted(message_keys())), optional=True),
        _one("ladder", around.titled("ladders")),
        _one("owner", around.members(STAFF)),
        _source(),
        _key("rule_key"),
    )


def _phases_of(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    """Phases are named only where contacts count from the entry of one; what is written is always shown."""
    if given.get("anchor") != AnchorKind.PHASE_ENTRY.value and not given.get("phases"):
        return ()
    return (_hinted("phases", Way.SOME, choices=around.titled("phases"), optional=True, wide=True),)


def _schedule(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    written = next((each for each in SCHEDULES if given.get(each) is not None), "offsets")
    chosen = str(given.get("_when") or written)
    offered = tuple((each, say(sentence(f"studio.when.{each}"), around.language)) for each in SCHEDULES)
    asked = {
        "every": (
            _entry("every.days", Way.WHOLE),
            _hinted("every.first_day", Way.WHOLE, optional=True),
            _hinted("every.for_days", Way.WHOLE, optional=True),
        ),
        "adaptive_months": (
            _entry("adaptive_months.for_months", Way.WHOLE),
            _entry("adaptive_months.first_month", Way.WHOLE, default=1),
        ),
    }.get(chosen, (_hinted("offsets", Way.WHOLES),))
    return (_entry("_when", Way.ONE, choices=offered, asks_anew=True, default=chosen), *asked)


def _ladder(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    return _entry("title", Way.LINE, wide=True), _source(), _key()


def _rung(given: Mapping[str, object], around: Around) -> tuple[Entry, ...]:
    return (
        _one("kind", around.members(RungKind)),
        _hinted("wait_hours", Way.WHOLE),
        _entry("tries", Way.WHOLE, default=1),
        _one("role", around.members(STAFF), optional=True),
        _one("template", tuple((each, each) for each in sorted(message_keys())), optional=True),
    )


_ASKED: Mapping[Part, Callable[[Mapping[str, object], Around], tuple[Entry, ...]]] = {
    Part.PROGRAM: _program,
    Part.PHASE: _phase,
    Part.GATE: _gate,
    Part.CRITERION: _criterion,
    Part.ASSESSMENT: _assessment,
    Part.ACTIVITY: _activity,
    Part.TRANSITION: _transition,
    Part.FOLLOW_UP: _follow_up,
    Part.LADDER: _ladder,
    Part.RUNG: _rung,
}
