"""Absences: recorded for oneself and for colleagues, and the work that shows as the cover's meanwhile."""

from datetime import date, timedelta

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.actions.absences import cancel_absence, record_absence
from pathways.models import Absence, FollowUp
from pathways.queries.absences import absences, to_come
from pathways.queries.worklist import choose, owed
from pathways.rules.saved_views import NOTHING
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)
DAY = timedelta(days=1)


@pytest.fixture
def ada(site: Site) -> Actor:
    return clinic.actor(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def ben(site: Site) -> Actor:
    return clinic.actor(roles=[Role.PEER_SUPPORTER], sites=[site])


@pytest.fixture
def cleo(site: Site) -> Actor:
    return clinic.actor(roles=[Role.PEER_SUPPORTER], sites=[site])


@pytest.fixture
def contact(site: Site, ada: Actor) -> FollowUp:
    """Ada's, and due."""
    person = patients.patient(site, contact_points=[patients.phone()])
    row = pathways.enrolled(person, site=site).follow_ups.order_by("due_at").first()
    assert row is not None
    return follow_ups.assign(by=ada, now=NOW, follow_up_id=row.public_id, owner_id=ada.public_id)


def away(by: Actor, cover: Actor, first: date = TODAY, days: int = 3, **given: object) -> Absence:
    given = {"starts_on": first, "ends_on": first + days * DAY, "cover_id": cover.public_id, "now": NOW} | given
    return record_absence(by=by, **given)  # type: ignore[arg-type]


def has_it(actor: Actor, contact: FollowUp, after: timedelta = DAY) -> bool:
    lines = choose(owed(actor, contact.site, now=contact.due_at + after), NOTHING).lines
    return any(line.item.public_id == contact.public_id for line in lines)


def test_on_the_days_away_the_work_stands_on_the_covers_list_and_then_again_on_the_owners(
    contact: FollowUp, ada: Actor, ben: Actor
) -> None:
    due = contact.due_at.astimezone(contact.site.zone).date()
    assert has_it(ada, contact) and not has_it(ben, contact)
    away(ada, ben, due + DAY, days=1)
    assert has_it(ben, contact) and not has_it(ada, contact)
    assert has_it(ada, contact, 3 * DAY) and not has_it(ben, contact, 3 * DAY)
    found = owed(ben, contact.site, now=contact.due_at + DAY)
    line = next(each for each in found.lines if each.item.public_id == contact.public_id)
    holder, instead = found.holder(line), found.instead_of(line)
    assert holder is not None and instead is not None
    assert (holder.id, instead.id) == (ben.pk, ada.pk)


def test_where_the_cover_is_away_as_well_the_work_goes_on_to_theirs(
    contact: FollowUp, ada: Actor, ben: Actor, cleo: Actor
) -> None:
    due = contact.due_at.astimezone(contact.site.zone).date()
    away(ada, ben, due)
    away(ben, cleo, due)
    assert has_it(cleo, contact) and not has_it(ben, contact)


def test_the_record_says_who_recorded_it_and_keeps_no_words_in_the_audit(ada: Actor, ben: Actor) -> None:
    row = away(ada, ben, note="At a wedding.")
    assert (row.actor, row.cover, row.recorded_by, row.note) == (ada, ben, ada, "At a wedding.")
    entry = AuditEntry.objects.get(action="absence.record")
    assert (entry.actor, entry.subject_id) == (ada, row.public_id)
    assert "wedding" not in str(entry.details)


def test_whoever_gives_work_away_records_for_others_and_nobody_else_does(ada: Actor, ben: Actor, cleo: Actor) -> None:
    assert away(ada, cleo, actor_id=ben.public_id).actor == ben
    with pytest.raises(Refused) as refused:
        away(ben, cleo, actor_id=ada.public_id)
    assert refused.value.status == 403


def test_a_stranger_is_no_colleague(ada: Actor, ben: Actor) -> None:
    stranger = clinic.actor(roles=[Role.COUNSELOR])
    with pytest.raises(Refused) as refused:
        away(ada, ben, actor_id=stranger.public_id)
    assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        away(ada, stranger)
    assert refused.value.fields.keys() == {"cover"}


@pytest.mark.parametrize(("first", "days", "field"), [(-5, 2, "ends_on"), (3, -1, "ends_on"), (0, 400, "ends_on")])
def test_days_that_cannot_be_are_refused_by_field(ada: Actor, ben: Actor, first: int, days: int, field: str) -> None:
    with pytest.raises(Refused) as refused:
        away(ada, ben, TODAY + first * DAY, days)
    assert refused.value.fields.keys() == {field}
    assert not Absence.objects.exists()


def test_nobody_covers_who_is_away_themselves_and_no_circle_is_recorded(ada: Actor, ben: Actor, cleo: Actor) -> None:
    away(ada, ben)
    for cover in (ada, cleo):
        if cover is ada:
            with pytest.raises(Refused) as refused:
                away(ben, cover)
            assert refused.value.fields.keys() == {"cover"}
        else:
            away(ben, cover)
    with pytest.raises(Refused):
        away(cleo, ben)


def test_an_absence_is_cancelled_once_by_oneself_or_whoever_gives_work_away(
    contact: FollowUp, ada: Actor, ben: Actor, cleo: Actor
) -> None:
    row = away(ada, ben)
    with pytest.raises(Refused) as refused:
        cancel_absence(by=ben, now=NOW, absence_id=row.public_id)
    assert refused.value.status == 403
    with pytest.raises(Refused) as refused:
        cancel_absence(by=ada, now=NOW, absence_id=row.public_id, expected_version=9)
    assert refused.value.status == 412
    assert cancel_absence(by=ada, now=NOW, absence_id=row.public_id).cancelled_by == ada
    with pytest.raises(Refused) as refused:
        cancel_absence(by=ada, now=NOW, absence_id=row.public_id)
    assert refused.value.code == "absence_cancelled"
    assert has_it(ada, contact) and not has_it(ben, contact)


def test_an_absence_that_is_over_stays_as_it_was(ada: Actor, ben: Actor) -> None:
    row = away(ada, ben, days=0)
    with pytest.raises(Refused) as refused:
        cancel_absence(by=ada, now=NOW + 2 * DAY, absence_id=row.public_id)
    assert refused.value.code == "absence_over"


def test_a_foreign_absence_looks_like_none(ada: Actor, ben: Actor) -> None:
    row = away(ada, ben)
    stranger = clinic.actor(roles=[Role.SUPERVISOR])
    with pytest.raises(Refused) as refused:
        cancel_absence(by=stranger, now=NOW, absence_id=row.public_id)
    assert refused.value.status == 404


def test_one_sees_ones_own_those_one_covers_and_with_the_right_those_of_colleagues(
    ada: Actor, ben: Actor, cleo: Actor
) -> None:
    row = away(ada, ben)
    assert row in absences(ada) and row in absences(ben) and row not in absences(cleo)
    assert row in absences(clinic.actor(roles=[Role.SUPERVISOR], sites=list(ada.sites.all())))
    assert to_come(ada, NOW) == [row]
    assert to_come(ada, NOW + 9 * DAY) == []
