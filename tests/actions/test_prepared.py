"""A query set that is put into SQL once answers as it would if it were built anew each time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site, StaffMember
from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.rules.roles import Role
from tests.factories import clinic

pytestmark = pytest.mark.django_db
built: list[str] = []


def people(site: int, roles: list[str]) -> QuerySet[Any, Any]:
    """Who works at a site and has these roles, with every site they work at."""
    through = Actor.sites.through.objects
    here = through.filter(actor_id=OuterRef("pk"), site_id=site)
    everywhere = through.filter(actor_id=OuterRef("pk")).order_by("site_id")
    kept = everywhere.values(kept=JSONObject(code="site__code"))
    rows = Actor.objects.filter(Exists(here), roles__overlap=roles).annotate(places=ArraySubquery(kept))
    return rows.order_by("-pk").values_list("pk", "public_id", "roles", "places")


@prepared
def people_once(site: int, roles: list[str]) -> QuerySet[Any, Any]:
    built.append("people")
    return people(site, roles)


@prepared
def invited_between(staff: list[int], since: datetime, until: datetime) -> QuerySet[Any, Any]:
    rows = StaffMember.objects.filter(pk__in=among(staff), invited_at__range=(since, until))
    return rows.order_by("pk").values_list("pk", "invited_at")[:1]


@prepared
def staff_at(site: int) -> QuerySet[StaffMember]:
    return StaffMember.objects.filter(actor__sites=site).select_related("actor").defer("title").order_by("pk")


@pytest.fixture
def sites() -> list[Site]:
    return [clinic.site(), clinic.site()]


def test_rows_are_those_of_the_query_set_read_the_same_way(sites: list[Site]) -> None:
    for role in (Role.NURSE, Role.COUNSELOR):
        clinic.actor(roles=[role], sites=sites)
    for site in sites:
        for roles in ([Role.NURSE], [Role.NURSE, Role.COUNSELOR], [Role.PEER_SUPPORTER]):
            asked = [str(each) for each in roles]
            assert people_once(site.pk, roles=asked) == list(people(site.pk, asked))
    assert people_once(sites[0].pk, [str(Role.NURSE)])[0][3] == [{"code": each.code} for each in sites]


def test_it_is_built_once_and_asked_each_time(sites: list[Site]) -> None:
    people_once(sites[0].pk, [])
    built.clear()
    with CaptureQueriesContext(connection) as queries:
        for site in sites:
            people_once(site.pk, [str(Role.NURSE)])
    assert (len(queries), built) == (2, [])


def test_moments_and_many_ids_are_values_like_others() -> None:
    first, second = clinic.staff(), clinic.staff()
    both, at, day = [first.pk, second.pk], first.invited_at, timedelta(days=1)
    assert invited_between(both, at - day, at + day) == [(first.pk, at)]
    assert invited_between([second.pk], at, at) == [(second.pk, at)]
    assert invited_between(both, at + day, at + 2 * day) == []
    assert invited_between([], at - day, at + day) == []


def test_records_come_with_their_relations_each_time_as_they_are(sites: list[Site]) -> None:
    member = clinic.staff(sites=sites[:1], name="Ada Samplewright")
    staff_at(sites[0].pk)
    with allow_direct_writes():
        Actor.objects.filter(pk=member.actor_id).update(name="Ada Bytewright")
    with CaptureQueriesContext(connection) as queries:
        found = staff_at(sites[0].pk)
        assert [(each, each.actor.name) for each in found] == [(member, "Ada Bytewright")]
        assert staff_at(sites[1].pk) == []
    assert len(queries) == 2
    assert found[0].get_deferred_fields() == {"title"}


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(TypeError):
        people_once(1)  # type: ignore[call-arg]
