"""Rehearsals: a year by the verbs everybody uses, of which nothing stays, and in which nobody is stuck."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence
from pathways.actions import programs
from pathways.actions.rehearsals import Wanted, rehearse
from pathways.actions.rehearsals.players import play
from pathways.actions.rehearsals.runner import world_of
from pathways.actions.rehearsals.stage import place_of, take_turn
from pathways.actions.rehearsals.undone import undone
from pathways.models import Attempt, Enrollment, FollowUp, Program, ProgramVersion, Reminder
from pathways.programs.library import shipped
from pathways.queries.programs import document_of
from pathways.rehearsals.library import Preset, script_from, script_of
from pathways.rules.follow_ups import Outcome
from pathways.rules.gates import Criterion, GateFacts
from pathways.rules.gates.registry import FactKind
from pathways.rules.gates.verdicts import Finding, State
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.rehearsals import EntryKind, Rehearsal, Script, random_script
from patients.models import Patient
from tests.factories import clinic as make
from tests.factories import pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 1, 5)
A_SEASON, A_YEAR = 120, 365


@pytest.fixture
def manager(site: Site) -> Actor:
    return make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])


@pytest.fixture
def version() -> ProgramVersion:
    return pathways.program()


def rehearsed(
    manager: Actor, version: ProgramVersion, script: Script | str, *, days: int = A_SEASON, seed: int = 7
) -> Rehearsal:
    read = script_from(script) if isinstance(script, str) else script
    wanted = Wanted(read, seed, MONDAY, days)
    return rehearse(by=manager, now=NOW, version=version, site=manager.sites.get(), wanted=wanted)


def kinds_of(found: Rehearsal) -> list[MoveKind]:
    return [each.kind for each in found.happened.moves]


def outcomes_of(found: Rehearsal, rule_key: str) -> list[Outcome | None]:
    return [each.outcome for each in found.happened.contacts if each.rule_key == rule_key]


# -- nothing stays ----------------------------------------------------------------------------------------------------


def every_row() -> dict[str, list[tuple[Any, ...]]]:
    """Where every row of every table lies, who wrote it, and who changed or locked it last."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        found = {}
        for table in tables:
            cursor.execute(f'SELECT ctid::text, xmin::text, xmax::text FROM "{table}" ORDER BY ctid')
            found[table] = cursor.fetchall()
    return found


@pytest.mark.django_db(transaction=True)
def test_no_row_of_any_table_is_added_changed_or_locked(manager: Actor, site: Site, version: ProgramVersion) -> None:
    person = patients.patient(site, now=NOW, contact_points=[patients.phone()])
    pathways.enrolled(person, site=site, now=NOW)
    before = every_row()
    found = rehearsed(manager, version, script_of(Preset.RETURN_TO_USE))
    assert found.happened.messages
    assert before["pathways_reminder"]
    assert every_row() == before


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_no_row_that_somebody_holds(manager: Actor, site: Site, version: ProgramVersion) -> None:
    pathways.enrolled(patients.patient(site, now=NOW), site=site, now=NOW)
    with transaction.atomic():
        for model in (Site, Actor, Program, ProgramVersion, Patient, Enrollment, FollowUp):
            list(model.objects.select_for_update().values_list("pk"))
        assert rehearsed(manager, version, script_of(Preset.STEADY), days=40).happened.moves


def test_nothing_is_sent_and_everything_that_would_have_been_is_kept(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, script_of(Preset.STEADY), days=40)
    assert "we would like to hear from you" in " ".join(each.text for each in found.happened.messages)
    assert not mail.outbox
    assert not settings.MAILBOX_DIR.exists() or not list(settings.MAILBOX_DIR.glob("*.json"))
    assert not Attempt.objects.exists()
    assert not Reminder.objects.exists()


def test_what_is_refused_inside_leaves_no_trace_and_what_is_refused_outside_does(
    manager: Actor, version: ProgramVersion
) -> None:
    before = AuditEntry.objects.count()
    found = rehearsed(manager, version, script_of(Preset.STEADY), days=40)
    assert any(not each.met for each in found.happened.gates)
    assert AuditEntry.objects.count() == before
    with pytest.raises(Refused):
        rehearsed(manager, version, script_of(Preset.STEADY), days=7)
    assert AuditEntry.objects.filter(action="rehearsal.run", outcome="refused").count() == 1


