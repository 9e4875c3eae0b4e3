"""Records a gate looks at, planted as rows: what is tested here is reading them, not the verbs that write them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor
from pathways.models import Attendance, Enrollment, FollowUp, Plan, PlanElement, PlanReview, PlanSignature, Session
from patients.models import Assessment, Consent, Observation
from tests.factories.patients import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def observation(row: Enrollment, code: str, at: datetime = NOW, *, by: Actor, **fields: Any) -> Observation:
    """A negative screen, unless `quantity` or another `result` is given."""
    with allow_direct_writes():
        return Observation.objects.create(**_observation(row, code, at, by, fields))


def observations(row: Enrollment, code: str, moments: Iterable[datetime], *, by: Actor) -> None:
    """A long history of negative screens."""
    with allow_direct_writes():
        Observation.objects.bulk_create(Observation(**_observation(row, code, at, by, {})) for at in moments)


def _observation(row: Enrollment, code: str, at: datetime, by: Actor, fields: dict[str, Any]) -> dict[str, Any]:
    value = {} if "quantity" in fields else {"result": "negative"}
    if "quantity" in fields:
        fields = {**fields, "quantity": Decimal(fields["quantity"])}
    return {
        "patient": row.patient, "site": row.site, "panel": uuid4(), "code": code, "category": "drug_screen",
        "effective_at": at, "recorded_at": at, "recorded_by": by, **value, **fields,
    }  # fmt: skip


def session(
    row: Enrollment, at: datetime = NOW, *, by: Actor, status: str = "attended", minutes: int = 60, **fields: Any
) -> Attendance:
    """A place in a group, attended unless said otherwise; a `status` of the session itself may be given."""
    session_status = fields.pop("session_status", "booked" if status == "booked" else "held")
    with allow_direct_writes():
        held = Session.objects.create(**_session(row, at, by, session_status, fields))
        return Attendance.objects.create(**_place(held, row, by, status, minutes))


def sessions(row: Enrollment, moments: Iterable[datetime], *, by: Actor) -> None:
    """A long history of groups attended."""
    with allow_direct_writes():
        held = Session.objects.bulk_create(Session(**_session(row, at, by, "held", {})) for at in moments)
        Attendance.objects.bulk_create(Attendance(**_place(each, row, by, "attended", 60)) for each in held)


def _session(row: Enrollment, at: datetime, by: Actor, status: str, fields: dict[str, Any]) -> dict[str, Any]:
    ended = {"cancelled_at": at, "cancelled_by": by, "cancelled_for": "clinic"} if status == "cancelled" else {}
    return {
        "site": row.site, "modality": "group-therapy", "kind": "group", "capacity": 10, "starts_at": at,
        "ends_at": at + HOUR, "time_zone": row.site.time_zone, "status": status, "booked_at": at, "booked_by": by,
        **ended, **fields,
    }  # fmt: skip


def _place(held: Session, row: Enrollment, by: Actor, status: str, minutes: int) -> dict[str, Any]:
    ended = {"cancelled_at": held.starts_at, "cancelled_by": by} if status.startswith("cancelled") else {}
    return {
        "session": held, "patient": row.patient, "enrollment": row, "status": status, "booked_by": by,
        "minutes": minutes if status == "attended" else 0, "booked_at": held.starts_at, **ended,
    }  # fmt: skip


def plan(row: Enrollment, kind: str = "care", at: datetime = NOW, *, by: Actor, **fields: Any) -> Plan:
    """An open plan, opened and last changed at that moment."""
    given = {"opened_at": at, "opened_by": by, "changed_at": at, "changed_by": by, **fields}
    with allow_direct_writes():
        return Plan.objects.create(enrollment=row, patient=row.patient, site=row.site, kind=kind, **given)


def element(of: Plan, kind: str = "goal", *, by: Actor, status: str = "active", **fields: Any) -> PlanElement:
    """A line of the plan."""
    ended = {"ended_at": of.opened_at, "ended_by": by} if status in ("complete", "stopped") else {}
    given = {"text": "Sleep through the night", "written_at": of.opened_at, "written_by": by, **ended, **fields}
    with allow_direct_writes():
        return PlanElement.objects.create(plan=of, kind=kind, status=status, **given)


def signed(of: Plan, at: datetime = NOW, *, by: Actor, signer: str = "patient") -> PlanSignature:
    """A name put to the plan."""
    with allow_direct_writes():
        return PlanSignature.objects.create(
            plan=of, plan_version=of.version, signer=signer, signer_name="Ada Sandbox", method="on_paper",
            digest="0" * 64, effective_at=at, recorded_at=at, recorded_by=by,
        )  # fmt: skip


def reviewed(of: Plan, at: datetime = NOW, *, by: Actor) -> PlanReview:
    """The plan looked at together."""
    with allow_direct_writes():
        return PlanReview.objects.create(plan=of, plan_version=of.version, reviewed_at=at, reviewed_by=by)


def consent(row: Enrollment, at: datetime = NOW, *, by: Actor, **fields: Any) -> Consent:
    """A signed consent for treatment, payment and operations, without an end."""
    given = {
        "kind": "tpo", "patient_name": "Ada Sandbox", "discloser": "The clinic", "recipient_class": "health_plan",
        "categories": ["everything_but_notes"], "purposes": ["treatment", "payment", "operations"],
        "form_version": "1", "expiry": "none", "signer": "patient", "signer_name": "Ada Sandbox",
        "method": "on_paper", "digest": "0" * 64, "signed_on": at.date(), "effective_at": at, "recorded_at": at,
        "recorded_by": by, **fields,
    }  # fmt: skip
    with allow_direct_writes():
        return Consent.objects.create(patient=row.patient, site=row.site, **given)


def forms(row: Enrollment, like: Assessment, moments: Iterable[datetime]) -> None:
    """A long history of the same form."""
    kept = {
        field.attname: getattr(like, field.attname)
        for field in Assessment._meta.concrete_fields
        if field.attname not in ("id", "public_id", "effective_at", "recorded_at", "amends_id")
    }
    with allow_direct_writes():
        Assessment.objects.bulk_create(Assessment(**kept, effective_at=at, recorded_at=at) for at in moments)


def owed(row: Enrollment, at: datetime, *, by: Actor, **fields: Any) -> FollowUp:
    """A contact owed from the admission on: a visit, in person."""
    local = at.astimezone(row.site.zone)
    given = {
        "rule_key": "a-visit", "anchor_kind": "admission", "anchor_id": uuid4(), "purpose": "visit",
        "title": "A visit", "mode": "in_person", "ladder": "contact", "due_on": local.date(),
        "due_time": local.time(), "time_zone": row.site.time_zone, "due_at": at, "act_at": at,
        "planned_at": row.opened_at, "planned_by": by, **fields,
    }  # fmt: skip
    with allow_direct_writes():
        return FollowUp.objects.create(enrollment=row, patient=row.patient, site=row.site, **given)
