"""Each step of a story as calls of the product's actions, at the story's own time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from pathways.demo import steps
from pathways.demo.players import Player
from pathways.demo.verbs import arriving, finding, meeting, moving, planning, waiting
from pathways.demo.verbs.finding import hand_in, measured
from pathways.demo.verbs.later import Later
from pathways.demo.verbs.planning import look_again

__all__ = ["Later", "hand_in", "look_again", "measured", "perform"]

_VERBS: dict[type[steps.Step], Callable[[Any, Player, datetime], Iterator[Later]]] = {
    steps.Register: arriving.register,
    steps.SignConsent: arriving.sign_consent,
    steps.RevokeConsent: arriving.revoke_consent,
    steps.TakeIntake: finding.take_intake,
    steps.Find: finding.find,
    steps.Measure: finding.measure,
    steps.Rate: moving.rate,
    steps.Enroll: moving.enroll,
    steps.Attest: moving.attest,
    steps.Advance: moving.advance,
    steps.AskOverride: moving.ask_override,
    steps.Return: moving.tell_return,
    steps.Assign: moving.assign,
    steps.StepBack: moving.step_back,
    steps.Hold: moving.hold,
    steps.Resume: moving.resume,
    steps.Discharge: moving.discharge,
    steps.Readmit: moving.readmit,
    steps.TransferProgram: moving.transfer_program,
    steps.TransferLevel: moving.transfer_level,
    steps.AdaptFollowUp: moving.adapt_follow_up,
    steps.WritePlan: planning.write_plan,
    steps.Meet: meeting.meet,
    steps.Propose: waiting.propose,
    steps.PutOnWaitlist: waiting.put_on_waitlist,
    steps.OfferPlace: waiting.offer_place,
    steps.AcceptPlace: waiting.accept_place,
}


def perform(step: steps.Step, player: Player, now: datetime) -> list[Later]:
    """Play one step; returns what follows from it later."""
    return list(_VERBS[type(step)](step, player, now))
