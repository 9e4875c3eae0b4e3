"""The clinic's daily round: contacts that are due are made, with the luck one has with calls."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from random import Random

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.demo.panels import LIVER, SCREEN
from pathways.demo.people import Reach
from pathways.demo.players import Player
from pathways.demo.tales import KEPT_HERE
from pathways.demo.verbs import Later, hand_in, measured
from pathways.models import FollowUp
from pathways.rules.follow_ups import CallResult, Outcome

LATELY = timedelta(days=10)
"""In the last days before the load some contacts wait, so that Today has work to show."""
CALLED_BEFORE_THE_MESSAGE = {True: 0.35, False: 0.78}
"""How often somebody calls before the message goes, lately and before that: a year's mailbox stays readable."""
GIVEN_UP_AFTER = 6
PANELS = {"liver-and-ecg-at-intake": LIVER, "liver-and-ecg-again": LIVER, "therapy-screen": SCREEN}
"""What is measured when its contact is due; the contact is done with it."""
_CALLERS = (Role.COUNSELOR, Role.NURSE, Role.PEER_SUPPORTER, Role.CLINICIAN, Role.SUPERVISOR, Role.PROGRAM_MANAGER)
_NOTES = (
    "Doing well, sleeps better.", "Good and bad days; plan stays.", "Busy at work, wants evening calls.",
    "Asked about groups.", "Craving in the evenings, uses the breathing exercise.", "",
)  # fmt: skip


