"""What comes back by e-mail: what people write, what machines write, and what could not be delivered."""

from pathways.rules.mail.bounces import Bounce, DsnAction, bounce_in
from pathways.rules.mail.reading import LONGEST_LETTER, Letter, letter_in, opened
from pathways.rules.mail.statuses import about_address, status_in

__all__ = [
    "LONGEST_LETTER",
    "Bounce",
    "DsnAction",
    "Letter",
    "about_address",
    "bounce_in",
    "letter_in",
    "opened",
    "status_in",
]
