"""What people say and write in the story: returns as told, plans as agreed. Invented, person-first."""

from collections.abc import Mapping
from dataclasses import dataclass

from pathways.rules.plans import PlanElementKind as Kind
from pathways.rules.returns import Circumstance, Substance, UsePattern


@dataclass(frozen=True, slots=True)
class Told:
    """A return to use as somebody tells it."""

    note: str
    substance: Substance
    pattern: UsePattern
    circumstances: tuple[Circumstance, ...]
    what_helped: str


RETURNS: tuple[Told, ...] = (
    Told(
        "A hard week at work; took extract shots on two evenings and told us the next day.",
        Substance.KRATOM, UsePattern.FEW_DAYS, (Circumstance.STRESS, Circumstance.SLEEP),
        "Gave the rest to a friend and slept at a sister's.",
    ),
    Told(
        "Met friends who use. Called by themselves to talk about it.",
        Substance.KRATOM, UsePattern.ONCE, (Circumstance.OTHERS_USING, Circumstance.CELEBRATION),
        "Left early and called the peer supporter from the bus.",
    ),
    Told(
        "Pain came back after a fall; took powder again for a day.",
        Substance.KRATOM, UsePattern.ONCE, (Circumstance.PAIN_OR_ILLNESS,),
        "A visit about the pain, and a plan for it without kratom.",
    ),
    Told(
        "Bought tablets at a gas station when craving came; stopped after the third evening.",
        Substance.SEVEN_OH, UsePattern.FEW_DAYS, (Circumstance.CRAVING, Circumstance.HARD_FEELINGS),
        "Came to the group the same week and said so.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan. `with_staff`: the counselor sees to it, else the patient; `days`: until it is due."""

    kind: Kind
    text: str
    own_words: str = ""
    contact: str = ""
    modality: str = ""
    diagnosis: str = ""
    co_occurring: bool = False
    with_staff: bool = False
    days: int | None = None


Branch = tuple[Line, ...]
"""A problem with its goal, objective and interventions, each standing under the nearest line it can stand under."""

USE: tuple[Branch, ...] = (
    (
        Line(Kind.PROBLEM, "Kratom every day, and withdrawal when it is left out", diagnosis="F11.20"),
        Line(Kind.GOAL, "Live without kratom", "I want my mornings back.", days=112),
        Line(Kind.OBJECTIVE, "Know three triggers and have an answer to each", days=42),
        Line(Kind.INTERVENTION, "Cognitive behavioral therapy every week", modality="cbt", with_staff=True, days=112),
    ),
    (
        Line(Kind.PROBLEM, "Extract shots to get through the working day", diagnosis="F11.20"),
        Line(Kind.GOAL, "Work without extracts", "I want to look my team in the eye.", days=112),
        Line(Kind.OBJECTIVE, "A week without an extract, then a month", days=35),
        Line(Kind.INTERVENTION, "Group on relapse prevention", modality="group-therapy", with_staff=True, days=112),
    ),
    (
        Line(Kind.PROBLEM, "Kratom taken against pain, more than was planned", diagnosis="F11.20"),
        Line(
            Kind.GOAL, "Live with the pain and without kratom", "I want to carry my daughter up the stairs.", days=112
        ),
        Line(Kind.OBJECTIVE, "A plan for bad days that the whole team knows", days=28),
        Line(Kind.INTERVENTION, "Medical visits about the pain", modality="medication-visit", with_staff=True, days=56),
    ),
)
BESIDE: tuple[Branch, ...] = (
    (
        Line(Kind.PROBLEM, "Low mood and little sleep", diagnosis="F32.1", co_occurring=True),
        Line(Kind.GOAL, "Sleep through five nights of seven", days=56),
    ),
    (
        Line(Kind.PROBLEM, "Worry that comes in the evenings", diagnosis="F41.1", co_occurring=True),
        Line(Kind.GOAL, "An evening that does not need kratom", "Tea, a walk, then bed.", days=56),
    ),
)
HOPES: Mapping[str, tuple[str, ...]] = {
    "en": (
        "To be somebody my children can count on.",
        "To wake up without counting hours.",
        "To keep my job and stop hiding.",
        "To feel things again, the good ones too.",
    ),
    "es": ("Quiero estar presente para mi familia.", "Quiero dormir y trabajar sin kratom."),
}
RECOVERY: tuple[Branch, ...] = (
    (
        Line(Kind.TRIGGER, "Pay day, and the shop on the way home"),
        Line(Kind.WARNING_SIGN, "Skipping meals and not answering messages"),
        Line(Kind.COPING_STRATEGY, "Walk around the block, ten slow breaths, then call"),
        Line(Kind.PERSON_TO_CALL, "My sister, also at night", contact="+16175550187"),
        Line(Kind.DAILY_LIFE, "Breakfast every day, gym on two evenings"),
        Line(Kind.SUPPORT_GROUP, "SMART Recovery on Wednesdays"),
    ),
    (
        Line(Kind.TRIGGER, "Long drives with pain in the back"),
        Line(Kind.WARNING_SIGN, "Looking up shops on the phone"),
        Line(Kind.COPING_STRATEGY, "Stretch, warm shower, the list on the fridge"),
        Line(Kind.PERSON_TO_CALL, "An old friend from the band", contact="+13035550191"),
        Line(Kind.SOCIAL_NETWORK, "Sunday lunch with the neighbors"),
        Line(Kind.COMPLEMENTARY_THERAPY, "Yoga once a week", modality="yoga"),
    ),
)
SHORT_RECOVERY: tuple[Branch, ...] = (
    (
        Line(Kind.TRIGGER, "Evenings alone after a late shift"),
        Line(Kind.COPING_STRATEGY, "Put the phone away, make tea, go to bed"),
        Line(Kind.PERSON_TO_CALL, "My brother", contact="+13035550192"),
    ),
)
REVIEWED = (
    "Looked at together; stays as it is.",
    "Two goals are nearly met; the third takes longer, and that is fine.",
)

GROUP_NOTES = (
    "Triggers of the week, and what answered them. Practised saying no in pairs.",
    "High-risk evenings: planning the first hour after work.",
    "Urge surfing practised twice; three found it useful, others prefer to move.",
    "What friends may know, and how to say it.",
    "Sleep: what helped last week, one thing to try until the next time.",
)
TALK_NOTES = (
    "Worked through the week; one new answer to the drive home.",
    "Thought record begun; wants to bring two to the next time.",
    "Good week. Spoke about sleep and what to do at four in the morning.",
    "Hard week, came all the same. Plan for Friday evening agreed.",
    "Practised the telephone call to an old friend.",
    "",
)
WHY_NOT = ("A cold.", "Has to work longer.", "The bus did not run.", "A child is ill.", "Asked for another day.")
