"""Where the words of marks stand: no label touches another, no leader line runs through a label.

Exhaustive over the newest marks, least total cost first, so the outcome does not depend on anything but the facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pathways.rules.ribbon.course import Mark
from pathways.rules.ribbon.scale import CHAR

LANES = 4  # label lanes above the band
SHOWN = 6  # newest marks that may carry words; older ones stay as dots and in the list
GAP = 8  # px between two labels
INSET = 10  # px between a leader and the far end of its label, beyond the words
LONGEST = 46  # characters of a line
WITHOUT = 99  # cost of leaving the words out


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark and where its words go. `lane` is None where it keeps only its dot; 0 is the lane next to the band."""

    mark: Mark
    is_event: bool
    x: float
    date_words: str
    lane: int | None = None
    anchor: str = "start"

    @property
    def title(self) -> str:
        return shortened(self.mark.title, LONGEST - len(self.date_words))

    @property
    def reason(self) -> str:
        return shortened(self.mark.reason, LONGEST)

    @property
    def width(self) -> float:
        """Px the words take, with room between them and the leader."""
        longest = max(len(self.date_words) + 1 + len(self.title), len(self.reason))
        return longest * CHAR + INSET

    @property
    def left(self) -> float:
        return self.x - (self.width if self.anchor == "end" else 0)

    @property
    def right(self) -> float:
        return self.left + self.width


def shortened(words: str, longest: int) -> str:
    """The words, or as many of them as fit, with an ellipsis."""
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def place(marks: Sequence[Placed], right_edge: float) -> tuple[Placed, ...]:
    """The marks (in order of date) with lane and side chosen. Nothing with words lies beyond 0 and `right_edge`."""
    bare, newest = list(marks[:-SHOWN]), marks[-SHOWN:]
    options = [_options(mark, right_edge) for mark in newest]
    return tuple(bare + _Search(options).best)


def _options(mark: Placed, right_edge: float) -> list[tuple[int, Placed]]:
    sides = [("start", 0, mark.x + mark.width <= right_edge), ("end", 1, mark.x - mark.width >= 0)]
    found = [
        (lane * 2 + extra, replace(mark, lane=lane, anchor=anchor))
        for lane in range(LANES)
        for anchor, extra, fits in sides
        if fits
    ]
    return [*found, (WITHOUT, mark)]


def clash(one: Placed, other: Placed) -> bool:
    """Whether two labels touch, or the leader of one runs through the other."""
    if one.lane is None or other.lane is None:
        return False
    if one.lane == other.lane and one.left < other.right + GAP and other.left < one.right + GAP:
        return True
    return _crossed(one, other) or _crossed(other, one)


def _crossed(label: Placed, leader: Placed) -> bool:
    if leader.lane is None or label.lane is None or leader.lane < label.lane or leader.x == label.x:
        return False
    return label.left - 4 < leader.x < label.right + 2


class _Search:
    """Branch and bound: options come cheapest first, a branch that cannot beat the best is not walked."""

    def __init__(self, options: list[list[tuple[int, Placed]]]) -> None:
        self.options = options
        self.least = float("inf")
        self.best: list[Placed] = []
        self._walk([], 0)

    def _walk(self, chosen: list[Placed], cost: int) -> None:
        if cost >= self.least:
            return
        if len(chosen) == len(self.options):
            self.least, self.best = cost, list(chosen)
            return
        for price, option in self.options[len(chosen)]:
            if not any(clash(option, earlier) for earlier in chosen):
                self._walk([*chosen, option], cost + price)