def test_a_rehearsal_that_could_not_have_been_kept_is_a_fault(
    version: ProgramVersion, site: Site, manager: Actor
) -> None:
    def broken() -> None:
        world = world_of(manager.public_id, place_of(site), version.document, wanted())
        with allow_direct_writes():
            Patient.objects.filter(pk=world.stage.patient.pk).update(registered_by=-1)

    with pytest.raises(IntegrityError, match="foreign key"):
        undone(broken)
    assert not Patient.objects.exists()


def wanted(days: int = A_SEASON) -> Wanted:
    return Wanted(script_of(Preset.STEADY), 7, MONDAY, days)


# -- who may, and what for --------------------------------------------------------------------------------------------


def test_one_person_rehearses_once_at_a_time(manager: Actor, version: ProgramVersion) -> None:
    with transaction.atomic():
        take_turn(manager.public_id)
        with pytest.raises(Refused) as refused:
            rehearsed(manager, version, script_of(Preset.STEADY), days=30)
    assert (refused.value.code, refused.value.status) == ("rehearsal_running", 409)


def test_who_may_not_read_programs_does_not_rehearse_them(version: ProgramVersion, site: Site) -> None:
    stranger = make.actor(roles=[Role.PRIVACY_OFFICER], sites=[site])
    with pytest.raises(Refused) as refused:
        rehearsed(stranger, version, script_of(Preset.STEADY), days=30)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": 29}, "days"),
        ({"days": 731}, "days"),
        ({"seed": -1}, "seed"),
        ({"start_on": date(1999, 1, 1)}, "start_on"),
    ],
)
def test_what_is_out_of_range_is_refused_at_its_field(
    manager: Actor, version: ProgramVersion, changes: dict[str, Any], field: str
) -> None:
    given = {"script": script_of(Preset.STEADY), "seed": 7, "start_on": MONDAY, "days": 40}
    with pytest.raises(Refused) as refused:
        rehearse(by=manager, now=NOW, version=version, site=manager.sites.get(), wanted=Wanted(**(given | changes)))
    assert list(refused.value.fields) == [field]


def test_the_clock_of_a_foreign_site_is_not_lent(manager: Actor, version: ProgramVersion) -> None:
    with pytest.raises(Refused) as refused:
        rehearse(by=manager, now=NOW, version=version, site=make.site(), wanted=wanted())
    assert list(refused.value.fields) == ["site"]


def test_a_program_with_problems_is_not_rehearsed(manager: Actor, version: ProgramVersion) -> None:
    document = pathways.document()
    document["ladders"] = []
    version.document = document
    with pytest.raises(Refused) as refused:
        rehearsed(manager, version, script_of(Preset.STEADY), days=30)
    assert refused.value.code == "program_problems"


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_the_same_seed_and_script_give_the_same_rehearsal(manager: Actor, version: ProgramVersion) -> None:
    script = random_script(11, A_SEASON, document_of(version), "Random")
    first, second = (rehearsed(manager, version, script, seed=11) for _ in range(2))
    assert first == second
    assert rehearsed(manager, version, script, seed=12) != first


def test_somebody_steady_goes_through_every_phase_and_completes(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, script_of(Preset.STEADY), days=A_YEAR)
    assert kinds_of(found) == [MoveKind.ADMIT, MoveKind.ADVANCE, MoveKind.ADVANCE, MoveKind.DISCHARGE]
    assert found.status is EnrollmentStatus.COMPLETED
    assert all(each.days for each in found.phases)
    assert outcomes_of(found, "after-discharge")
    assert not found.could_not
    assert not found.stuck


def test_a_return_to_use_tightens_contact_and_leads_back(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, script_of(Preset.RETURN_TO_USE))
    assert MoveKind.STEP_BACK in kinds_of(found)
    assert len(outcomes_of(found, "after-return-to-use")) > 3
    assert [each.kind for each in found.happened.entries].count(EntryKind.EVENT) == 1
    assert any(stay.back for stay in found.courses[-1].stays)


