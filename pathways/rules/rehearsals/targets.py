"""What forms come out as: as the gates ask once things have settled, and not so before."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType

from pathways.rules.gates import Criterion, Gate
from pathways.rules.gates.facts import BAND, TOTAL
from pathways.rules.gates.scores import ScoreCompared
from pathways.rules.gates.scores import holds as compares
from pathways.rules.programs import ProgramDocument
from patients.rules.instruments import Definition, Facts, Score, ScoringType, Severity, holds


@dataclass(frozen=True, slots=True)
class Target:
    """The scores a form is to come to; for a triage the bands, any of which will do."""

    totals: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    bands: tuple[str, ...] = ()


def asked_of(gate: Gate | None, document: ProgramDocument, instrument: str) -> tuple[ScoreCompared, ...]:
    """What is asked of an instrument's scores: by this gate, or where it asks nothing, by any gate of the program."""
    own = tuple(_comparisons(gate.walk(), instrument)) if gate else ()
    return own or tuple(_comparisons(document.criteria(), instrument))


def target(
    form: Definition, asked: Collection[ScoreCompared], *, settled: bool, said: Mapping[str, int] | None, dice: Random
) -> Target:
    """What the form is to come to: what the script says (`said`), else as asked or, not settled, as not asked."""
    if form.scoring.type is ScoringType.TRIAGE:
        return Target(bands=_bands(form, [each for each in asked if each.score == BAND], settled))
    totals = {each.key: _total(form, each, asked, settled, dice) for each in form.scoring.scores}
    return Target(MappingProxyType({**totals, **(said or {})}))


def _comparisons(criteria: Iterable[Criterion], instrument: str) -> Iterable[ScoreCompared]:
    for criterion in criteria:
        if isinstance(criterion.kind, ScoreCompared) and criterion.kind.instrument == instrument:
            yield criterion.kind


def _total(form: Definition, of: Score, asked: Collection[ScoreCompared], settled: bool, dice: Random) -> int:
    """Settled: as asked, raising nothing if that can be. Not settled: not as asked, but near it, and nothing urgent."""
    every = range(of.minimum, of.maximum + 1)
    calm = [value for value in every if not _raises(form, of.key, value, Severity.WARNING)]
    mild = [value for value in every if not _raises(form, of.key, value, Severity.URGENT)]
    mine = [each for each in asked if each.score == of.key or (each.score == BAND and of.key == TOTAL)]
    fits = [value for value in every if all(_fits(form, each, value) for each in mine)] if mine else calm
    wanted = fits if settled else _near(every, fits)
    kind = calm if settled else mild
    return dice.choice([value for value in wanted if value in kind] or wanted or list(every))


def _near(every: Iterable[int], fits: Collection[int]) -> list[int]:
    """The half of what does not fit that lies nearest to what does."""
    others = sorted(
        (value for value in every if value not in fits),
        key=lambda value: (min((abs(value - each) for each in fits), default=0), value),
    )
    return others[: (len(others) + 1) // 2]


def _fits(form: Definition, asked: ScoreCompared, value: int) -> bool:
    if asked.score != BAND:
        return compares(asked.op, value, asked.value)
    return any(
        compares(asked.op, band.label, asked.value)
        for band in form.bands_for(TOTAL)
        if band.minimum is not None and band.maximum is not None and band.minimum <= value <= band.maximum
    )


def _raises(form: Definition, key: str, value: int, least: Severity) -> bool:
    facts = Facts(scores={key: value})
    return any(holds(each.when, facts) is True for each in form.alerts if each.severity.at_least(least))


def _bands(form: Definition, asked: Collection[ScoreCompared], settled: bool) -> tuple[str, ...]:
    """Bands of a triage, from the quietest on. What has not settled is never an emergency by itself."""
    every = [rule.band for rule in reversed(form.scoring.rules)]
    mild = [band for band in every if not _band_raises(form, band, Severity.EMERGENCY)]
    fits = [band for band in every if all(compares(each.op, band, each.value) for each in asked)]
    wanted = fits if settled or not asked else [band for band in mild if band not in fits]
    return tuple((wanted or every)[:1])


def _band_raises(form: Definition, band: str, least: Severity) -> bool:
    return any(holds(each.when, Facts(band=band)) is True for each in form.alerts if each.severity.at_least(least))
