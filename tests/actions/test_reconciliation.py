"""The nightly check over real rows: what is gone, what was never planned, what stands still, and who settled it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pgtrigger
import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from clinic.actions.verbs import allow_direct_writes
from clinic.clock import real_now
from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups, reconciliation
from pathways.actions.reconciliation import ask, begin, unplanned
from pathways.models import DeliveryPause, Enrollment, FollowUp, OwedContact, Reconciliation, Reminder
from pathways.queries import reconciliation as queries
from pathways.rules.follow_ups import Outcome
from pathways.rules.reconciliation import FindingKind, RunStatus, Tone
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrollment(site: Site, by: Actor) -> Enrollment:
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    return pathways.enrolled(person, site=site, by=by)


def check(now: datetime = NOW) -> Reconciliation:
    """One run as the task makes it."""
    job = clinic.job()
    run = reconciliation.begin(by=job, now=now, night=True)
    assert run is not None
    ids = list(Enrollment.objects.values_list("pk", flat=True))
    named = list(reconciliation.unplanned(ids, job, now))
    return reconciliation.finish(by=job, now=now, run_id=run.pk, unplanned=named)


def kinds(run: Reconciliation) -> list[str]:
    return sorted(run.findings.values_list("kind", flat=True))


def lose(row: FollowUp) -> None:
    """As a mistake in the database would."""
    with allow_direct_writes():
        Reminder.objects.filter(follow_up=row).delete()
        row.delete()


def test_everything_owed_is_done_open_or_decided(enrollment: Enrollment, by: Actor) -> None:
    first, second, *_ = enrollment.follow_ups.open().order_by("due_at")
    follow_ups.close(by=by, now=NOW, follow_up_id=first.public_id, outcome=Outcome.REACHED)
    follow_ups.close(by=by, now=NOW, follow_up_id=second.public_id, outcome=Outcome.UNREACHABLE, note="Moved away.")
    run = check()
    everything = enrollment.follow_ups.count()
    assert (run.status, run.owed, run.done, run.decided) == (RunStatus.BALANCED, everything, 1, 1)
    assert run.open == everything - 2
    assert kinds(run) == []


def test_the_sum_is_kept_for_each_program_and_site(enrollment: Enrollment) -> None:
    other = pathways.enrolled(site=clinic.site())
    counts = {(each.site_id, each.program_id): each.owed for each in check().counts.all()}
    assert counts == {
        (each.site_id, each.program_id): each.follow_ups.count() for each in (enrollment, other)
    }  # fmt: skip


def test_a_contact_that_is_gone_is_named_and_the_sum_does_not_balance(enrollment: Enrollment) -> None:
    gone = enrollment.follow_ups.open().order_by("-due_at").first()
    assert gone is not None
    name = gone.public_id
    lose(gone)
    run = check()
    assert (run.status, run.missing, run.owed - run.done - run.open - run.decided) == (RunStatus.DIFFERS, 1, 1)
    finding = run.findings.get(kind=FindingKind.MISSING)
    assert (finding.subject_id, finding.patient_id, finding.site_id) == (
        name, enrollment.patient_id, enrollment.site_id,
    )  # fmt: skip


def test_a_contact_that_was_never_written_down_as_owed_does_not_balance_either(enrollment: Enrollment) -> None:
    row = enrollment.follow_ups.open().order_by("-due_at").first()
    assert row is not None
    row.pk, row.public_id, row.rule_key = None, uuid4(), "smuggled"
    with allow_direct_writes(), pgtrigger.ignore("pathways.FollowUp:follow_up_is_owed"):
        row.save(force_insert=True)
    run = check()
    assert run.status == RunStatus.DIFFERS
    assert run.owed == run.done + run.open + run.decided - 1


def test_nobody_can_take_a_contact_out_of_what_was_owed(enrollment: Enrollment) -> None:
    with (
        allow_direct_writes(),
        pytest.raises((ProgrammingError, InternalError), match=r"permission denied|Cannot update or delete"),
        transaction.atomic(),
    ):
        OwedContact.objects.filter(enrollment=enrollment).delete()


def test_what_the_rules_owe_and_nobody_planned_is_named(enrollment: Enrollment) -> None:
    soon = enrollment.follow_ups.open().filter(due_at__gt=NOW, due_at__lt=NOW + timedelta(days=5)).first()
    assert soon is not None
    lose(soon)
    assert kinds(check()) == [FindingKind.MISSING, FindingKind.UNPLANNED]


def late(row: FollowUp, **changed: object) -> None:
    with allow_direct_writes():
        FollowUp.objects.filter(pk=row.pk).update(**changed)


def test_a_follow_up_that_silence_should_have_moved_is_named(enrollment: Enrollment) -> None:
    row = enrollment.follow_ups.open().first()
    assert row is not None
    late(row, climbs_at=NOW - timedelta(hours=2))
    run = check()
    assert (run.status, run.stuck, kinds(run)) == (RunStatus.BALANCED, 1, [FindingKind.NOT_CLIMBED])


def test_a_due_follow_up_that_neither_a_person_nor_a_role_has_is_named(enrollment: Enrollment) -> None:
    row = enrollment.follow_ups.open().first()
    assert row is not None
    late(row, owner=None, owner_role="", act_at=NOW - timedelta(minutes=1), climbs_at=None)
    assert kinds(check()) == [FindingKind.NOBODYS]


def hold_back(_: Reminder) -> dict[str, object]:
    return {"next_at": NOW - timedelta(hours=2)}


def leave_with_a_worker(_: Reminder) -> dict[str, object]:
    since = real_now() - timedelta(hours=1)
    return {"status": "sending", "claim_id": uuid4(), "leased_until": since}


def leave_unclear(_: Reminder) -> dict[str, object]:
    return {"status": "uncertain", "status_at": NOW - timedelta(hours=8)}


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        (hold_back, FindingKind.MESSAGE_WAITS),
        (leave_with_a_worker, FindingKind.MESSAGE_HELD),
        (leave_unclear, FindingKind.MESSAGE_UNCLEAR),
    ],
)
def test_a_message_that_does_not_move_is_named(
    enrollment: Enrollment, changed: Callable[[Reminder], dict[str, object]], kind: FindingKind
) -> None:
    row = Reminder.objects.filter(patient=enrollment.patient).first()
    assert row is not None
    with allow_direct_writes():
        Reminder.objects.filter(pk=row.pk).update(**changed(row))
    assert kinds(check()) == [kind]


def test_a_message_held_back_on_purpose_is_not_late(enrollment: Enrollment, by: Actor) -> None:
    with allow_direct_writes():
        Reminder.objects.filter(patient=enrollment.patient).update(next_at=NOW - timedelta(hours=2))
        DeliveryPause.objects.create(scope="all", reason="A storm", paused_at=NOW, paused_by=by)
    assert kinds(check()) == []


def test_what_a_person_settled_counts_as_decided_from_then_on(enrollment: Enrollment, by: Actor) -> None:
    gone = enrollment.follow_ups.open().order_by("-due_at").first()
    assert gone is not None
    lose(gone)
    finding = check().findings.get()
    reconciliation.settle(by=by, now=NOW, finding_id=finding.public_id, note="Called; all is well.")
    quiet = queries.told(NOW)
    assert quiet is not None
    assert quiet.tone is Tone.QUIET
    again = check(NOW + timedelta(days=1))
    assert (again.status, again.missing, kinds(again)) == (RunStatus.BALANCED, 0, [])


def test_a_finding_is_settled_once_and_not_without_a_word(enrollment: Enrollment, by: Actor) -> None:
    row = enrollment.follow_ups.open().first()
    assert row is not None
    late(row, climbs_at=NOW - timedelta(hours=2))
    finding = check().findings.get()
    with pytest.raises(Refused) as refused:
        reconciliation.settle(by=by, now=NOW, finding_id=finding.public_id, note="  ")
    assert refused.value.status == 422
    reconciliation.settle(by=by, now=NOW, finding_id=finding.public_id, note="Given to Ada.")
    with pytest.raises(Refused) as refused:
        reconciliation.settle(by=by, now=NOW, finding_id=finding.public_id, note="Again.")
    assert refused.value.code == "finding_settled"


def test_what_was_found_at_another_site_is_not_there(enrollment: Enrollment) -> None:
    row = enrollment.follow_ups.open().first()
    assert row is not None
    late(row, climbs_at=NOW - timedelta(hours=2))
    run = check()
    elsewhere = clinic.actor(roles=[Role.SUPERVISOR], sites=[clinic.site()])
    assert list(queries.findings_of(run, elsewhere)) == []
    assert list(queries.counts_of(run, elsewhere)) == []
    with pytest.raises(Refused) as refused:
        reconciliation.settle(by=elsewhere, now=NOW, finding_id=run.findings.get().public_id, note="Not mine.")
    assert refused.value.status == 404


def test_asked_for_twice_it_is_one_run(by: Actor) -> None:
    first = reconciliation.ask(by=by, now=NOW)
    assert reconciliation.ask(by=by, now=NOW) == first
    taken = reconciliation.begin(by=clinic.job(), now=NOW, night=False)
    assert taken == first
    assert reconciliation.begin(by=clinic.job(), now=NOW, night=False) is None


def test_a_night_is_checked_once_however_long_it_takes(by: Actor) -> None:
    job = clinic.job()
    first = begin(by=job, now=NOW, night=True)
    assert first is not None
    assert begin(by=job, now=NOW + timedelta(minutes=1), night=True) is None
    assert ask(by=by, now=NOW + timedelta(minutes=2)) == first
    assert begin(by=job, now=NOW + timedelta(minutes=31), night=True) not in (None, first)


def test_an_enrollment_that_cannot_be_read_is_named_and_breaks_nothing_off(
    enrollment: Enrollment, site: Site, by: Actor
) -> None:
    for _ in range(2):
        pathways.enrolled(site=site, by=by)
    with allow_direct_writes():
        Patient.objects.filter(pk=enrollment.patient_id).update(time_zone="Nowhere/Land")
    with capture_logs() as lines:
        named = list(unplanned([*Enrollment.objects.values_list("pk", flat=True)], clinic.job(), NOW))
    assert [each.subject_id for each in named] == [enrollment.public_id]
    assert [each["id"] for each in lines if each["event"] == "passed_over"] == [str(enrollment.public_id)]


def test_a_run_that_broke_off_is_told_everybody(by: Actor) -> None:
    run = reconciliation.begin(by=clinic.job(), now=NOW, night=True)
    assert run is not None
    reconciliation.break_off(by=clinic.job(), now=NOW, run_id=run.pk, code="OperationalError")
    told = queries.told(NOW)
    assert told is not None
    assert (told.tone, told.said.code) == (Tone.URGENT, "reconciliation.broken")


def test_the_sums_take_the_same_queries_for_one_enrollment_and_for_many(enrollment: Enrollment) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as counted:
            queries.sums()
            queries.missing()
            list(queries.standing_still(NOW))
        return len(counted)

    few = asked()
    for _ in range(3):
        pathways.enrolled(site=enrollment.site)
    assert asked() == few