def test_silence_climbs_every_step_until_a_person_ends_it(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, "title: Silent\nsilent: [{from_day: 1, until_day: 730}]\n", days=60)
    assert Outcome.UNREACHABLE in outcomes_of(found, "welcome")
    assert Outcome.REACHED not in found.by_outcome
    assert ("contact", 4) in found.happened.rungs
    assert not found.stuck


def test_somebody_who_went_silent_comes_back_into_a_second_enrollment(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, script_of(Preset.GOES_SILENT), days=160)
    assert kinds_of(found)[2:4] == [MoveKind.DISCHARGE, MoveKind.READMIT]
    assert len(found.courses) == 2


def test_an_answer_on_the_second_step_comes_there_and_not_before(manager: Actor, version: ProgramVersion) -> None:
    script = "title: Late\nreplies: {on_step: 2, declines: 0}\n"
    found = rehearsed(manager, version, script, days=40)
    # Whoever was spoken to for one contact is not written to for another, and nobody answers on its later steps.
    reached = [each.rung for each in found.happened.contacts if each.outcome is Outcome.REACHED]
    assert len(reached) > 1
    assert set(reached) == {1}


def test_a_pause_is_reviewed_and_ends_on_its_day(manager: Actor, version: ProgramVersion) -> None:
    script = "title: Away\nevents: [{what: hold, on_day: 20, until_day: 60, reason: work}]\n"
    found = rehearsed(manager, version, script)
    moves = {each.kind: (each.at.date() - MONDAY).days for each in found.happened.moves}
    assert (moves[MoveKind.HOLD], moves[MoveKind.RESUME]) == (20, 60)
    assert Outcome.KEPT in outcomes_of(found, "hold-review")


def test_who_never_settles_stays_where_they_are_with_the_reason(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, "title: Stays\nsettles: false\n", days=60)
    assert kinds_of(found) == [MoveKind.ADMIT]
    blocked = {each.key for asked in found.happened.gates for each in asked.hindrances}
    assert "withdrawal-settled" in blocked
    assert not found.stuck


def test_a_score_the_script_names_is_the_score_that_is_found(manager: Actor, version: ProgramVersion) -> None:
    script = "title: Sad\nanswers: [{instrument: phq9, totals: {total: 17}}]\n"
    found = rehearsed(manager, version, script, days=40)
    totals = [
        each.said.params["total"]
        for each in found.happened.entries
        if each.said.code == "rehearsal.form.total" and each.said.params["instrument"] == "phq9"
    ]
    assert set(totals) == {17}


def test_an_event_that_cannot_happen_is_told_and_nothing_breaks(manager: Actor, version: ProgramVersion) -> None:
    script = "title: Odd\nevents: [{what: step_back, on_day: 3}, {what: readmit, on_day: 5}]\n"
    found = rehearsed(manager, version, script, days=40)
    assert {each.code for each in found.could_not} == {"rehearsal.could_not.event", "rehearsal.could_not.readmit"}
    assert any(each.kind is EntryKind.TROUBLE for each in found.happened.entries)


def test_messages_are_in_the_language_of_the_patient(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, "title: En casa\nlanguage: es\n", days=40)
    assert any("Responda STOP" in each.text or "Llame" in each.text for each in found.happened.messages)


def test_contacts_keep_their_wall_time_when_the_clocks_change(manager: Actor, version: ProgramVersion) -> None:
    found = rehearsed(manager, version, script_of(Preset.STEADY))
    zone = manager.sites.get().zone
    weekly = [each for each in found.happened.contacts if each.rule_key == "therapy-weekly-check-in"]
    assert {each.due_at.astimezone(zone).hour for each in weekly} == {10}


# -- every kind of criterion ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unheard(FactKind):
    """A kind nobody plays."""

    KEY: ClassVar[str] = "unheard_of"

    def asks(self) -> Sentence:
        return sentence("gate.days.asks", days=3)

    def judge(self, facts: GateFacts) -> Finding:
        return Finding(State.UNMET, self.asks())


