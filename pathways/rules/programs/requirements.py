"""What a gate's requirements name and ask: that it exists, can be reached, and does not lapse before it is due."""

from collections.abc import Iterable, Iterator, Mapping

from clinic.rules.roles import TABLE, Permission, Role
from clinic.rules.sentences import sentence
from pathways.rules.documents import Problem
from pathways.rules.gates import Criterion, Named, Refers, Requirement, instrument_name
from pathways.rules.gates.attendance import Measure, SessionsAttended
from pathways.rules.gates.facts import BAND
from pathways.rules.gates.kinds import Attestation, DaysInPhase
from pathways.rules.gates.observations import ObservationCompared
from pathways.rules.gates.scores import ScoreCompared
from pathways.rules.moves import MoveKind
from pathways.rules.programs.document import GateSide, ProgramDocument
from pathways.rules.programs.known import Known, KnownInstrument

MINUTES_A_DAY = 24 * 60
FROM_NO_PHASE = frozenset({MoveKind.ADMIT, MoveKind.READMIT})
NAMED_CODES = {Refers.OBSERVATION: "no_such_observation", Refers.MODALITY: "no_such_modality"}


def requirement_problems(document: ProgramDocument, known: Known) -> Iterator[Problem]:
    """Everything wrong with single requirements, in the order of the document."""
    for criterion in document.criteria():
        for named in criterion.kind.named():
            yield from _named_problems(criterion.path, named, known.instruments)
        yield from _reference_problems(criterion, known)
        roles = (*criterion.overridable_by, *criterion.cosigned_by)
        yield from role_problems(f"{criterion.path}.overridable_by", roles, known.roles)
        yield from _attestation_problems(criterion, known)
        yield from _attendance_problems(criterion)
        yield from _row_problems(criterion)
    yield from _lapse_problems(document)
    yield from _entry_problems(document)


def role_problems(path: str, roles: Iterable[Role], known: frozenset[Role]) -> Iterator[Problem]:
    """Roles the clinic does not have."""
    for role in roles:
        if role not in known:
            yield _problem(path, "no_such_role", role=role.value)


def _problem(path: str, code: str, /, **params: object) -> Problem:
    return Problem(path, sentence(f"program.problem.{code}", **params))


def _reference_problems(criterion: Criterion, known: Known) -> Iterator[Problem]:
    """Tests and modalities that do not exist."""
    there = {Refers.OBSERVATION: known.observations, Refers.MODALITY: known.modalities}
    for named in criterion.kind.names():
        if named.what in there and named.key and named.key not in there[named.what]:
            yield _problem(f"{criterion.path}.{named.param}", NAMED_CODES[named.what], key=named.key)


def _attestation_problems(criterion: Criterion, known: Known) -> Iterator[Problem]:
    """Only who may attest at all can confirm something by name."""
    if not isinstance(criterion.kind, Attestation):
        return
    roles = criterion.kind.roles
    yield from role_problems(f"{criterion.path}.roles", roles, known.roles)
    if roles and not any(Permission.ATTEST in TABLE[role] for role in roles):
        yield _problem(f"{criterion.path}.roles", "nobody_attests", roles=roles)


def _attendance_problems(criterion: Criterion) -> Iterator[Problem]:
    kind = criterion.kind
    if not isinstance(kind, SessionsAttended) or kind.measure is not Measure.MINUTES or kind.within_days is None:
        return
    most = (kind.within_days + 1) * MINUTES_A_DAY
    if kind.at_least > most:
        yield _problem(f"{criterion.path}.at_least", "more_than_days_hold", days=kind.within_days, most=most)


def _row_problems(criterion: Criterion) -> Iterator[Problem]:
    """Findings so many hours apart that they never lie in the window together."""
    kind = criterion.kind
    if not isinstance(kind, ScoreCompared | ObservationCompared):
        return
    if (kind.last - 1) * kind.hours_between > (kind.within_days + 1) * 24:
        given = {"last": kind.last, "hours": kind.hours_between, "days": kind.within_days}
        yield _problem(f"{criterion.path}.hours_between", "never_in_time", **given)


def _named_problems(path: str, named: Named, known: Mapping[str, KnownInstrument]) -> Iterator[Problem]:
    instrument = known.get(named.instrument)
    if instrument is None:
        yield _problem(f"{path}.instrument", "no_such_instrument", instrument=named.instrument)
        return
    if named.score is None:
        return
    if named.score == BAND:
        yield from _band_problems(path, named, instrument)
    elif named.score not in instrument.scores:
        name, known_scores = instrument_name(named.instrument), sorted(instrument.scores)
        yield _problem(f"{path}.score", "no_such_score", instrument=name, score=named.score, known=known_scores)
    else:
        yield from _reach_problems(path, named, *instrument.scores[named.score])


def _band_problems(path: str, named: Named, instrument: KnownInstrument) -> Iterator[Problem]:
    name, known_bands = instrument_name(named.instrument), sorted(instrument.bands)
    for band in named.bands:
        if band not in instrument.bands:
            yield _problem(f"{path}.value", "no_such_band", instrument=name, band=band, known=known_bands)


def _reach_problems(path: str, named: Named, least: int, most: int) -> Iterator[Problem]:
    """A limit beyond the score's range asks for what nobody can meet, or for nothing at all."""
    name = instrument_name(named.instrument)
    lowest, highest = named.reach or (least, most)
    if lowest > most or highest < least:
        yield _problem(f"{path}.value", "out_of_reach", instrument=name, least=least, most=most)
    elif (lowest < least and highest >= most) or (highest > most and lowest <= least):
        yield _problem(f"{path}.value", "always_met", instrument=name, least=least, most=most)


def _lapse_problems(document: ProgramDocument) -> Iterator[Problem]:
    """No exit gate may ask for a younger assessment than the phase repeats: it would lapse before it is due."""
    for phase in document.phases:
        intervals = {rule.instrument: rule.every_days for rule in phase.assessments}
        for criterion in phase.exit.walk() if phase.exit else ():
            yield from _interval_problems(criterion, intervals)


def _interval_problems(criterion: Criterion, intervals: Mapping[str, int]) -> Iterator[Problem]:
    for named in criterion.kind.named():
        every = intervals.get(named.instrument)
        if every is not None and named.within_days is not None and named.within_days < every:
            name = instrument_name(named.instrument)
            yield _problem(
                f"{criterion.path}.within_days", "lapses_early", instrument=name, days=named.within_days, every=every
            )


def _entry_problems(document: ProgramDocument) -> Iterator[Problem]:
    """Who is admitted has been in no phase yet: days in one can never be asked for there."""
    for phase in document.phases:
        kinds = {
            rule.kind for rule in document.transitions if GateSide.ENTRY in rule.gate and rule.to_phase == phase.key
        }
        if phase.entry is None or not kinds or not kinds <= FROM_NO_PHASE:
            continue
        for criterion in phase.entry.criteria:
            if isinstance(criterion.kind, DaysInPhase) and criterion.requirement is not Requirement.ADVISORY:
                yield _problem(criterion.path, "no_days_before_admission")
