"""Views: a choice of filters under a name, one's own or shared, one of them the default."""

import pytest

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions.saved_views import change_view, delete_view, keep_view
from pathways.models import SavedView
from pathways.queries.saved_views import is_default, views, wanted_of
from pathways.rules.saved_views import ViewPage
from tests.factories import clinic
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
TODAY = ViewPage.TODAY


@pytest.fixture
def ada(site: Site) -> Actor:
    return clinic.actor(roles=[Role.COUNSELOR], sites=[site])


@pytest.fixture
def ben(site: Site) -> Actor:
    return clinic.actor(roles=[Role.NURSE], sites=[site])


def kept(by: Actor, name: str = "My calls", **given: object) -> SavedView:
    return keep_view(**({"by": by, "now": NOW, "page": TODAY, "name": name, "filters": {"kind": "call"}} | given))  # type: ignore[arg-type]


def test_what_was_chosen_is_kept_under_its_name(ada: Actor) -> None:
    row = kept(ada, "  My calls ")
    assert (row.name, row.owner, wanted_of(row).given) == ("My calls", ada, {"kind": "call"})


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"patient": "x"}, "filters.patient"),
        ({"kind": "song"}, "filters.kind"),
        ({}, "filters"),
        ({"kind": ""}, "filters"),
    ],
)
def test_what_the_page_does_not_know_is_not_kept(ada: Actor, filters: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        kept(ada, filters=filters)
    assert refused.value.fields.keys() == {field}
    assert not SavedView.objects.exists()


def test_a_name_is_used_once_on_a_page(ada: Actor, ben: Actor) -> None:
    kept(ada)
    with pytest.raises(Refused) as refused:
        kept(ada)
    assert refused.value.fields.keys() == {"name"}
    kept(ben)
    kept(ada, page=ViewPage.PATIENTS, filters={"level": "L2"})


def test_a_page_opens_with_one_view_of_ones_own(ada: Actor, ben: Actor) -> None:
    first, others = kept(ada, default=True), kept(ben, default=True)
    second = kept(ada, "Other", default=True)
    first.refresh_from_db()
    assert (is_default(first), is_default(second), is_default(others)) == (False, True, True)
    change_view(by=ada, now=NOW, view_id=first.public_id, default=True, expected_version=first.version)
    second.refresh_from_db()
    assert not is_default(second)


def test_what_is_left_out_of_a_change_stays(ada: Actor) -> None:
    row = kept(ada, shared=True, default=True)
    row = change_view(by=ada, now=NOW, view_id=row.public_id, name="Renamed")
    assert (row.name, row.shared, is_default(row), wanted_of(row).given) == ("Renamed", True, True, {"kind": "call"})


def test_a_shared_view_is_opened_by_colleagues_and_changed_by_its_owner_alone(ada: Actor, ben: Actor) -> None:
    own, shared = kept(ada), kept(ada, "Shared", shared=True)
    stranger = clinic.actor(roles=[Role.NURSE])
    assert list(views(ben, TODAY)) == [shared]
    assert list(views(stranger)) == []
    with pytest.raises(Refused) as refused:
        change_view(by=ben, now=NOW, view_id=shared.public_id, name="Mine now")
    assert refused.value.status == 403
    with pytest.raises(Refused) as refused:
        delete_view(by=ben, now=NOW, view_id=own.public_id)
    assert refused.value.status == 404


def test_a_view_changed_meanwhile_is_not_overwritten(ada: Actor) -> None:
    row = kept(ada)
    change_view(by=ada, now=NOW, view_id=row.public_id, name="First", expected_version=row.version)
    with pytest.raises(Refused) as refused:
        change_view(by=ada, now=NOW, view_id=row.public_id, name="Second", expected_version=row.version)
    assert refused.value.status == 412


def test_a_view_is_forgotten(ada: Actor) -> None:
    row = kept(ada)
    assert delete_view(by=ada, now=NOW, view_id=row.public_id) == "My calls"
    assert not SavedView.objects.exists()


def test_a_stored_filter_the_page_no_longer_knows_is_left_out(ada: Actor) -> None:
    row = kept(ada)
    row.filters = {"kind": "call", "colour": "red", "risk": "gone"}
    assert wanted_of(row).given == {"kind": "call"}
