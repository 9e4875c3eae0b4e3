"""What is owed to the people of the crowded clinic, what was said to them, and what they wrote back."""

from uuid import UUID

from clinic.models import Actor
from pathways.models import CallResult, FollowUp, Reminder, Reply
from patients.models import ContactPoint
from tests.bench.sowing import days_ago, sow
from tests.faults.load import NOON

NOBODY = UUID(int=0)
OWN = {"patient_id": "e.patient_id", "site_id": "e.site_id"}
DUE = f"{days_ago('14 - n % 55')} - interval '2 hours'"
"""A quarter of the contacts are due, and most of those late."""


def sow_contacts(by: Actor) -> None:
    """One open contact of everybody under way; five ended ones, calls, messages and replies of theirs."""
    _follow_ups(by)
    _calls(by)
    _messages(by)
    _replies(by)


def _follow_ups(by: Actor) -> None:
    pattern = FollowUp(
        rule_key="stabilization-weekly-contact", anchor_kind="phase_entry", anchor_id=NOBODY, purpose="check_in",
        title="Weekly contact in stabilization", mode="phone", template="follow_up.check_in", ladder="contact",
        owner_role="counselor", due_on=NOON.date(), due_time=NOON.time(), time_zone="America/New_York", due_at=NOON,
        act_at=NOON, window_days=2, planned_at=NOON, planned_by=by, rung=2,
    )  # fmt: skip
    own = {"enrollment_id": "e.id", **OWN}
    sow(pattern, "under_way e", **own, owner_id="e.counselor_id", due_at=DUE, act_at=DUE, due_on=f"({DUE})::date")
    pattern.outcome, pattern.closed_by = "reached", by
    when = days_ago("g * 7 - 3 + e.n % 3")
    sow(pattern, "under_way e, generate_series(1, 5) g", **own, anchor_id="gen_random_uuid()", occurrence="g + 1",
        due_at=when, act_at=when, closed_at=when, due_on=f"({when})::date")  # fmt: skip


def _calls(by: Actor) -> None:
    """Two without an answer on one open contact in twenty-three."""
    call = CallResult(result="no_answer", made_at=NOON, made_by=by)
    sow(call, "pathways_followup f, generate_series(1, 2) g WHERE f.outcome = '' AND f.id % 23 = 0",
        follow_up_id="f.id", made_at=days_ago("g * 1.25"))  # fmt: skip


def _messages(by: Actor) -> None:
    """Six that went out to everybody under way; of one in two hundred nobody knows what became of the newest."""
    point = ContactPoint(channel="sms", address="x", added_at=NOON, added_by=by, verified_at=NOON, verified_by=by)
    sow(point, "under_way e", patient_id="e.patient_id", address="'+1202' || (2000000 + e.n)")
    sent = Reminder(
        subject_version=1, channel="sms", template="follow_up.check_in", language="en", due_on=NOON.date(),
        due_time=NOON.time(), time_zone="America/New_York", due_at=NOON, next_at=NOON, planned_at=NOON,
        status="delivered", status_at=NOON,
    )  # fmt: skip
    source = (
        "under_way e JOIN pathways_followup f ON f.enrollment_id = e.id AND f.outcome = '' "
        "JOIN patients_contactpoint p ON p.patient_id = e.patient_id, generate_series(1, 6) w"
    )
    unclear, at = "w = 1 AND e.n % 200 = 3", days_ago("w * 4")
    sow(sent, source, **OWN, follow_up_id="f.id", contact_point_id="p.id", subject_version="w", status_at=at,
        due_at=at, status=f"CASE WHEN {unclear} THEN 'uncertain' ELSE 'delivered' END",
        needs_person=unclear)  # fmt: skip


def _replies(by: Actor) -> None:
    """Two of everybody under way that were understood; one in a hundred waits for a person."""
    reply = Reply(
        provider="bench", provider_id="", channel="sms", address="", text="Can we talk about Friday instead?",
        intent="free_text", received_at=NOON, received_by=by,
    )  # fmt: skip
    source = "under_way e JOIN patients_contactpoint p ON p.patient_id = e.patient_id, generate_series(0, 2) w"
    sow(reply, f"{source} WHERE w > 0 OR e.n % 100 = 9", **OWN, contact_point_id="p.id", address="p.address",
        provider_id="e.id || '-' || w", needs_person="w = 0",
        received_at=days_ago("w * 9 + (e.n % 50) / 20.0"))  # fmt: skip
