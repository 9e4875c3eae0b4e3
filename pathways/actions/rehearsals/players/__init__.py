"""Who does what a gate asks for, in a rehearsal: for each kind of criterion one player, by the verbs everybody uses.

A kind without a player is named under what the rehearsal could not do. What is measured comes out as the gate asks only
once the script says that things have settled; before that it is not taken again and again to no purpose.
"""

from pathways.actions.rehearsals.players import findings, plans, sessions, words
from pathways.actions.rehearsals.players.registry import play, reason_of

__all__ = ["findings", "plans", "play", "reason_of", "sessions", "words"]
