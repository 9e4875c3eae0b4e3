"""The same picture in words: the accessible name, and the visible "Pathway as a list"."""

from collections.abc import Iterator
from datetime import date

from pathways.rules.ribbon.course import Course, Stay
from pathways.rules.ribbon.words import ENGLISH, Words


def text(course: Course, words: Words = ENGLISH) -> str:
    """The whole course in sentences: stays, holds, returns to use, end or next gate."""
    return ". ".join(lines(course, words)) + "."


def lines(course: Course, words: Words = ENGLISH) -> tuple[str, ...]:
    """The sentences of `text`, one each, without a full stop."""
    said = [_stay(course, words, index) for index in range(len(course.stays))]
    said += _holds(course, words)
    for event in course.events:
        said.append(f"{_day(course, words, event.on)}: {event.title}" + (f", {event.reason}" if event.reason else ""))
    if course.closed:
        said.append(words.ended.format(on=_day(course, words, course.closed)))
    elif course.gate:
        said.append(_gate(course, words))
    return tuple(line.rstrip(". ") for line in said)


def _day(course: Course, words: Words, day: date) -> str:
    """Years are written only where the reader could doubt them."""
    return words.on(day, year=day.year != course.today.year)


def _stay(course: Course, words: Words, index: int) -> str:
    stay: Stay = course.stays[index]
    pattern = words.stay_back if course.is_back(index) else words.stay
    last = course.end_of(stay)
    return pattern.format(
        start=_day(course, words, stay.start),
        end=words.until_today if course.lives(stay) else _day(course, words, last),
        phase=course.phases[stay.phase].name,
        length=words.length((last - stay.start).days),
    )


def _holds(course: Course, words: Words) -> Iterator[str]:
    for hold in course.holds:
        end = _day(course, words, hold.end or course.last_day)
        open_end = hold.end is None and course.closed is None
        start = _day(course, words, hold.start)
        yield words.hold.format(start=start, end=words.until_today if open_end else end)


def _gate(course: Course, words: Words) -> str:
    gate = course.gate
    if gate is None:
        raise ValueError("no gate to speak of")
    pattern = words.gate_finish if gate.to is None else words.gate_to
    phase = "" if gate.to is None else course.phases[gate.to].name
    said = pattern.format(phase=phase, met=gate.met, of=gate.of)
    return f"{said}; {gate.line}" if gate.line else said
