"""The pathway ribbon: a patient's course of care as one picture, drawn to scale (look.md, "The ribbon").

Pure: facts in, one SVG out, no clock and no randomness; the same facts give the same bytes. Horizontal positions are
percentages and vertical ones pixels, so text never scales and the server need not know the width of the screen. No
style attribute is written (strict Content-Security-Policy): colour comes from classes in `app.css`.
"""

from pathways.rules.ribbon.course import Course, Gate, Hold, Level, Mark, Phase, Stay
from pathways.rules.ribbon.full import full
from pathways.rules.ribbon.row import row
from pathways.rules.ribbon.sentences import text
from pathways.rules.ribbon.words import ENGLISH, SPANISH, Words, words_in

__all__ = ["ENGLISH", "SPANISH", "Course", "Gate", "Hold", "Level", "Mark", "Phase", "Stay", "Words", "full", "row",
           "text", "words_in"]  # fmt: skip
