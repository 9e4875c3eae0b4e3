"""Answers that come to a wanted score: what somebody would have ticked."""

from collections.abc import Mapping, Sequence
from random import Random

from patients.instruments import definition
from patients.rules.instruments import Definition, Item
from patients.rules.scoring.visibility import drop_hidden

# Items that would raise a flag of their own, or hide others, are held unless the story says otherwise.
_HELD: dict[str, Mapping[str, int]] = {
    "cows": {"cows_1": 1},
    "sows": {"sows_16": 1},
    "phq9": {"phq9_9": 0},
    "bam": {"bam_4": 0, "bam_5": 0},
    "auditc": {"auditc_3": 0},
}
_BANDS: dict[str, Mapping[str, int]] = {
    "none": {"cssrs_1": 0, "cssrs_2": 0, "cssrs_6": 0},
    "low": {"cssrs_1": 1, "cssrs_2": 0, "cssrs_6": 0},
    "moderate": {"cssrs_1": 1, "cssrs_2": 1, "cssrs_3": 1, "cssrs_4": 0, "cssrs_5": 0, "cssrs_6": 0},
    "high": {"cssrs_1": 1, "cssrs_2": 1, "cssrs_3": 1, "cssrs_4": 1, "cssrs_5": 0, "cssrs_6": 0},
}


def answers(
    instrument: str, wanted: Mapping[str, int], rng: Random, *, held: Mapping[str, int] | None = None
) -> dict[str, object]:
    """A complete form whose scores are those wanted, or the nearest that can be had. `held`: points of single items."""
    form = definition(instrument)
    points = {**_HELD.get(instrument, {}), **(held or {})}
    for score in form.scoring.scores:
        items = [form.item(key) for key in score.items]
        points |= _spread(items, wanted.get(score.key, score.minimum), points, rng)
    return _as_given(form, points)


def suicide_screen(band: str) -> dict[str, object]:
    """The answers of a screen that comes to a triage band."""
    return _as_given(definition("cssrs_screen"), _BANDS[band])


def use_profile(severity: float, day: int, rng: Random, *, held: Mapping[str, int] | None = None) -> dict[str, object]:
    """What somebody uses, `day` days after they came: less and less."""
    product = rng.choice((0, 0, 1, 1, 2, 3, 3))
    using = max(0.0, 1 - day / 20)
    numbers = {
        "kup_grams_day": round((6 + 34 * severity) * using),
        "kup_doses_day": round((2 + 8 * severity) * using),
        "kup_days_30": max(0, 30 - day) if day < 60 else 0,
        "kup_hours_last": rng.choice((8, 14, 20, 30)) + 24 * day,
        "kup_months": rng.randrange(4, 60),
    }
    ticks = {
        "kup_product": product, "kup_co_opioid": 0, "kup_co_benzo": 0, "kup_co_alcohol": 0, "kup_pregnant": 0,
        "kup_liver_sx": 0, "kup_seizure": 0,
    }  # fmt: skip
    return {**numbers, **_as_given(definition("kratom_use_profile"), {**ticks, **(held or {})})}


def _as_given(form: Definition, points: Mapping[str, int]) -> dict[str, object]:
    """Points as the codes of their options, without what is not asked."""
    given = {key: _code(form.item(key), value) for key, value in points.items()}
    return drop_hidden(form, given)


def _code(item: Item, value: int) -> str | int:
    return next(option.code for option in item.options if option.value == value)


def _spread(items: Sequence[Item], total: int, held: Mapping[str, int], rng: Random) -> dict[str, int]:
    """Points per item that add up to the total, or to the nearest sum the options allow."""
    order = list(items)
    rng.shuffle(order)
    choices = [[held[item.key]] if item.key in held else [option.value for option in item.options] for item in order]
    reachable = _sums(choices)
    left = min(reachable[0], key=lambda each: (abs(each - total), each))
    found = {}
    for place, item in enumerate(order):
        fitting = [value for value in choices[place] if left - value in reachable[place + 1]]
        found[item.key] = rng.choice(fitting)
        left -= found[item.key]
    return found


def _sums(choices: Sequence[Sequence[int]]) -> list[frozenset[int]]:
    """At each place, the sums the items from there on can come to."""
    reachable = [frozenset({0})]
    for values in reversed(choices):
        reachable.insert(0, frozenset(value + rest for value in values for rest in reachable[0]))
    return reachable
