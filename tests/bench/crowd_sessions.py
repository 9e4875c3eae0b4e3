"""The groups and single sessions of the crowded clinic: weeks of them attended or missed, some not written up yet."""

from clinic.models import Actor
from pathways.models import Attendance, Session
from tests.bench.sowing import days_ago, sow
from tests.faults.load import NOON

TEN = 10


def sow_sessions(by: Actor) -> None:
    """Ten in a group, once a week for eight weeks; one in nine misses each, and a few miss two in a row. Those of the
    last two days are not written up yet, nor is one single session of one in a hundred."""
    _groups(by)
    _single(by)


def _groups(by: Actor) -> None:
    session = Session(
        modality="group-therapy", kind="group", starts_at=NOON, ends_at=NOON, time_zone="America/New_York",
        capacity=TEN, status="held", booked_at=NOON, booked_by=by, documented_at=NOON, documented_by=by,
    )  # fmt: skip
    begins = days_ago("w * 7 - 6 + n % 5")
    written = f"{begins} < {days_ago('2')}"
    source = (
        f"(SELECT site_id, max(place) / {TEN} AS last FROM under_way GROUP BY 1) s, "
        "generate_series(1, 8) w, generate_series(0, s.last) n"
    )
    sow(session, source, site_id="s.site_id", starts_at=begins, ends_at=f"{begins} + interval '90 minutes'",
        title="'Group ' || n", topic="'week ' || w", status=f"CASE WHEN {written} THEN 'held' ELSE 'booked' END",
        documented_at=f"CASE WHEN {written} THEN {begins} END",
        documented_by_id=f"CASE WHEN {written} THEN {by.pk} END")  # fmt: skip
    place = Attendance(status="attended", booked_at=NOON, booked_by=by)
    missed = "(e.n + split_part(t.topic, ' ', 2)::int / 2) % 9 = 0"
    source = (
        "under_way e JOIN pathways_session t ON t.site_id = e.site_id AND t.kind = 'group' "
        f"AND split_part(t.title, ' ', 2)::int = e.place / {TEN}"
    )
    came = f"CASE WHEN {missed} THEN 'no_show' ELSE 'attended' END"
    sow(place, source, session_id="t.id", patient_id="e.patient_id", enrollment_id="e.id",
        starts_at="t.starts_at", ends_at="t.ends_at",
        status=f"CASE WHEN t.status = 'booked' THEN 'booked' ELSE {came} END",
        minutes=f"CASE WHEN t.status = 'booked' OR {missed} THEN 0 ELSE 90 END")  # fmt: skip


def _single(by: Actor) -> None:
    session = Session(
        modality="individual-counseling", kind="individual", starts_at=NOON, ends_at=NOON,
        time_zone="America/New_York", status="booked", booked_at=NOON, booked_by=by,
    )  # fmt: skip
    begins = f"{days_ago('e.n % 3')} - interval '5 hours' - e.place * interval '1 second'"
    sow(session, "under_way e WHERE e.n % 100 = 31", site_id="e.site_id", starts_at=begins,
        ends_at=f"{begins} + interval '50 minutes'", title="'Single ' || e.id")  # fmt: skip
    place = Attendance(status="booked", booked_at=NOON, booked_by=by)
    sow(place, "under_way e JOIN pathways_session t ON t.title = 'Single ' || e.id", session_id="t.id",
        patient_id="e.patient_id", enrollment_id="e.id", starts_at="t.starts_at", ends_at="t.ends_at")  # fmt: skip