def test_a_kind_without_a_player_is_named_and_the_rest_goes_on(
    manager: Actor, site: Site, version: ProgramVersion
) -> None:
    def asked() -> list[str]:
        world = world_of(manager.public_id, place_of(site), version.document, wanted())
        gate = world.document.phases[0].exit
        assert gate is not None
        assert play(world, gate, Criterion("odd", Unheard())) is False
        return [each.code for each in world.not_done]

    assert undone(asked) == ["rehearsal.could_not.kind"]


def gated(*criteria: dict[str, Any]) -> dict[str, Any]:
    """The kratom program with another gate out of its first phase."""
    document = pathways.document()
    document["phases"][0]["exit"] = {
        "title": "Gate to Behavioral therapy",
        "criteria": [{"source": "local default", **each} for each in criteria],
    }
    return document


def test_every_kind_a_gate_may_ask_for_is_met_by_the_verbs_of_its_record(manager: Actor) -> None:
    document = gated(
        {"key": "screens", "kind": "observation_compared", "tests": ["mitragynine-screen"], "op": "negative", "last": 2,
         "hours_between": 24, "within_days": 14},
        {"key": "liver", "kind": "observation_compared", "tests": ["alt"], "op": "at_most", "times_upper_limit": 3,
         "within_days": 30},
        {"key": "sessions", "kind": "sessions_attended", "modalities": ["cbt"], "measure": "count", "at_least": 2},
        {"key": "minutes", "kind": "sessions_attended", "measure": "minutes", "at_least": 120, "within_days": 14},
        {"key": "goal", "kind": "plan_element", "plan": "care", "element": "goal", "state": "present"},
        {"key": "signed", "kind": "plan_element", "plan": "care", "element": "plan", "state": "signed"},
        {"key": "page", "kind": "plan_element", "plan": "recovery", "element": "trigger", "state": "complete"},
        {"key": "booked", "kind": "contact_booked", "what": ["session"], "modalities": ["cbt"], "within_days": 7},
        {"key": "consent", "kind": "consent_in_force", "purpose": "treatment"},
        {"key": "family", "kind": "consent_in_force", "purpose": "family_support", "recipient": "support_person"},
        {"key": "rated", "kind": "level_at_most", "level": "L1", "basis": "indicated", "within_days": 30},
    )  # fmt: skip
    version = programs.load(by=make.job(), now=NOW, document=document, publish=True)
    found = rehearsed(manager, version, "title: All\nsettles_after: 3\nattendance: 100\n", days=60)
    assert not found.could_not
    assert MoveKind.ADVANCE in kinds_of(found), [each.hindrances for each in found.happened.gates]
    assert [each.kind for each in found.happened.entries].count(EntryKind.SESSION) >= 2


# -- the property -----------------------------------------------------------------------------------------------------

SHIPPED = {each.name: each.document for each in shipped()}
PATIENTS = [(name, seed) for name in sorted(SHIPPED) for seed in range(50 // len(SHIPPED))]


@pytest.mark.parametrize(("name", "seed"), PATIENTS, ids=[f"{name} {seed}" for name, seed in PATIENTS])
def test_nobody_is_stuck_and_every_contact_ends_in_one_outcome(manager: Actor, name: str, seed: int) -> None:
    version = programs.load(by=make.job(), now=NOW, document=SHIPPED[name], publish=True)
    days = A_YEAR if seed == 0 else A_SEASON
    found = rehearsed(manager, version, random_script(seed, days, document_of(version), "Random"), days=days, seed=seed)
    assert not found.stuck
    assert kinds_of(found)[:1] == [MoveKind.ADMIT]
    ended = [each for each in found.happened.contacts if each.outcome is not None]
    assert all(each.closed_at is not None for each in ended)
    long_over = datetime.combine(MONDAY, time(), UTC) + timedelta(days=days - 14)
    assert all(each.outcome is not None for each in found.happened.contacts if each.gives_up_at < long_over)