class Rounds:
    """One day's open contacts, read once at dawn, and worked site by site."""

    def __init__(self, players: Mapping[int, Player], on: date, today: date) -> None:
        self._players = players
        self._on = on
        self._today = today
        rows = FollowUp.objects.open().filter(due_on__lte=on).select_related("owner")
        self._rows = list(rows.order_by("due_at", "patient_id", "rule_key", "occurrence"))

    def has_work(self, site: Site) -> bool:
        return any(row.site_id == site.pk for row in self._rows)

    def morning(self, site: Site, now: datetime) -> None:
        """Before the messages go: some are called at once."""
        for row in self._rows:
            player = self._players[row.patient_id]
            due_here = row.site_id == site.pk and row.due_on == self._on and row.mode == "phone"
            if due_here and self._called_first(row, player):
                self._reached(row, player, player.chance(row.rule_key, self._on, "morning"), now)

    def afternoon(self, site: Site, now: datetime) -> Iterator[Later]:
        """What is still open by now: made, tried, waited for, given up with a note."""
        open_now = self._still_open(site)
        for row in self._rows:
            player = self._players[row.patient_id]
            if row.pk in open_now and not self._waits(row, player) and player.again.get(row.pk, now) <= now:
                yield from self._worked(row, player, now)

    def _worked(self, row: FollowUp, player: Player, now: datetime) -> Iterator[Later]:
        dice = player.chance(row.rule_key, row.due_on, self._on)
        days = (self._on - row.due_on).days
        if row.mode == "internal":
            yield from self._reviewed(row, player, dice, now)
        elif row.mode == "in_person":
            self._met(row, player, dice, now)
        elif row.instrument:
            yield from self._asked(row, player, dice, days, now)
        else:
            self._called(row, player, dice, days, now)

    def _still_open(self, site: Site) -> set[int]:
        here = [row.pk for row in self._rows if row.site_id == site.pk]
        return set(FollowUp.objects.open().filter(pk__in=here).values_list("pk", flat=True))

    def _called_first(self, row: FollowUp, player: Player) -> bool:
        if player.told.tale.loses_messages or player.told.person.reach is Reach.NO_CONSENT:
            return False
        lately = self._today - row.due_on < LATELY
        dice = player.chance(row.rule_key, row.due_on, "first")
        return dice.random() < CALLED_BEFORE_THE_MESSAGE[lately]

    def _waits(self, row: FollowUp, player: Player) -> bool:
        """Whether nobody gets to it: some people are hard to reach lately, some days too full."""
        if self._today - row.due_on >= LATELY:
            return False
        quiet = player.chance("quiet").random() < 0.16
        full = self._today - self._on <= timedelta(days=3) and player.chance(row.rule_key, self._on).random() < 0.25
        return quiet or full

    def _caller(self, row: FollowUp, player: Player) -> Actor:
        if row.owner is not None:
            return row.owner
        role = next((role for role in _CALLERS if role == row.owner_role), Role.COUNSELOR)
        return player.who(Role.COUNSELOR if role is Role.PROGRAM_MANAGER else role)

    def _reached(self, row: FollowUp, player: Player, dice: Random, now: datetime) -> None:
        need = dice.random() < 0.15 if row.purpose == "checkup" else None
        self._call(row, player, CallResult.REACHED, dice.choice(_NOTES), now, need=need)

    def _call(
        self, row: FollowUp, player: Player, result: CallResult, note: str, now: datetime, *, need: bool | None = None
    ) -> None:
        made = follow_ups.record_call(
            by=self._caller(row, player), now=now, follow_up_id=row.public_id, result=result, note=note, need=need
        )
        if made.try_again_at is not None:
            player.again[row.pk] = made.try_again_at

    def _called(self, row: FollowUp, player: Player, dice: Random, days: int, now: datetime) -> None:
        luck = dice.random()
        if days > GIVEN_UP_AFTER and luck < 0.4:
            self._close(row, player, Outcome.UNREACHABLE, "Called several times at other hours; letter sent.", now)
        elif luck < 0.70:
            self._reached(row, player, dice, now)
        elif luck < 0.81:
            self._call(row, player, CallResult.NO_ANSWER, "", now)
        elif luck < 0.92:
            self._call(row, player, CallResult.LEFT_MESSAGE, "Asked to call back.", now)
        elif luck < 0.94:
            self._call(row, player, CallResult.DECLINED, "Does not want a call this week.", now)

    def _met(self, row: FollowUp, player: Player, dice: Random, now: datetime) -> None:
        luck = dice.random()
        if luck < 0.8:
            self._close(row, player, Outcome.KEPT, "Came in.", now)
        elif luck < 0.92:
            follow_ups.reschedule(
                by=self._caller(row, player), now=now, follow_up_id=row.public_id, on=self._on + timedelta(days=2)
            )
        elif luck < 0.96:
            self._close(row, player, Outcome.DECLINED, "Prefers the telephone for now.", now)

    def _reviewed(self, row: FollowUp, player: Player, dice: Random, now: datetime) -> Iterator[Later]:
        """Looked at by the team; where it is a sample, taken on that day and seen with its result."""
        if dice.random() >= 0.7:
            return
        panel = PANELS.get(row.rule_key) if self._today - self._on < KEPT_HERE else None
        if panel is not None:
            yield from measured(panel, player, now, by=player.who(Role.NURSE))
        note = "Taken today; the result is in the record." if panel else "Reviewed with the team; goes on as planned."
        self._close(row, player, Outcome.KEPT, note, now)

    def _asked(self, row: FollowUp, player: Player, dice: Random, days: int, now: datetime) -> Iterator[Later]:
        """A form: most fill it in within two days, the others are called."""
        luck = dice.random()
        if luck < (0.5, 0.4, 0.3, 0.15)[min(days, 3)]:
            yield from hand_in(row.instrument, player, now)
        elif days > 9:
            self._close(row, player, Outcome.DECLINED, "Will fill it in at the next visit.", now)
        elif days > 3 and luck > 0.6:
            self._call(row, player, CallResult.LEFT_MESSAGE, "Asked to fill in the form.", now)

    def _close(self, row: FollowUp, player: Player, outcome: Outcome, note: str, now: datetime) -> None:
        follow_ups.close(by=self._caller(row, player), now=now, follow_up_id=row.public_id, outcome=outcome, note=note)
