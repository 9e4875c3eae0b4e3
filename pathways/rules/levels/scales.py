"""What the form shows: the six needs with their five descriptors, and the levels with their names.

Words are the project's own (catalogue `levels.yaml`). The ASAM codes are references a clinician may recognise, from
`level_of_care_cases.json`; no text of the ASAM Criteria is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.levels.needs import RATINGS, Level, Need

ASAM_REFERENCE: Mapping[Level, str] = {
    Level.L0: "0.5 (3e); none in 4e",
    Level.L1: "1 (3e); 1.5 (4e)",
    Level.L1M: "1-WM/OTS (3e); 1.7 (4e)",
    Level.L2: "2.1",
    Level.L2H: "2.5",
    Level.L2M: "2-WM (3e); 2.7 (4e)",
    Level.L3: "3.1",
    Level.L3H: "3.5 (3.3/3.5 in 3e)",
    Level.L3M: "3.7",
    Level.L4: "4",
}


@dataclass(frozen=True, slots=True)
class NeedScale:
    """One need as it is asked: its question and what 0 to 4 mean, in that order."""

    need: Need
    question: Sentence
    descriptors: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class LevelName:
    """One level as it is offered: its plain name (`label(level)`), what it means, its reference code."""

    level: Level
    description: Sentence
    asam_reference: str


NEED_SCALES: tuple[NeedScale, ...] = tuple(
    NeedScale(
        need,
        sentence(f"need.{need.value}.question"),
        tuple(sentence(f"need.{need.value}.{rating}") for rating in RATINGS),
    )
    for need in Need
)

LEVELS: tuple[LevelName, ...] = tuple(
    LevelName(level, sentence(f"level.description.{level.value}"), ASAM_REFERENCE[level]) for level in Level
)
