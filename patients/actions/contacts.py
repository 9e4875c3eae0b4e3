"""Ways to reach somebody: adding, changing, verifying, retiring; what they prefer; what must not be written to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, stale
from clinic.models import Actor, Site
from clinic.rules.opening_hours import ContactHours
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from patients.actions import consents, search_tokens
from patients.actions.locks import lock_child, lock_patient, lock_patients, lock_points_at
from patients.models import ContactPoint, ContactPreference, Patient, Suppression
from patients.rules.contact import (
    SUPPRESSION_REASONS,
    Channel,
    UnusableAddress,
    grace_problem,
    hours_problem,
    normalise,
)
from patients.rules.texts import plain, text_problem

MOST_POINTS = 20
NOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class NewContactPoint:
    """An address as given. `confirmed`: read back and confirmed by the person; `consent`: they agreed to be written to.

    `opens`, `closes`: the person's own contact hours, wall time where they are.
    """

    channel: str
    address: str
    ok_to_leave_message: bool = False
    shared: bool = False
    confirmed: bool = False
    consent: bool = False
    consent_method: str = "in_person"
    opens: time | None = None
    closes: time | None = None


@action(Permission.CONTACT_WRITE, "contact.add")
def add(*, patient: Patient, point: NewContactPoint, by: Actor, now: datetime) -> ContactPoint:
    """One more way to reach the person, after those known. Raises Refused: 404, 409 when known already, 422."""
    fresh = lock_patient(patient, by)
    (tidy,) = checked_points([point], region_of(fresh), sites=sites_of(fresh))
    known = ContactPoint.objects.filter(patient=fresh, retired_at__isnull=True).order_by("-rank").first()
    rank = known.rank + 1 if known else 1
    if rank > MOST_POINTS:
        raise Refused("too_many_contact_points")
    row = write_point(fresh, tidy, rank=rank, by=by, now=now)
    search_tokens.rewrite(fresh)
    _record("contact.add", row, by, now, channel=row.channel)
    return row


@action(Permission.CONTACT_WRITE, "contact.change")
def change(
    *, contact_point: ContactPoint, expected_version: int, point: NewContactPoint, by: Actor, now: datetime
) -> ContactPoint:
    """How a known address may be used; or another address in its place.

    Another address or channel is another contact point: the old one is retired, and neither its confirmation nor the
    consent to it is carried over. Raises Refused: 404, 412, 422.
    """
    patient = lock_patient(contact_point.patient, by)
    row = _current(contact_point, expected_version)
    (tidy,) = checked_points([point], region_of(patient), sites=sites_of(patient))
    if (tidy.channel, tidy.address) != (row.channel, row.address):
        return _replace(patient, row, tidy, by, now)
    row.ok_to_leave_message, row.shared, row.opens, row.closes = (
        tidy.ok_to_leave_message, tidy.shared, tidy.opens, tidy.closes)  # fmt: skip
    _save(row)
    _record("contact.change", row, by, now, channel=row.channel)
    return row


@action(Permission.CONTACT_WRITE, "contact.verify")
def verify(*, contact_point: ContactPoint, expected_version: int, by: Actor, now: datetime) -> ContactPoint:
    """The person confirmed that the address is theirs: only then may anything be sent to it."""
    lock_patient(contact_point.patient, by)
    row = _current(contact_point, expected_version)
    row.verified_at, row.verified_by = now, by
    _save(row)
    _record("contact.verify", row, by, now, channel=row.channel)
    return row


@action(Permission.CONTACT_WRITE, "contact.retire")
def retire(*, contact_point: ContactPoint, expected_version: int, by: Actor, now: datetime) -> ContactPoint:
    """Not used any more; kept, because messages and consents point at it."""
    patient = lock_patient(contact_point.patient, by)
    row = _current(contact_point, expected_version)
    row.retired_at, row.retired_by = now, by
    _save(row)
    search_tokens.rewrite(patient)
    _record("contact.retire", row, by, now, channel=row.channel)
    return row


@action(Permission.CONTACT_WRITE, "contact.prefer")
def prefer(
    *,
    patient: Patient,
    expected_version: int | None,
    preferred_channel: str,
    reminders_wanted: bool,
    note: str = "",
    grace_hours: int | None = None,
    by: Actor,
    now: datetime,
) -> ContactPreference:
    """What the person said they like. `expected_version=None` where nothing was said before.

    `grace_hours`: how much longer than usual silence is waited for, on every step; None: that stays as it is.

    Raises Refused: 404, 412, 422.
    """
    fresh = lock_patient(patient, by)
    wrong = {
        "preferred_channel": None if preferred_channel in ("", *Channel) else sentence("refused.not_offered"),
        "note": text_problem(note, limit=NOTE_LIMIT),
        "grace_hours": grace_problem(grace_hours or 0),
    }
    _refuse(wrong)
    row = ContactPreference.objects.filter(patient=fresh).first() or ContactPreference(patient=fresh, version=0)
    if (row.pk and row.version) != expected_version:
        raise stale()
    row.preferred_channel, row.reminders_wanted, row.note = preferred_channel, reminders_wanted, plain(note)
    row.grace_hours = row.grace_hours if grace_hours is None else grace_hours
    row.recorded_at, row.recorded_by = now, by
    row.version += 1
    row.save()
    _record("contact.prefer", fresh, by, now, wanted=reminders_wanted, channel=preferred_channel)
    return row


@action(Permission.CONTACT_WRITE, "contact.suppress")
def suppress(
    *,
    patient: Patient,
    reason: str,
    channel: str = "",
    contact_point: ContactPoint | None = None,
    by: Actor,
    now: datetime,
) -> Suppression:
    """No automatic message to this person, or to one of their addresses whoever uses it, until it is lifted.

    With `contact_point` its address is closed on its channel for everybody (a wrong number is wrong for all).
    Doing it twice for the same reason changes nothing. Raises Refused: 404, 422.
    """
    fresh = lock_patient(patient, by)
    _refuse({
        "reason": None if reason in SUPPRESSION_REASONS else sentence("refused.not_offered"),
        "channel": None if channel in ("", *Channel) else sentence("refused.not_offered"),
    })  # fmt: skip
    if contact_point is not None and contact_point.patient_id != fresh.pk:
        raise bad_input(contact_point=sentence("refused.not_offered"))
    key = _suppression_key(fresh, channel, contact_point)
    if contact_point is not None:
        lock_points_at(contact_point.channel, contact_point.address)
    row = Suppression.objects.filter(lifted_at__isnull=True, reason=reason, **key).first()
    if row is None:
        row = Suppression.objects.create(reason=reason, since=now, added_by=by, **key)
        _record("contact.suppress", fresh, by, now, reason=reason, channel=str(key["channel"]))
    return row


@action(Permission.CONTACT_WRITE, "contact.lift")
def lift(*, patient: Patient, suppression: Suppression, by: Actor, now: datetime) -> Suppression:
    """Messages may go again, if everything else allows it. Where it was said of another record of the person, that one
    is locked and named besides. Raises Refused: 404, also where the actor does not see that record; 409 when it was
    lifted already."""
    said_of = suppression.patient or patient
    held = lock_patients(list({patient, said_of}), by)
    row = Suppression.objects.select_for_update(no_key=True, of=("self",)).get(pk=suppression.pk)
    if row.lifted_at is not None:
        raise Refused("suppression_lifted")
    row.lifted_at, row.lifted_by = now, by
    row.save(update_fields=["lifted_at", "lifted_by"])
    details = {"reason": row.reason, "channel": row.channel}
    audit.record(
        action="contact.lift", by=by, now=now, subject=("patient", patient.public_id),
        patients=[each.public_id for each in held.values()], details=details,
    )  # fmt: skip
    return row


def check_hours(patient: Patient, opens: time | None, closes: time | None) -> None:
    """That these can be a person's own contact hours: they meet those of a site. Raises Refused: 422 `closes`."""
    _refuse({"closes": hours_problem(opens, closes, _kept_hours(sites_of(patient)))})


