"""Forms and measurements: recorded, and what they raise seen to in time."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import findings
from pathways.demo import steps
from pathways.demo.answers import answers, suicide_screen, use_profile
from pathways.demo.panels import LABORATORIES, VITALS, entries
from pathways.demo.players import Player
from pathways.demo.verbs.later import Later
from patients.actions import flags, intakes, observations
from patients.actions.observations import Collection
from patients.models import SafetyFlag

URGENT = ("urgent", "emergency")
_SECTION_MINUTES = timedelta(minutes=4)
_DONE = {
    "emergency": "Seen at once by the physician; safety plan written, means put away, family informed with consent.",
    "urgent": "Seen the same day; plan for tonight agreed, telephone number of the crisis line given.",
    "warning": "Talked through at the next contact; noted in the plan.",
    "info": "Noted.",
}
_MEASURED = {
    "emergency": "Seen at once by the physician, brought to the hospital with a call ahead.",
    "urgent": "Measured again after an hour of rest and seen by the physician the same day; settled.",
    "warning": "Seen by the physician; measured again in two weeks, nothing else taken that burdens the liver.",
    "info": "Noted; asked for again at the next visit.",
}
_TODAY = "Called back within the hour and looked at together; nothing that cannot wait for the next visit."


def take_intake(step: steps.TakeIntake, player: Player, now: datetime) -> Iterator[Later]:
    by = player.who(Role.CLINICIAN)
    intake = intakes.open_intake(patient=player.row, by=by, now=now)
    for instrument in step.sections:
        now += _SECTION_MINUTES
        given = _form(instrument, player, now, held=step.held.get(instrument, {}), band=step.risk)
        findings.save_draft(
            patient=player.row, instrument=instrument, answers=given, expected_version=None, intake=intake,
            by=by, now=now,
        )  # fmt: skip
    if not step.signed:
        return
    now += _SECTION_MINUTES
    signed = findings.sign_intake(intake=intake, expected_version=intake.version, by=by, now=now)
    raised = [each.public_id for each in signed.assessments if each.alerts]
    yield from _answered(raised, player, now, keep=False)


def find(step: steps.Find, player: Player, now: datetime) -> Iterator[Later]:
    by = player.who(Role.NURSE if step.instrument in ("cows", "sows") else Role.COUNSELOR)
    given = _form(
        step.instrument, player, now, held=step.held, band=step.band, settled=step.settled, scores=step.scores
    )
    made = findings.record_assessment(
        patient=player.row, instrument=step.instrument, answers=given, effective_at=now, by=by, now=now
    )
    yield from _answered([made.public_id] if made.alerts else [], player, now, keep=step.keep)


def measure(step: steps.Measure, player: Player, now: datetime) -> Iterator[Later]:
    yield from measured(step.panel, player, now, by=player.who(Role.NURSE), values=step.values, keep=step.keep)


def measured(
    panel: str, player: Player, now: datetime, *, by: Actor, values: Mapping[str, int] | None = None, keep: bool = False
) -> list[Later]:
    """A panel is taken and comes back the same day; what it warns of is seen to."""
    on = now.astimezone(player.zone).date()
    how = Collection() if panel == VITALS else Collection(laboratory=LABORATORIES[player.site.code], resulted_on=on)
    rows = observations.record_panel(
        patient=player.row, effective_at=now, entries=entries(panel, player.course, on, values or {}), by=by, now=now,
        collection=how, site=player.site,
    )  # fmt: skip
    return list(_answered([each.public_id for each in rows], player, now, keep=keep))


def hand_in(instrument: str, player: Player, now: datetime) -> list[Later]:
    """A questionnaire the person fills in by themselves; it comes in through the API."""
    made = findings.record_assessment(
        patient=player.row, instrument=instrument, answers=_form(instrument, player, now), effective_at=now,
        by=player.stage.client, now=now,
    )  # fmt: skip
    return list(_answered([made.public_id] if made.alerts else [], player, now, keep=False))


def _form(instrument: str, player: Player, now: datetime, **wanted: Any) -> dict[str, object]:
    on = now.astimezone(player.zone).date()
    rng = player.chance(instrument, on)
    course = player.course
    if instrument == "cssrs_screen":
        return suicide_screen(wanted.get("band", "none"))
    if instrument == "kratom_use_profile":
        return use_profile(course.severity, (on - course.began).days, rng, held=wanted.get("held"))
    scores = {**course.scores(instrument, on, settled=wanted.get("settled", False)), **wanted.get("scores", {})}
    return answers(instrument, scores, rng, held=wanted.get("held"))


def _answered(sources: Iterable[UUID], player: Player, now: datetime, *, keep: bool) -> Iterator[Later]:
    """Somebody sees to what was raised: at once where it is urgent, within days where it is not."""
    ids = list(sources)
    raised = SafetyFlag.objects.filter(source_id__in=ids, closed_at__isnull=True) if ids else []
    for flag in sorted(raised, key=lambda each: (each.severity, each.alert_key)):
        if not (keep and flag.severity in URGENT):
            yield now + _seen_to_after(flag, player), partial(_close, flag.pk, player)


def _seen_to_after(flag: SafetyFlag, player: Player) -> timedelta:
    if flag.severity in URGENT:
        return timedelta(minutes=40)
    return timedelta(days=player.chance(flag.alert_key).randint(1, 3), minutes=35)


def _close(flag_id: int, player: Player, now: datetime) -> None:
    flag = SafetyFlag.objects.select_related("patient").get(pk=flag_id)
    by = player.who(Role.CLINICIAN if flag.severity in URGENT else Role.COUNSELOR)
    if flag.severity in URGENT:
        flag = flags.take(flag=flag, expected_version=flag.version, by=by, now=now)
        now += timedelta(minutes=30)
    if flag.observation_id is not None:
        done = _MEASURED[flag.severity]
    else:
        done = _TODAY if player.chance(flag.alert_key, "done").random() < 0.3 else _DONE[flag.severity]
    flags.close(flag=flag, expected_version=flag.version, action_taken=done, by=by, now=now)
