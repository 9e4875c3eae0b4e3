"""Two administrators taking the role from each other at the same moment: one stays."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from clinic.actions import staff as acts
from clinic.clock import real_now
from clinic.errors import Refused
from clinic.models import StaffMember
from clinic.queries.staff import active_administrators
from clinic.rules.roles import Role
from tests.factories import clinic as make


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_lock_everybody_out_together() -> None:
    for _ in range(5):
        first, second = (make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]) for _ in range(2))
        for other in active_administrators().exclude(pk__in=[first.pk, second.pk]):
            acts.change_roles(member=other, roles=["nurse"], by=first.actor, now=real_now())
        start, refusals = Barrier(2), []

        def demote(
            member: StaffMember, by: StaffMember, start: Barrier = start, refusals: list[str] = refusals
        ) -> None:
            start.wait()
            try:
                acts.change_roles(member=member, roles=["nurse"], by=by.actor, now=real_now())
            except Refused as refused:
                refusals.append(refused.code)
            finally:
                connection.close()

        threads = [Thread(target=demote, args=pair) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refusals == ["last_administrator"]
        assert active_administrators().count() == 1