def checked_points(
    points: Sequence[NewContactPoint], region: str, within: str = "", *, sites: Sequence[Site]
) -> list[NewContactPoint]:
    """The points with their addresses in one spelling. `sites`: those that write to the person and call them.

    Raises Refused (422) naming the fields, `contact_points.0.address` where the points stand `within` something.
    """
    wrong: dict[str, Sentence] = {}
    tidy: list[NewContactPoint] = []
    for number, point in enumerate(points):
        prefix = f"{within}.{number}." if within else ""
        problems = _point_problems(point, sites)
        wrong |= {f"{prefix}{name}": said for name, said in problems.items()}
        try:
            tidy.append(_tidy(point, region) if not problems else point)
        except UnusableAddress as unusable:
            wrong[f"{prefix}address"] = unusable.sentence
    _refuse(dict(wrong))
    return tidy


def write_point(patient: Patient, point: NewContactPoint, *, rank: int, by: Actor, now: datetime) -> ContactPoint:
    """The row, confirmed and consented to where the person did; inside an action only."""
    confirmed = {"verified_at": now, "verified_by": by} if point.confirmed else {}
    row = ContactPoint.objects.create(
        patient=patient, channel=point.channel, address=point.address, rank=rank,
        ok_to_leave_message=point.ok_to_leave_message, shared=point.shared, opens=point.opens, closes=point.closes,
        added_at=now, added_by=by, **confirmed,
    )  # fmt: skip
    if point.consent:
        consents.write(row, given=True, method=point.consent_method, effective_at=now, by=by, now=now)
    return row


