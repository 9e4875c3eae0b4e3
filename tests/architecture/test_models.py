"""Laws that stand in the tables: nothing points up, and every act has its person."""

from django.apps import apps
from django.db import models

ORDER = {"clinic": 0, "patients": 1, "pathways": 2}

# Moments at which no person acts on this row, each with its reason. Every other `<act>_at` has its `<act>_by`.
NO_PERSON = {
    "effective_at": "when it was true, told by the caller; the person stands at recorded_by",
    "due_at": "computed by a rule",
    "next_at": "computed by a rule",
    "act_at": "computed by a rule",
    "climbs_at": "computed by a rule",
    "try_again_at": "a moment to come, part of a call's result",
    "expires_at": "computed when the row is made",
    "status_at": "set by delivery jobs and provider reports",
    "AuditEntry.recorded_at": "the actor of an audit entry is its own field",
    "AuditSeal.sealed_at": "the sealing job",
    "IdempotentAnswer.answered_at": "the client is part of the key",
    "Heartbeat.beat_at": "a clock, not a person",
    "PhaseStay.started_at": "a projection of transitions, which name the person",
    "PhaseStay.ended_at": "a projection of transitions, which name the person",
    "LevelStay.started_at": "a projection of decisions, which name the person",
    "LevelStay.ended_at": "a projection of decisions, which name the person",
    "Reminder.planned_at": "planned with its follow-up, whose planned_by names who",
    "Reminder.appointment_at": "the session's time, as the message says it",
    "Session.starts_at": "a time agreed on; the person stands at booked_by",
    "Session.ends_at": "a time agreed on; the person stands at booked_by",
    "Attendance.starts_at": "the session's, written by a trigger",
    "Attendance.ends_at": "the session's, written by a trigger",
    "Attempt.purged_at": "retention, by the setting",
    "Reply.purged_at": "retention, by the setting",
    "Reconciliation.finished_at": "the run itself; who began it stands at started_by",
    "ProviderStanding.changed_at": "a worker",
    "Attempt.started_at": "a worker",
    "Attempt.finished_at": "a worker",
}


def _ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in ORDER]


def test_no_relation_points_up() -> None:
    up = [
        f"{model.__name__}.{field.name} -> {field.related_model._meta.label}"
        for model in _ours()
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.is_relation and isinstance(field.related_model, type)
        if ORDER.get(field.related_model._meta.app_label, -1) > ORDER[model._meta.app_label]
    ]
    assert not up, up


def test_every_act_has_its_person() -> None:
    lonely = [
        f"{model.__name__}.{field.name}"
        for model in _ours()
        for field in model._meta.fields
        if isinstance(field, models.DateTimeField) and field.name.endswith("_at")
        if field.name not in NO_PERSON and f"{model.__name__}.{field.name}" not in NO_PERSON
        if not _has(model, field.name.removesuffix("_at") + "_by")
    ]
    assert not lonely, f"without _by, and without a reason in NO_PERSON: {lonely}"


def test_every_person_of_an_act_is_an_actor() -> None:
    others = [
        f"{model.__name__}.{field.name} -> {field.related_model}"
        for model in _ours()
        for field in model._meta.fields
        if field.name.endswith("_by") and field.is_relation
        if getattr(field.related_model, "__name__", "") != "Actor"
    ]
    assert not others, others


def test_an_act_that_may_not_have_happened_is_paired_in_the_database() -> None:
    unpaired = [
        f"{model.__name__}.{field.name}"
        for model in _ours()
        for field in model._meta.fields
        if field.name.endswith("_at") and field.null and _has(model, field.name.removesuffix("_at") + "_by")
        if not _is_checked(model, field.name)
    ]
    assert not unpaired, f"no check constraint names both columns: {unpaired}"


def test_every_table_is_named_by_a_public_id_or_says_why_not() -> None:
    # Never named in a URL, task or audit entry: rows of the house itself, and parts of one patient's record
    # (the words a patient is found by, the one row of preferences).
    inner = {"IdempotentAnswer", "Installation", "DeliveryArming", "Heartbeat", "User"}
    inner |= {"SearchToken", "ContactPreference", "AdoptionItem"}
    inner |= {"OwedContact", "ProviderStanding", "ReconciliationCount"}
    nameless = [
        model.__name__
        for model in _ours()
        if not model._meta.auto_created and model.__name__ not in inner and not _has(model, "public_id")
    ]
    assert not nameless, nameless


def test_no_relation_deletes_history() -> None:
    cascading = [
        f"{model.__name__}.{field.name}"
        for model in _ours()
        if getattr(model, "append_only", False)
        for field in model._meta.fields
        if field.is_relation and field.remote_field.on_delete is models.CASCADE
    ]
    assert not cascading, cascading


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.fields)


def _is_checked(model: type[models.Model], name: str) -> bool:
    checks = [c for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
    return any(name in str(c.condition) and name.removesuffix("_at") + "_by" in str(c.condition) for c in checks)
