"""The demonstration clinic: what it promises is there, made by the product itself, and nothing real was touched."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings

from clinic.actions import deliveries, practice
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, DeliveryArming, Installation, Site
from clinic.queries.installation import latch_open
from clinic.rules.roles import Role
from pathways.delivery.mailbox.reading import read
from pathways.demo.arcs import CASELOAD, ESSENTIAL, deal
from pathways.demo.loading import load, moment_of
from pathways.demo.steps import EARLY, INTENSIVE, OUTPATIENT
from pathways.management.commands.load_demo import PATIENTS
from pathways.models import (
    Attempt,
    Attendance,
    CallResult,
    Capacity,
    Enrollment,
    FollowUp,
    LevelOfCareAssessment,
    LevelTransfer,
    OverrideRequest,
    PhaseStay,
    PlaceOffer,
    Plan,
    PlanElement,
    ProgramVersion,
    Reminder,
    ReturnToUse,
    RuleAdaptation,
    Session,
    Transition,
    WaitlistEntry,
)
from pathways.queries.capacity import places_at
from pathways.queries.programs import draft_of
from pathways.queries.providers import live
from pathways.queries.worklist import owed
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.worklist import LineGroup
from patients.models import Assessment, Consent, ContactPoint, Observation, Patient, SafetyFlag
from tests.delivery.mail_server import MailServer
from tests.delivery.provider import ACCOUNT, TOKEN, Provider
from tests.factories import clinic as make

TODAY = date(2026, 6, 17)
NOW = moment_of(TODAY)
SEED = 7


class Loaded:
    """The demonstration as the command left it, beside the hash of an earlier loading and two real providers."""

    def __init__(self, var: Path, letters: MailServer, texts: Provider) -> None:
        self.var, self.letters, self.texts = var, letters, texts
        self.secrets: dict[str, Any] = {}
        self.told_before: list[tuple[Any, ...]] = []


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Loaded]:
    """Loaded twice, and taken back at the end; every real channel is there to be misused."""
    var = tmp_path_factory.mktemp("var")
    with MailServer() as letters, Provider() as texts, django_db_blocker.unblock():
        real = {
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": letters.port, "SMTP_SECURITY": "none", "SMTP_FROM": "a@example.org",
            "SMS_URL": texts.base_url, "SMS_ACCOUNT": ACCOUNT, "SMS_TOKEN": TOKEN, "SMS_FROM": "+12025550199",
            "LIVE_DELIVERY": str(Installation.objects.get().installation_id),
        }  # fmt: skip
        loaded = Loaded(var, letters, texts)
        with override_settings(VAR_DIR=var, MAILBOX_DIR=var / "mailbox", **real), transaction.atomic():
            before = transaction.savepoint()
            load(moment=NOW, patients=len(ESSENTIAL), seed=SEED, mailbox=var / "first")
            loaded.told_before = _story()
            transaction.savepoint_rollback(before)
            call_command("load_demo", patients=len(ESSENTIAL), seed=SEED, today=TODAY, stdout=StringIO())
            loaded.secrets = json.loads((var / "demo-secrets.json").read_text())
            yield loaded
            transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


def _story() -> list[tuple[Any, ...]]:
    """Everything that happened, without the ids that differ from loading to loading."""
    who = ("given_name", "family_name")
    of_patient = [f"patient__{name}" for name in who]
    of_enrollment = [f"enrollment__patient__{name}" for name in who]
    rows = [
        *Patient.objects.values_list(*who, "birth_date", "registered_at"),
        *Assessment.objects.values_list(*of_patient, "instrument", "effective_at", "total", "recorded_by__name"),
        *SafetyFlag.objects.values_list(*of_patient, "alert_key", "raised_at", "closed_at", "closed_by__name"),
        *Transition.objects.values_list(*of_enrollment, "kind", "effective_at", "to_phase__key", "reason"),
        *FollowUp.objects.values_list(*of_patient, "rule_key", "occurrence", "due_at", "outcome", "closed_at", "rung"),
        *CallResult.objects.values_list(*(f"follow_up__{name}" for name in of_patient), "result", "made_at"),
        *Reminder.objects.values_list(*(f"follow_up__{name}" for name in of_patient), "due_at", "channel", "status"),
        *Attendance.objects.values_list(*of_patient, "starts_at", "session__modality", "status", "minutes"),
        *Observation.objects.values_list(*of_patient, "code", "effective_at", "quantity", "result"),
        *PlanElement.objects.values_list(*(f"plan__{name}" for name in of_patient), "kind", "text", "position"),
        *Consent.objects.values_list(*of_patient, "kind", "effective_at", "revoked_at"),
    ]
    return sorted(tuple(map(str, row)) for row in rows)


def test_the_same_seed_and_day_tell_the_same_story(demo: Loaded) -> None:
    assert demo.told_before == _story()


def test_another_seed_tells_another_story() -> None:
    one, other = (deal(30, seed=seed, today=TODAY) for seed in (7, 8))
    assert [each.person.given_name for each in one] != [each.person.given_name for each in other]


def test_all_the_people_are_different_and_every_way_is_gone() -> None:
    told = deal(PATIENTS, seed=SEED, today=TODAY)
    people = [each.person for each in told]
    assert len({(each.given_name, each.family_name) for each in people}) == PATIENTS
    assert len({each.birth_date for each in people}) == PATIENTS
    assert len({point.address for each in people for point in each.points if point.channel == "sms"}) > PATIENTS / 2
    assert {each.arc for each in told} == {each.key for each in (*ESSENTIAL, *CASELOAD)}


def test_every_phase_and_every_kind_of_move_is_there() -> None:
    open_now = Enrollment.objects.filter(current_phase__isnull=False)
    assert set(open_now.values_list("current_phase__key", flat=True)) == {
        "assessment-and-stabilization", "behavioral-therapy", "aftercare"
    }  # fmt: skip
    assert set(Enrollment.objects.values_list("status", flat=True)) == {each.value for each in EnrollmentStatus}
    kinds = set(Transition.objects.values_list("kind", flat=True))
    assert kinds >= {each.value for each in MoveKind} - {"adopt_version", "reverse"}
    assert {"completed", "lost_contact"} <= set(Transition.objects.values_list("reason", flat=True))
    assert Transition.objects.filter(kind="step_back", reason="return_to_use").exists()
    assert ReturnToUse.objects.filter(effective_at__gt=NOW - timedelta(days=14)).exists()


def test_people_are_in_three_programs_and_came_through_their_entry_gates() -> None:
    running = Enrollment.objects.filter(current_phase__isnull=False)
    assert set(running.values_list("program__key", flat=True)) == {OUTPATIENT, INTENSIVE, EARLY}
    for move in Transition.objects.filter(kind="admit"):
        assert move.decision["met"] is True, move.decision


def test_somebody_went_on_in_another_program_at_the_same_moment() -> None:
    row = Enrollment.objects.get(transferred_from__isnull=False)
    assert row.transferred_from is not None
    assert (row.transferred_from.program.key, row.program.key) == (OUTPATIENT, INTENSIVE)
    assert row.transferred_from.ended_at == row.admitted_at


def test_a_return_to_use_says_what_happened() -> None:
    assert not ReturnToUse.objects.filter(substance="").exists()
    assert not ReturnToUse.objects.filter(circumstances=[]).exists()


def test_sessions_are_behind_and_ahead_and_some_did_not_come() -> None:
    assert set(Session.objects.filter(ends_at__lt=NOW).values_list("kind", flat=True)) >= {"individual", "group"}
    assert Session.objects.filter(starts_at__gt=NOW, status="booked").exists()
    assert Session.objects.filter(series__isnull=False, room__isnull=False).exists()
    assert set(Attendance.objects.values_list("status", flat=True)) >= {
        "attended", "no_show", "cancelled_by_patient", "booked"
    }  # fmt: skip
    waiting = Session.objects.filter(ends_at__lt=NOW, documented_at__isnull=True).exclude(status="cancelled")
    assert {(each.modality, each.site.code) for each in waiting} == {("psychoeducation", "riverbend")}


def test_what_was_measured_speaks_of_kratom_liver_and_heart_and_one_value_is_being_seen_to() -> None:
    codes = set(Observation.objects.values_list("code", flat=True))
    assert codes >= {"mitragynine-screen", "alt", "qtc", "heart-rate", "blood-pressure-systolic"}
    assert set(Observation.objects.filter(code="mitragynine-screen").values_list("result", flat=True)) == {
        "positive", "negative"
    }  # fmt: skip
    raised = SafetyFlag.objects.get(observation__isnull=False, alert_key="heart_rate_high")
    assert raised.closed_at is None


def test_plans_are_signed_by_both_by_one_and_for_both_kinds() -> None:
    assert set(Plan.objects.values_list("kind", flat=True)) == {"care", "recovery"}
    signers = [set(each.signatures.values_list("signer", flat=True)) for each in Plan.objects.all()]
    assert {"patient", "staff"} in signers
    assert {"staff"} in signers
    assert PlanElement.objects.filter(kind="intervention", parent__kind="objective").exists()


def test_consents_to_tell_others_are_in_force_and_one_was_taken_back() -> None:
    assert Consent.objects.filter(kind="tpo", revoked_at__isnull=True).count() > 5
    assert Consent.objects.filter(kind="specific", revoked_at__isnull=False).exists()


def test_every_place_is_taken_or_held_and_somebody_waits() -> None:
    row = Capacity.objects.get(program__key=INTENSIVE, ends_on__isnull=True)
    places = places_at(row.site, row.program, row.level, now=NOW)
    assert places is not None
    assert (places.number, places.taken, places.held, places.free) == (3, 2, 1, 0)
    assert set(WaitlistEntry.objects.values_list("status", flat=True)) == {"admitted", "offered", "waiting"}
    assert PlaceOffer.objects.filter(answer="", expires_at__gt=NOW).count() == 1


def test_a_level_was_changed_and_a_rule_adapted_with_their_reasons() -> None:
    told = LevelTransfer.objects.exclude(reason="rated_anew", assessment__isnull=False)
    assert told.exists() and not told.filter(note="").exists()
    assert LevelTransfer.objects.exists()
    assert RuleAdaptation.objects.filter(ends_on__gte=TODAY, ended_at__isnull=True).exclude(reason="").exists()


def test_a_draft_waits_in_the_studio_with_one_thing_to_put_right() -> None:
    draft = ProgramVersion.objects.get(status="draft")
    assert draft.program.key == OUTPATIENT
    assert [each.sentence.code for each in draft_of(draft).problems] == ["program.problem.no_such_ladder"]
    assert draft.based_on is not None
    assert draft.based_on.is_current
    assert draft.document != draft.based_on.document


def test_moves_rest_on_gates_that_were_met() -> None:
    for move in Transition.objects.filter(kind="advance"):
        assert move.decision["met"] is True, move.decision
    assert Transition.objects.filter(override__isnull=False, cosigned_by__isnull=False).exists()


def test_signatures_are_owed_and_were_given() -> None:
    assert OverrideRequest.objects.filter(cosigned_at__isnull=True, expires_at__gt=NOW).count() == 1
    waiting = LevelOfCareAssessment.objects.filter(needs_second_signature=True, cosigned_at__isnull=True)
    assert waiting.filter(decided_at__isnull=False).count() == 1
    assert LevelOfCareAssessment.objects.exclude(decided_level="").count() >= 11


def test_flags_are_open_and_closed_with_what_was_done() -> None:
    open_now = SafetyFlag.objects.filter(closed_at__isnull=True)
    assert open_now.filter(severity="emergency").count() == 1
    assert open_now.filter(severity="urgent").exists()
    assert not SafetyFlag.objects.filter(closed_at__isnull=False, action_taken="").exists()
    assert SafetyFlag.objects.filter(closed_at__isnull=False).count() > open_now.count()


def test_calls_ended_in_every_way_and_some_contacts_are_late() -> None:
    assert {"reached", "no_answer", "left_message"} <= set(CallResult.objects.values_list("result", flat=True))
    assert FollowUp.objects.open().filter(due_on__lt=TODAY - timedelta(days=2)).exists()


def test_messages_were_sent_held_back_and_lost_sight_of(demo: Loaded) -> None:
    statuses = set(Reminder.objects.values_list("status", flat=True))
    assert statuses >= {"planned", "delivered", "suppressed", "uncertain", "cancelled"}
    assert not statuses & {"leased", "sending", "failed"}
    consent = Reminder.objects.filter(status="suppressed", status_code="reminder.suppressed.consent")
    assert consent.exists()
    letters = read(demo.var / "mailbox", limit=1_000)
    assert len(letters) == Reminder.objects.filter(status="delivered").count() > 20
    assert all(each.delivered_at <= NOW for each in letters)


def test_every_phase_stay_follows_from_the_transitions() -> None:
    for enrollment in Enrollment.objects.filter(admitted_at__isnull=False):
        stays = PhaseStay.objects.filter(enrollment=enrollment).order_by("started_at")
        assert [(each.phase_id, each.started_at, each.ended_at) for each in stays] == _stays_of(enrollment)
        last = stays.last()
        assert enrollment.current_phase_id == (last.phase_id if last and last.ended_at is None else None)


def _stays_of(enrollment: Enrollment) -> list[tuple[Any, ...]]:
    """Entering a phase ends the one before; a discharge ends the last; holds stay where they are."""
    stays: list[list[Any]] = []
    for move in enrollment.transitions.order_by("effective_at", "id"):
        if move.kind in ("hold", "resume"):
            continue
        if stays:
            stays[-1][2] = move.effective_at
        if move.to_phase_id:
            stays.append([move.to_phase_id, move.effective_at, None])
    return [tuple(each) for each in stays]


def test_every_follow_up_has_at_most_one_outcome() -> None:
    ended: dict[int, int] = defaultdict(int)
    for call in CallResult.objects.filter(result__in=["reached", "declined"], undone_at__isnull=True):
        ended[call.follow_up_id] += 1
    assert set(ended.values()) == {1}
    assert not FollowUp.objects.filter(outcome="", pk__in=ended).exists()
    of_contacts = Reminder.objects.filter(status="planned", follow_up__isnull=False)
    assert not of_contacts.exclude(follow_up__outcome="").exists()


def test_nothing_happened_after_now_or_by_nobody() -> None:
    assert not AuditEntry.objects.filter(recorded_at__gt=NOW, actor__kind="staff").exists()
    assert not AuditEntry.objects.filter(actor__isnull=True).exists()
    assert not Assessment.objects.filter(recorded_at__gt=NOW).exists()
    assert not Transition.objects.filter(effective_at__gt=NOW).exists()


def test_nobody_here_is_real() -> None:
    for point in ContactPoint.objects.all():
        fictional = (
            point.address.endswith("@example.org") if point.channel == "email" else point.address[5:10] == "55501"
        )
        assert fictional, point.address


def test_no_real_channel_was_touched_and_none_can_be(demo: Loaded) -> None:
    assert demo.letters.letters.connections == 0
    assert demo.texts.taken == []
    assert not live()
    assert not latch_open()
    with pytest.raises(Refused) as refused:
        deliveries.arm(by=make.actor(roles=[Role.SYSTEM_ADMINISTRATOR]), now=NOW)
    assert refused.value.code == "practice_data"
    assert not DeliveryArming.objects.filter(disarmed_at__isnull=True).exists()
    assert all(each.finished_at is not None for each in Attempt.objects.all())


def test_everybody_handed_a_password_can_sign_in(demo: Loaded, client: Client) -> None:
    assert {each["role"] for each in demo.secrets["sign_ins"]} == set(Role) - {Role.API_CLIENT}
    assert len(demo.secrets["sign_ins"]) == 12
    for each in demo.secrets["sign_ins"]:
        answer = client.post("/accounts/login/", {"login": each["email"], "password": each["password"]})
        assert answer.status_code == 302, each["role"]
        client.logout()


def test_the_api_client_gets_a_token(demo: Loaded, client: Client) -> None:
    given = demo.secrets["api_client"]
    body = {"grant_type": "client_credentials", "client_id": given["id"], "client_secret": given["secret"]}
    assert client.post("/o/token/", body).status_code == 200


def test_secrets_are_for_their_owner_alone(demo: Loaded) -> None:
    assert (demo.var / "demo-secrets.json").stat().st_mode & 0o777 == 0o600


def test_today_has_work_for_every_role() -> None:
    groups = set()
    for site in Site.objects.all():
        for actor in Actor.objects.filter(kind="staff", sites=site):
            lines = owed(actor, site, now=NOW).lines
            assert lines, (site.code, actor.name)
            groups |= {line.group for line in lines}
            assert lines[0].group is min((line.group for line in lines), key=list(LineGroup).index)
    assert groups >= {LineGroup.SAFETY, LineGroup.HIGHER_RISK, LineGroup.DUE_TODAY}


def test_loaded_again_it_says_that_it_is_there() -> None:
    said = StringIO()
    people = Patient.objects.count()
    call_command("load_demo", stdout=said)
    assert "is there already" in said.getvalue()
    assert Patient.objects.count() == people


def test_lost_sign_ins_are_made_anew(demo: Loaded, client: Client) -> None:
    path = demo.var / "demo-secrets.json"
    before = path.read_text()
    path.unlink()
    call_command("load_demo", stdout=StringIO())
    fresh = json.loads(path.read_text())
    path.write_text(before)
    path.chmod(0o600)
    each = fresh["sign_ins"][0]
    assert client.post("/accounts/login/", {"login": each["email"], "password": each["password"]}).status_code == 302
    body = {"grant_type": "client_credentials", "client_id": fresh["api_client"]["id"]}
    answer = client.post("/o/token/", body | {"client_secret": fresh["api_client"]["secret"]})
    assert answer.status_code == 200


def test_a_password_is_only_given_on_practice_data() -> None:
    member = make.staff()
    make.practice(on=False)
    with pytest.raises(Refused) as refused:
        practice.give_password(member=member, password="a quiet river in june", by=member.actor, now=NOW)
    assert refused.value.code == "not_practice"


def test_a_real_clinic_is_refused() -> None:
    make.practice(on=False)
    with pytest.raises(CommandError, match="real clinic"):
        call_command("load_demo", stdout=StringIO())