def region_of(patient: Patient) -> str:
    """The region a telephone number without a country is read in: that of the person's oldest current site."""
    stay = patient.site_stays.filter(until__isnull=True).select_related("site").order_by("since", "id").first()
    return stay.site.region if stay else "US"


def sites_of(patient: Patient) -> list[Site]:
    """The open sites a person attends, the oldest stay first."""
    stays = patient.site_stays.filter(until__isnull=True, site__closed_at__isnull=True)
    return [stay.site for stay in stays.select_related("site").order_by("since", "id")]


def _tidy(point: NewContactPoint, region: str) -> NewContactPoint:
    return replace(point, address=normalise(Channel(point.channel), point.address, region))


def _point_problems(point: NewContactPoint, sites: Sequence[Site]) -> dict[str, Sentence]:
    problems = {
        "channel": None if point.channel in list(Channel) else sentence("refused.not_offered"),
        "address": text_problem(point.address, limit=254, required=True, lines=point.channel == Channel.LETTER),
        "consent_method": consents.method_problem(point.consent_method),
        "closes": hours_problem(point.opens, point.closes, _kept_hours(sites)),
    }
    return {name: said for name, said in problems.items() if said is not None}


def _kept_hours(sites: Sequence[Site]) -> list[ContactHours]:
    return [ContactHours(each.contact_opens, each.contact_closes) for each in sites]


def _replace(patient: Patient, row: ContactPoint, point: NewContactPoint, by: Actor, now: datetime) -> ContactPoint:
    row.retired_at, row.retired_by = now, by
    _save(row)
    fresh = write_point(patient, point, rank=row.rank, by=by, now=now)
    search_tokens.rewrite(patient)
    _record("contact.change", fresh, by, now, channel=fresh.channel, replaces=str(row.public_id))
    return fresh


def _current(contact_point: ContactPoint, expected_version: int) -> ContactPoint:
    row = lock_child(contact_point, expected_version)
    if row.retired_at is not None:
        raise Refused("contact_point_retired")
    return row


def _save(row: ContactPoint) -> None:
    row.version += 1
    row.save()


def _suppression_key(patient: Patient, channel: str, point: ContactPoint | None) -> dict[str, object]:
    if point is None:
        return {"patient": patient, "channel": channel, "address": ""}
    return {"patient": None, "channel": point.channel, "address": point.address}


def _refuse(problems: dict[str, Sentence | None] | dict[str, Sentence]) -> None:
    wrong = {name: said for name, said in problems.items() if said is not None}
    if wrong:
        raise bad_input(**wrong)


def _record(name: str, row: ContactPoint | Patient, by: Actor, now: datetime, **details: object) -> None:
    patient = row if isinstance(row, Patient) else row.patient
    kind = "patient" if isinstance(row, Patient) else "contact_point"
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=(kind, row.public_id),
        patients=[patient.public_id],
        details=details,
    )
