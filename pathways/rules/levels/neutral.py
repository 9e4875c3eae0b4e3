"""The neutral suggestion: six need ratings in, a level of care out.

Source: project-owned rules (level-of-care.md, "Neutral decision support to ship"; local choice, own words and
thresholds; not the ASAM decision rules). Two axes, intensity and medical overlay, are judged apart and combined last.
Never an average: a single need of 4 is an emergency whatever the others are.
"""

from dataclasses import dataclass

from pathways.rules.levels.needs import (
    Input,
    Intensity,
    Level,
    LevelOfCareRuleset,
    Need,
    Needs,
    Suggestion,
    SuggestionFlag,
)

WITH_MEDICAL = {
    Intensity.OUTPATIENT: Level.L1M,
    Intensity.INTENSIVE: Level.L2M,
    Intensity.INTENSIVE_HIGH: Level.L2M,
    Intensity.RESIDENTIAL: Level.L3M,
    Intensity.RESIDENTIAL_HIGH: Level.L3M,
}


@dataclass(frozen=True, slots=True)
class _Ratings:
    """All six ratings present, under the short names of the rule table."""

    d1: int
    d2: int
    d3: int
    d4: int
    d5: int
    d6: int

    @property
    def acute(self) -> int:
        """max(d1, d2, d3)"""
        return max(self.d1, self.d2, self.d3)

    @property
    def medical(self) -> bool:
        """The medical overlay: max(d1, d2) at least 2, or d3 at least 3."""
        return max(self.d1, self.d2) >= 2 or self.d3 >= 3

    def inputs(self, *wanted: tuple[Need, bool]) -> tuple[Input, ...]:
        numbers = dict(zip(Need, (self.d1, self.d2, self.d3, self.d4, self.d5, self.d6), strict=True))
        return tuple(Input(need, numbers[need]) for need, fired in wanted if fired)


_Rule = tuple[str, Intensity, tuple[Input, ...], tuple[SuggestionFlag, ...]]

KEY, EDITION = "stepwell-neutral", "1"


def suggest(needs: Needs, sud_diagnosis: bool) -> Suggestion:
    """The neutral suggestion. Rules I0 to I8, first match; the medical overlay is added last.

    Raising any rating never lowers the intensity or drops the overlay (proven over all 15,625 vectors).
    """
    rated = [rating for rating in needs.ratings if rating is not None]
    if len(rated) < len(Need):
        return Suggestion(None, None, False, "I0", (), (), KEY, EDITION)
    ratings = _Ratings(*rated)
    rule_id, intensity, inputs, flags = _first_rule(ratings, sud_diagnosis)
    medical = ratings.medical
    return Suggestion(_level(intensity, medical), intensity, medical, rule_id, flags, inputs, KEY, EDITION)


NEUTRAL = LevelOfCareRuleset(
    KEY,
    EDITION,
    "Project-owned rules in their own words. Not the ASAM Criteria; ASAM levels are named as reference only.",
    suggest,
)


def _level(intensity: Intensity, medical: bool) -> Level:
    if medical and intensity in WITH_MEDICAL:
        return WITH_MEDICAL[intensity]
    return Level(f"L{intensity.value}")


def _first_rule(ratings: _Ratings, sud_diagnosis: bool) -> _Rule:
    return _acute_rules(ratings) or _setting_rules(ratings) or _outpatient_rules(ratings, sud_diagnosis)


def _acute_rules(r: _Ratings) -> _Rule | None:
    """I1 to I3: danger now, use that only 24-hour support contains, severe withdrawal, medical or psychiatric need."""
    if r.acute == 4:
        return "I1", Intensity.HOSPITAL, _acute_inputs(r, 4), (SuggestionFlag.EMERGENCY_EVALUATION,)
    if r.d5 == 4:
        return "I2", Intensity.RESIDENTIAL_HIGH, r.inputs((Need.USE_RISK, True)), ()
    if r.d5 == 3 and r.d6 >= 3:
        found = r.inputs((Need.USE_RISK, True), (Need.ENVIRONMENT, True))
        return "I2", Intensity.RESIDENTIAL_HIGH, found, ()
    if r.d6 >= 3 and r.acute >= 2:
        found = _acute_inputs(r, 2) + r.inputs((Need.ENVIRONMENT, True))
        return "I2", Intensity.RESIDENTIAL_HIGH, found, ()
    if r.acute == 3:
        return "I3", Intensity.RESIDENTIAL, _acute_inputs(r, 3), ()
    return None


def _setting_rules(r: _Ratings) -> _Rule | None:
    """I4 to I6: where the patient lives, and how likely use is."""
    if r.d6 >= 3:
        found = r.inputs((Need.ENVIRONMENT, True))
        return "I4", Intensity.RESIDENTIAL, found, (SuggestionFlag.RECOVERY_RESIDENCE,)
    if r.d5 == 3:
        return "I5", Intensity.INTENSIVE_HIGH, r.inputs((Need.USE_RISK, True)), ()
    moderate = ((Need.PSYCHIATRIC, r.d3 == 2), (Need.USE_RISK, r.d5 == 2), (Need.ENVIRONMENT, r.d6 == 2))
    found = r.inputs(*moderate)
    return ("I6", Intensity.INTENSIVE, found, ()) if found else None


def _outpatient_rules(r: _Ratings, sud_diagnosis: bool) -> _Rule:
    """I7 and I8: a diagnosis or a moderate bodily need calls for care; otherwise none is suggested."""
    found = r.inputs((Need.WITHDRAWAL, r.d1 == 2), (Need.MEDICAL, r.d2 == 2))
    if not sud_diagnosis and not found:
        return "I8", Intensity.NONE, (), ()
    flags = (SuggestionFlag.MOTIVATIONAL_PLAN,) if r.d4 >= 3 else ()
    return "I7", Intensity.OUTPATIENT, found, flags


def _acute_inputs(r: _Ratings, least: int) -> tuple[Input, ...]:
    return r.inputs((Need.WITHDRAWAL, r.d1 >= least), (Need.MEDICAL, r.d2 >= least), (Need.PSYCHIATRIC, r.d3 >= least))
