"""Places nobody took in time are free again, by a job that has a name."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.rules.roles import Role
from pathways.actions import waits
from pathways.models import PlaceOffer
from pathways.tasks import lapse_offers
from tests.factories import clinic, pathways, patients

pytestmark = pytest.mark.django_db


def test_an_offer_lapses_once_its_time_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    site = clinic.site()
    by = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    pathways.program(now=now - timedelta(days=1))
    row = waits.put_on_waitlist(
        by=by, now=now, patient_id=patients.patient(site).public_id, program_key=pathways.KRATOM
    )
    waits.offer_place(by=by, now=now, wait_id=row.public_id, expires_at=now + timedelta(hours=1))
    assert lapse_offers() == {"lapsed": 0}
    monkeypatch.setattr("clinic.clock.now", lambda: now + timedelta(hours=1))
    assert lapse_offers() == {"lapsed": 1}
    ended = PlaceOffer.objects.get()
    assert ended.answered_by is not None
    assert (ended.answer, ended.answered_by.name) == ("lapsed", "place offers")
