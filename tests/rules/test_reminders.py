"""Reminders: the table of statuses, due times, what is asked again at send time, retries and settling."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.opening_hours import ContactHours, ContactTime, Moved, to_local, to_utc
from clinic.rules.sentences import Sentence
from clinic.wording import codes, label, say
from pathways.rules.reminders import (
    COUNTS_AS_WRITTEN,
    GONE,
    NOT_SENT,
    OPEN,
    STALE_ANSWER,
    STATUS_CHANGES,
    UNSETTLED,
    Finding,
    OutcomeKind,
    ReminderStatus,
    SendAction,
    SendFacts,
    SettleAction,
    after_report,
    backoff,
    classify,
    due,
    due_before,
    may_change,
    send_check,
    settle,
    staleness,
    statuses_before,
)

ZONE = "America/New_York"
ID = UUID("8d5c2f7e-6b5e-4c55-9a70-4a2c5b9b3c11")
S = ReminderStatus


def here(text: str) -> datetime:
    return to_utc(datetime.fromisoformat(text), ZONE)


DUE = here("2026-03-02T10:00")
GOOD = SendFacts(
    due_at=DUE,
    stale_after=staleness(None),
    zone=ZONE,
    window=ContactHours(time(9), time(19)),
    subject_open=True,
    planned_version=3,
    subject_version=3,
    consent_in_force=True,
    address_suppressed=False,
    person_suppressed=False,
    contact_point_in_use=True,
    contact_point_verified=True,
)


class TestStatuses:
    def test_every_status_stands_in_the_table_and_in_one_group(self) -> None:
        assert set(STATUS_CHANGES) == set(S)
        assert set(S) == OPEN | UNSETTLED | GONE | NOT_SENT
        assert len(OPEN) + len(UNSETTLED) + len(GONE) + len(NOT_SENT) == len(S)

    def test_what_may_be_with_the_provider_is_never_cancelled(self) -> None:
        for status in UNSETTLED | GONE:
            assert not may_change(status, S.CANCELLED)

    def test_only_through_sending_does_a_reminder_leave(self) -> None:
        assert statuses_before(S.SENDING) == {S.LEASED}
        # From planned and leased only by a late report of an earlier try.
        assert statuses_before(S.SENT) == {S.SENDING, S.UNCERTAIN, S.PLANNED, S.LEASED}
        assert statuses_before(S.UNCERTAIN) == {S.SENDING}

    def test_nothing_follows_delivery_and_nothing_sent_is_planned_again(self) -> None:
        assert not STATUS_CHANGES[S.DELIVERED]
        assert statuses_before(S.PLANNED) == {S.LEASED, S.SENDING, S.UNCERTAIN, S.CANCELLED, S.FAILED}

    def test_an_uncertain_one_counts_as_written(self) -> None:
        assert S.UNCERTAIN in COUNTS_AS_WRITTEN

    def test_every_status_has_words_in_both_languages(self) -> None:
        for member in (*S, *OutcomeKind, *SendAction, *SettleAction, *Finding):
            assert f"label.{type(member).__name__}.{member.value}" in codes()
            assert label(member, "es")


class TestDue:
    def test_a_follow_up_keeps_its_wall_time_across_a_change_of_clock(self) -> None:
        window = ContactHours()
        before = due(on=date(2026, 3, 7), at=time(10), zone=ZONE, window=window)
        after = due(on=date(2026, 3, 8), at=time(10), zone=ZONE, window=window)
        assert isinstance(before, ContactTime)
        assert isinstance(after, ContactTime)
        assert after.at - before.at == timedelta(hours=23)
        assert (before.local.time(), after.local.time()) == (time(10), time(10))

    def test_a_day_before_an_appointment_is_the_same_wall_time_across_a_change_of_clock(self) -> None:
        found = due_before(
            starts_at=here("2026-11-01T10:00"), offset=timedelta(days=1), zone=ZONE, window=ContactHours()
        )
        assert isinstance(found, ContactTime)
        assert found.local == datetime(2026, 10, 31, 10)

    def test_two_hours_before_half_past_eight_is_the_evening_before(self) -> None:
        found = due_before(
            starts_at=here("2026-03-03T08:30"), offset=timedelta(hours=2), zone=ZONE, window=ContactHours()
        )
        assert isinstance(found, ContactTime)
        assert (found.local, found.moved) == (datetime(2026, 3, 2, 20, 30), Moved.PULLED_FORWARD)

    def test_a_reminder_after_its_appointment_is_no_reminder(self) -> None:
        with pytest.raises(ValueError, match="before"):
            due_before(starts_at=DUE, offset=timedelta(0), zone=ZONE, window=ContactHours())

    def test_the_nearer_the_appointment_the_sooner_a_reminder_is_stale(self) -> None:
        assert staleness(timedelta(hours=2)) == timedelta(minutes=30)
        assert staleness(timedelta(hours=2)) < staleness(timedelta(days=1)) < staleness(None)


class TestSendCheck:
    def test_with_everything_in_order_it_goes(self) -> None:
        decision = send_check(GOOD, DUE)
        assert (decision.action, decision.reason, decision.status) == (SendAction.SEND, None, S.SENDING)

    @pytest.mark.parametrize(
        ("change", "action", "code"),
        [
            ({"subject_open": False}, SendAction.CANCEL, "reminder.cancelled.subject_closed"),
            ({"subject_version": 4}, SendAction.CANCEL, "reminder.cancelled.subject_changed"),
            ({"person_suppressed": True}, SendAction.SUPPRESS, "reminder.suppressed.person"),
            ({"address_suppressed": True}, SendAction.SUPPRESS, "reminder.suppressed.address"),
            ({"contact_point_in_use": False}, SendAction.SUPPRESS, "reminder.suppressed.retired"),
            ({"contact_point_verified": False}, SendAction.SUPPRESS, "reminder.suppressed.unverified"),
            ({"consent_in_force": False}, SendAction.SUPPRESS, "reminder.suppressed.consent"),
            ({"window": ContactHours(time(12), time(9))}, SendAction.SUPPRESS, "hours.never_open"),
            ({"shared_without_leave": True}, SendAction.SUPPRESS, "reminder.suppressed.shared"),
            ({"appointment_at": DUE}, SendAction.EXPIRE, "reminder.expired.appointment"),
            ({"reply_waits": True, "stale_after": timedelta(0)}, SendAction.EXPIRE, "reminder.expired.reply_waits"),
            ({"last_reply_at": DUE, "stale_after": timedelta(0)}, SendAction.EXPIRE, "reminder.expired.conversation"),
        ],
    )
    def test_one_fact_against_it_keeps_it_from_going(
        self, change: dict[str, object], action: SendAction, code: str
    ) -> None:
        decision = send_check(replace(GOOD, **change), DUE)  # type: ignore[arg-type]
        assert decision.action is action
        assert decision.reason is not None
        assert decision.reason.code == code
        assert say(decision.reason) != say(decision.reason, "es")

    def test_a_late_worker_skips_a_two_hour_reminder(self) -> None:
        facts = replace(GOOD, stale_after=staleness(timedelta(hours=2)), appointment_at=DUE + timedelta(hours=2))
        assert send_check(facts, DUE + timedelta(minutes=30)).action is SendAction.SEND
        assert send_check(facts, DUE + timedelta(minutes=31)).action is SendAction.EXPIRE

    def test_an_hour_of_outage_does_not_cost_a_follow_up(self) -> None:
        assert send_check(GOOD, DUE + timedelta(hours=1)).action is SendAction.SEND

    def test_before_it_is_due_it_waits(self) -> None:
        decision = send_check(GOOD, DUE - timedelta(hours=2))
        assert (decision.action, decision.until) == (SendAction.POSTPONE, DUE)
        assert decision.reason == Sentence("reminder.postponed.not_due")

    def test_after_closing_it_waits_for_the_next_opening(self) -> None:
        facts = replace(GOOD, due_at=here("2026-03-02T18:59"))
        decision = send_check(facts, here("2026-03-02T19:00"))
        assert (decision.action, decision.until) == (SendAction.POSTPONE, here("2026-03-03T09:00"))

    def test_it_expires_where_the_next_opening_is_too_late(self) -> None:
        facts = replace(GOOD, due_at=here("2026-03-02T18:59"), stale_after=timedelta(minutes=30))
        assert send_check(facts, here("2026-03-02T19:00")).action is SendAction.EXPIRE

    def test_a_second_message_on_one_day_waits_for_the_next(self) -> None:
        facts = replace(GOOD, written_at=(here("2026-03-02T09:30"),))
        decision = send_check(facts, DUE)
        assert (decision.action, decision.until) == (SendAction.POSTPONE, here("2026-03-03T09:00"))
        assert decision.reason == Sentence("reminder.postponed.frequency")

    def test_a_fourth_message_in_a_week_is_not_sent(self) -> None:
        facts = replace(GOOD, written_at=tuple(here(f"2026-{day}T12:00") for day in ("02-26", "02-27", "02-28")))
        decision = send_check(facts, DUE)
        assert decision.action is SendAction.SUPPRESS
        assert decision.reason == Sentence("reminder.suppressed.frequency")

    def test_messages_of_the_week_before_do_not_count(self) -> None:
        facts = replace(GOOD, written_at=tuple(here(f"2026-{day}T12:00") for day in ("02-22", "02-23", "02-27")))
        assert send_check(facts, DUE).action is SendAction.SEND

    def test_nobody_is_interrupted_in_a_conversation(self) -> None:
        facts = replace(GOOD, last_reply_at=DUE - timedelta(minutes=10))
        decision = send_check(facts, DUE)
        assert (decision.action, decision.until) == (SendAction.POSTPONE, DUE + timedelta(minutes=20))
        assert decision.reason == Sentence("reminder.postponed.conversation")

    def test_while_a_reply_waits_for_a_person_nothing_automatic_goes(self) -> None:
        facts = replace(GOOD, reply_waits=True, last_reply_at=DUE - timedelta(hours=5))
        decision = send_check(facts, DUE)
        assert (decision.action, decision.until) == (SendAction.POSTPONE, DUE + timedelta(minutes=15))
        assert decision.reason == Sentence("reminder.postponed.reply_waits")

    @pytest.mark.parametrize(("days", "goes"), [(0, False), (2.9, False), (3, True), (10, True)])
    def test_for_three_days_after_somebody_spoke_with_them_the_machine_stays_away(
        self, days: float, goes: bool
    ) -> None:
        decision = send_check(replace(GOOD, spoken_at=DUE - timedelta(days=days)), DUE)
        assert (decision.action is SendAction.SEND) is goes
        assert decision.reason == (None if goes else Sentence("reminder.cancelled.manual_contact"))

    def test_what_waited_is_skipped_where_somebody_spoke_with_them_meanwhile(self) -> None:
        spoken = replace(GOOD, spoken_at=DUE + timedelta(hours=1))
        assert send_check(spoken, DUE + timedelta(hours=2)).action is SendAction.CANCEL

    def test_an_acknowledgement_goes_at_any_hour_after_a_stop_and_however_often_they_were_written_to(self) -> None:
        facts = replace(
            GOOD, answers=True, stale_after=STALE_ANSWER, consent_in_force=False, person_suppressed=True,
            address_suppressed=True, written_at=(DUE,) * 9, last_reply_at=DUE, reply_waits=True,
        )  # fmt: skip
        night = replace(facts, due_at=here("2026-03-02T03:00"))
        assert send_check(facts, DUE).action is SendAction.SEND
        assert send_check(night, night.due_at + timedelta(minutes=5)).action is SendAction.SEND
        assert send_check(night, night.due_at + timedelta(minutes=6)).action is SendAction.EXPIRE

    @settings(max_examples=500, deadline=None)
    @given(
        zone=st.sampled_from(["America/New_York", "Pacific/Apia", "Europe/Berlin", "Africa/Cairo", "Asia/Kathmandu"]),
        late=st.timedeltas(timedelta(days=-2), timedelta(days=3)),
        due_at=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
        ends=st.tuples(st.times(), st.times()),
        written=st.lists(st.timedeltas(timedelta(days=-9), timedelta(0)), max_size=6),
        replied=st.none() | st.timedeltas(timedelta(hours=-3), timedelta(0)),
    )
    def test_whatever_the_facts_it_goes_only_in_contact_hours_in_time_and_not_too_often(
        self,
        zone: str,
        late: timedelta,
        due_at: datetime,
        ends: tuple[time, time],
        written: list[timedelta],
        replied: timedelta | None,
    ) -> None:
        now = due_at + late
        facts = replace(
            GOOD,
            due_at=due_at,
            zone=zone,
            window=ContactHours(*ends),
            written_at=tuple(now + each for each in written),
            last_reply_at=None if replied is None else now + replied,
        )
        decision = send_check(facts, now)
        if decision.action is SendAction.SEND:
            today = to_local(now, zone).date()
            assert facts.window.contains(to_local(now, zone))
            assert due_at <= now <= due_at + facts.stale_after
            assert all(to_local(each, zone).date() < today for each in facts.written_at)
        elif decision.action is SendAction.POSTPONE:
            assert decision.until is not None
            assert now < decision.until <= due_at + facts.stale_after
            assert facts.window.contains(to_local(decision.until, zone))
            assert send_check(facts, decision.until).action is SendAction.SEND


class TestRetries:
    def test_the_wait_doubles_and_the_same_try_always_waits_the_same(self) -> None:
        waits = [backoff(attempt, reminder_id=ID) for attempt in range(1, 12)]
        assert waits == [backoff(attempt, reminder_id=ID) for attempt in range(1, 12)]
        for attempt, wait in enumerate(waits, start=1):
            middle = min(timedelta(seconds=30) * 2 ** (attempt - 1), timedelta(minutes=30))
            assert wait is not None
            assert middle * 0.8 <= wait <= middle * 1.2

    def test_two_reminders_do_not_return_in_the_same_moment(self) -> None:
        assert backoff(3, reminder_id=ID) != backoff(3, reminder_id=UUID(int=1))

    def test_the_provider_may_ask_for_more_patience_but_not_for_less(self) -> None:
        assert backoff(1, reminder_id=ID, retry_after=timedelta(hours=1)) == timedelta(hours=1)
        assert backoff(5, reminder_id=ID, retry_after=timedelta(0)) == backoff(5, reminder_id=ID)
        assert backoff(1, reminder_id=ID, retry_after=timedelta(days=900)) == timedelta(days=1)

    def test_after_the_twelfth_try_it_is_given_up(self) -> None:
        assert backoff(11, reminder_id=ID) is not None
        assert backoff(12, reminder_id=ID) is None
        with pytest.raises(ValueError):
            backoff(0, reminder_id=ID)

    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            (OutcomeKind.SENT, S.SENT),
            (OutcomeKind.DELIVERED, S.DELIVERED),
            (OutcomeKind.PERMANENT, S.FAILED),
            (OutcomeKind.UNCERTAIN, S.UNCERTAIN),
            (OutcomeKind.TEMPORARY, S.PLANNED),
        ],
    )
    def test_every_outcome_has_one_meaning(self, kind: OutcomeKind, status: ReminderStatus) -> None:
        after = classify(kind, attempt=1, reminder_id=ID)
        assert after.status is status
        assert (after.retry_in is not None) == (kind is OutcomeKind.TEMPORARY)
        assert may_change(S.SENDING, after.status)
        assert after.reason is None or say(after.reason)

    def test_the_last_temporary_outcome_is_for_good(self) -> None:
        after = classify(OutcomeKind.TEMPORARY, attempt=12, reminder_id=ID)
        assert after.status is S.FAILED
        assert after.reason is not None
        assert "12 tries" in say(after.reason)


class TestReports:
    @pytest.mark.parametrize("newest", [True, False])
    def test_a_message_that_arrived_after_all_has_whichever_attempt_it_was(self, newest: bool) -> None:
        for status in (S.PLANNED, S.LEASED, S.SENDING, S.UNCERTAIN, S.SENT):
            assert after_report(OutcomeKind.DELIVERED, status=status, newest=newest) is S.DELIVERED

    def test_only_of_the_newest_attempt_it_counts_that_it_failed(self) -> None:
        assert after_report(OutcomeKind.PERMANENT, status=S.SENT, newest=True) is S.FAILED
        assert after_report(OutcomeKind.PERMANENT, status=S.SENT, newest=False) is None

    def test_a_report_out_of_order_or_without_an_end_changes_nothing(self) -> None:
        assert after_report(OutcomeKind.SENT, status=S.DELIVERED, newest=True) is None
        assert after_report(OutcomeKind.TEMPORARY, status=S.SENT, newest=True) is None


class TestSettling:
    def test_found_at_the_provider_it_counts_as_what_the_provider_says(self) -> None:
        for kind, status in ((OutcomeKind.SENT, S.SENT), (OutcomeKind.PERMANENT, S.FAILED)):
            found = settle(can_be_asked=True, finding=Finding.FOUND, found=kind, since=DUE, now=DUE)
            assert (found.action, found.status) == (SettleAction.RECORD, status)

    def test_not_there_it_is_sent_again_only_after_a_while(self) -> None:
        soon = settle(can_be_asked=True, finding=Finding.NOT_FOUND, since=DUE, now=DUE + timedelta(minutes=1))
        assert (soon.action, soon.ask_at) == (SettleAction.ASK_AGAIN, DUE + timedelta(minutes=10))
        later = settle(can_be_asked=True, finding=Finding.NOT_FOUND, since=DUE, now=DUE + timedelta(minutes=10))
        assert (later.action, later.status) == (SettleAction.SEND_AGAIN, S.PLANNED)

    def test_a_provider_that_cannot_say_is_asked_again_and_then_a_person(self) -> None:
        first = settle(can_be_asked=True, finding=Finding.UNKNOWN, since=DUE, now=DUE)
        assert first.action is SettleAction.ASK_AGAIN
        last = settle(can_be_asked=True, finding=Finding.UNKNOWN, since=DUE, now=DUE + timedelta(hours=6))
        assert (last.action, last.status) == (SettleAction.ASK_A_PERSON, None)

    @pytest.mark.parametrize("finding", [Finding.UNKNOWN, Finding.NOT_FOUND])
    def test_uncertain_email_is_never_sent_again_without_a_person(self, finding: Finding) -> None:
        decided = settle(can_be_asked=False, finding=finding, since=DUE, now=DUE + timedelta(days=30))
        assert decided.action is SettleAction.ASK_A_PERSON
        assert decided.reason is not None
        assert say(decided.reason)
