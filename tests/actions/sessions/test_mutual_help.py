"""Meetings elsewhere, as people tell of them."""

from datetime import date
from typing import Any

import pytest

from clinic.models import Actor, Site
from pathways.actions import sessions
from pathways.rules.sessions import (
    HelpKind,
)
from patients.models import Patient
from tests.factories import patients
from tests.factories.patients import NOW
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def test_a_meeting_is_put_down_as_told_and_can_be_taken_back(site: Site, by: Actor, patient: Patient) -> None:
    given = {"by": by, "now": NOW, "patient_id": patient.public_id, "kind": HelpKind.SMART_RECOVERY}
    row = sessions.record_mutual_help(**given, attended_on=date(2026, 6, 15), minutes=90, note="Liked  it.")
    assert (row.note, row.source, row.enrollment) == ("Liked it.", "self_report", None)
    taken_back = sessions.retract_mutual_help(by=by, now=NOW, mutual_help_id=row.public_id)
    assert taken_back.retracted_by == by
    assert refused(sessions.retract_mutual_help, by=by, now=NOW, mutual_help_id=row.public_id).status == 409


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"attended_on": date(2026, 6, 17)}, "attended_on"),
        ({"attended_on": date(2025, 6, 1)}, "attended_on"),
        ({"minutes": 0}, "minutes"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_by_field(
    by: Actor, patient: Patient, given: dict[str, Any], field: str
) -> None:
    whole = {
        "by": by,
        "now": NOW,
        "patient_id": patient.public_id,
        "kind": HelpKind.OTHER,
        "attended_on": date(2026, 6, 15),
    }
    assert set(refused(sessions.record_mutual_help, **(whole | given)).fields) == {field}


def test_meetings_of_somebody_of_another_site_are_not_found(by: Actor) -> None:
    foreign = patients.patient()
    given = {"by": by, "now": NOW, "patient_id": foreign.public_id, "kind": HelpKind.OTHER}
    assert refused(sessions.record_mutual_help, **given, attended_on=NOW.date()).status == 404
