"""What is written down of a session: who was there, once, corrected with its reason."""

import pytest

from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from clinic.wording import say
from pathways.actions import enrollments, sessions
from pathways.actions.sessions import Came
from pathways.models import EvidenceReview
from pathways.rules.sessions import (
    AttendanceStatus,
    CancelledBy,
    SessionStatus,
)
from patients.models import Patient
from tests.factories import clinic, pathways
from tests.factories import sessions as make
from tests.factories.patients import NOW
from tests.factories.sessions import AFTER, DAY, HOUR, TOMORROW, came, people, place_of
from tests.refusals import refused

pytestmark = pytest.mark.django_db
A, S = AttendanceStatus, SessionStatus


# documentation


def test_a_group_is_documented_once_and_who_was_absent_did_not_come(site: Site, by: Actor) -> None:
    one, two, three = people(site, by, 3)
    row = make.group(site, one, two, three, by=by)
    sessions.take_off(by=by, now=NOW, attendance_id=place_of(row, three).public_id, wish=CancelledBy.PATIENT)
    line = Came(place_of(row, one).public_id, 60, "Spoke for the first time.")
    held = sessions.document(
        by=by, now=AFTER, session_id=row.public_id, came=[line], note="Triggers at work.",
        lines={place_of(row, two).public_id: "Called in ill."},
    )  # fmt: skip
    assert (held.status, held.documented_by, held.note) == (S.HELD, by, "Triggers at work.")
    there, absent, gone = (place_of(row, each) for each in (one, two, three))
    assert (there.status, there.minutes, there.note) == (A.ATTENDED, 60, "Spoke for the first time.")
    assert (absent.status, absent.minutes, absent.note) == (A.NO_SHOW, 0, "Called in ill.")
    assert (gone.status, gone.documented_at) == (A.CANCELLED_BY_PATIENT, None)
    again = refused(sessions.document, by=by, now=AFTER, session_id=row.public_id, came=[])
    assert (again.code, again.status) == ("session_not_documentable", 409)


def test_a_session_nobody_came_to_is_documented_so(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    assert sessions.document(by=by, now=AFTER, session_id=row.public_id, came=[]).status == S.NO_SHOW


def test_nothing_is_documented_before_it_began(by: Actor, patient: Patient) -> None:
    row = make.individual(patient, by=by)
    no = refused(sessions.document, by=by, now=NOW, session_id=row.public_id, came=came(row, 50))
    assert say(no.sentence) == "It has not begun yet."


def test_the_shared_note_of_a_group_names_nobody(site: Site, by: Actor) -> None:
    one, two = people(site, by, 2)
    row = make.group(site, one, two, by=by)
    given = {"by": by, "now": AFTER, "session_id": row.public_id, "came": came(row, 90, 90)}
    no = refused(sessions.document, **given, note=f"{two.given_name} disagreed.")
    assert set(no.fields) == {"note"}
    assert two.given_name in say(no.fields["note"])
    alone = make.individual(one, by=by, at=TOMORROW + 3 * HOUR)
    noted = sessions.document(
        by=by,
        now=AFTER + 2 * HOUR,
        session_id=alone.public_id,
        came=came(alone, 50),
        note=f"{one.given_name} slept well.",
    )
    assert noted.status == S.HELD


def test_minutes_and_lines_that_cannot_be_are_refused_where_they_stand(site: Site, by: Actor) -> None:
    row = make.group(site, *people(site, by, 2), by=by)
    first, second = came(row, 0, 151)
    lines = [first, Came(second.attendance_id, 151, "x" * 401), Came(row.public_id, 10)]
    no = refused(sessions.document, by=by, now=AFTER, session_id=row.public_id, came=lines)
    assert set(no.fields) == {"came.0.minutes", "came.1.minutes", "came.1.note", "came.2.attendance"}


def test_a_peer_supporter_documents_the_sessions_they_lead_and_no_other(
    site: Site, by: Actor, patient: Patient
) -> None:
    peer = clinic.actor(roles=[Role.PEER_SUPPORTER], sites=[site])
    own = make.individual(patient, by=by, leader=peer, what={"modality": "peer-support"})
    other = make.individual(patient, by=by, at=TOMORROW + HOUR)
    assert sessions.document(by=peer, now=AFTER, session_id=own.public_id, came=came(own, 30)).status == S.HELD
    no = refused(sessions.document, by=peer, now=AFTER, session_id=other.public_id, came=came(other, 30))
    assert no.status == 403


def test_an_account_is_corrected_with_its_reason_and_kept_as_it_stood(site: Site, by: Actor) -> None:
    one, two = people(site, by, 2)
    row = make.group(site, one, two, by=by)
    given = {"by": by, "session_id": row.public_id}
    early = refused(sessions.amend, **given, now=AFTER, reason="x", came=[])
    assert early.code == "session_not_documented"
    sessions.document(**given, now=AFTER, came=came(row, 90), note="Sleep.")
    assert set(refused(sessions.amend, **given, now=AFTER + DAY, reason=" ", came=came(row, 60, 45)).fields) == {
        "reason"
    }
    sessions.amend(**given, now=AFTER + DAY, reason="Mixed two people up.", came=came(row, 60, 45), note="Sleep, work.")
    row.refresh_from_db()
    assert (row.note, [each.minutes for each in row.attendances.order_by("pk")]) == ("Sleep, work.", [60, 45])
    stood = row.amendments[0]
    assert (stood["reason"], stood["note"], stood["name"]) == ("Mixed two people up.", "Sleep.", by.name)
    assert [(each["status"], each["minutes"]) for each in stood["places"]] == [("attended", 90), ("no_show", 0)]
    assert AuditEntry.objects.get(action="session.amend", outcome="done").reason == "Mixed two people up."


def test_somebody_said_to_have_come_was_not_elsewhere_at_that_time(site: Site, by: Actor, patient: Patient) -> None:
    other = clinic.actor(roles=[Role.NURSE], sites=[site])
    row = make.group(site, patient, by=by)
    sessions.document(by=by, now=AFTER, session_id=row.public_id, came=[])
    make.individual(patient, by=by, leader=other, now=AFTER)
    no = refused(sessions.amend, by=by, now=AFTER, session_id=row.public_id, reason="Was there.", came=came(row, 90))
    assert (no.code, set(no.fields)) == ("session_clash", {"people"})


# rooms


def test_a_move_that_rested_on_a_session_is_looked_at_again_when_it_turns_out_nobody_came(site: Site) -> None:
    by = clinic.actor(roles=[Role.CLINICIAN], sites=[site])
    phases = pathways.document()["phases"]
    asked = {"key": "came", "kind": "sessions_attended", "measure": "count", "at_least": 1, "source": "test"}
    phases[0]["exit"] = {"title": "Gate on", "criteria": [asked]}
    pathways.program(now=NOW - DAY)
    pathways.program(changed={"phases": phases})
    row = pathways.enrolled(site=site, by=by)
    session = make.individual(row.patient, by=by)
    sessions.document(by=by, now=AFTER, session_id=session.public_id, came=came(session, 50))
    move = enrollments.advance(by=by, now=AFTER + HOUR, enrollment_id=row.public_id)
    sessions.amend(by=by, now=AFTER + 2 * HOUR, session_id=session.public_id, came=[], reason="Another person")
    (review,) = EvidenceReview.objects.all()
    assert (review.transition, review.evidence_id) == (move, session.public_id)
