"""The way of everybody on the lines that are shown, small, with its words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pathways.queries.courses import courses, place_words
from pathways.queries.enrollments import newest_to_draw, next_decisions
from pathways.queries.worklist import Owed
from pathways.rules.worklist import Line
from pathways.web.lines.reader import Reader, Shown


@dataclass(frozen=True, slots=True)
class Drawn:
    """What stands beside each line, by person (row id)."""

    paths: Mapping[int, Shown]

    def of(self, line: Line, owed: Owed) -> Shown:
        """The way of the line's person; nothing where there is none."""
        patient = owed.entries[line.key].patient
        return self.paths.get(patient, NOWHERE) if patient is not None else NOWHERE


NOWHERE: Shown = {"course": None, "path": ""}


def draw(lines: Iterable[Line], owed: Owed, reader: Reader) -> Drawn:
    """The courses of everybody on these lines: the same queries for any number of them."""
    rows = newest_to_draw(list(owed.people(lines)))
    decisions = next_decisions(rows, now=reader.now)
    drawn = courses(rows, decisions, now=reader.now, language=reader.language)
    return Drawn(
        {
            row.patient_id: {
                "course": drawn.get(row.pk),
                "path": place_words(row, drawn.get(row.pk), decisions.get(row.pk), reader.language),
            }
            for row in rows
        }
    )
