"""Patients' own pages: looking changes nothing and tells no more than the message did; pressing acts, once."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import findings
from pathways.actions import links as verbs
from pathways.models import Attendance, PatientLink, Reply
from pathways.queries.links import address
from pathways.queries.offers import offers_for
from pathways.rules.links import EXAMPLE, MOST_WRONG_TRIES
from pathways.rules.replies import ReplyEffect
from pathways.web.link_limits import PER_ADDRESS, PER_LINK
from patients.models import Assessment, AssessmentDraft, Patient, SafetyFlag, Suppression
from patients.queries.contacts import preference_of
from tests.database import our_tables
from tests.factories import clinic as make
from tests.factories import links as given
from tests.factories import patients
from tests.factories import sessions as make_session
from tests.factories.course import quiet
from tests.factories.links import altered, born, known, path_of
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
TELLING = ("Stepwell", "recovery", "treatment", "clinic", "PHQ", "kratom", "counsel", "therapy")
WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM|SELECT .* FOR (NO KEY )?UPDATE)", re.IGNORECASE)


@pytest.fixture(autouse=True)
def public(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PATIENT_LINK_URL = given.BASE
    monkeypatch.setattr("clinic.clock.now", lambda: NOW)


@pytest.fixture
def site() -> Site:
    return make.site(discreet_name="the red door", phone="+12025550143")


@pytest.fixture
def by(site: Site) -> Actor:
    return make.actor(roles=[Role.SUPERVISOR], sites=[site])


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    points = [patients.phone(), patients.email()]
    return patients.patient(site, by=by, given_name="Juniper", family_name="Quillfeather", contact_points=points)


@pytest.fixture
def place(person: Patient, by: Actor) -> Attendance:
    row = make_session.individual(person, by=by, at=NOW.replace(hour=14, minute=0) + 2 * make_session.HOUR * 24)
    return make_session.place_of(row, person)


@pytest.fixture
def every(person: Patient, place: Attendance, by: Actor) -> list[PatientLink]:
    """A link of each purpose."""
    return [
        given.to_appointment(place, by=by),
        given.to_form(person, "phq9", by=by),
        given.to_preferences(person, by=by),
    ]


@contextmanager
def nothing_written() -> Iterator[None]:
    """No statement on our tables writes or locks anything."""
    with CaptureQueriesContext(connection) as queries:
        yield
    wrote = [each["sql"] for each in queries if WRITES.match(each["sql"])]
    assert not [each for each in wrote if any(table in each for table in our_tables())], wrote
    assert not wrote, wrote


def shown(answer: Any) -> str:
    return str(answer.content.decode())


def read(answer: Any) -> str:
    """What stands on the page for whoever looks at it."""
    return re.sub(r"<[^>]+>", " ", shown(answer))


def press(link: PatientLink, act: str, **typed: Any) -> Any:
    return Client().post(path_of(link), {"act": act, **typed})


def test_looking_changes_nothing_however_it_is_done(every: list[PatientLink]) -> None:
    for link in every:
        for look in (Client().get, Client().head):
            for headers in ({}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}, {"HX-Request": "true"}):
                with nothing_written():
                    assert look(path_of(link), headers=headers).status_code == 200
    assert not PatientLink.objects.filter(used_at__isnull=False).exists()
    assert not AuditEntry.objects.filter(action__startswith="link.", action__contains="known").exists()
    for link in every:
        with nothing_written():
            assert Client().options(path_of(link)).status_code == 405


def test_a_look_at_an_appointment_tells_what_the_message_told(place: Attendance, by: Actor) -> None:
    page = read(Client().get(path_of(given.to_appointment(place, by=by))))
    for told in ("Hello, Juniper", "Thursday 18 June", "10:00 to 10:50", "the red door", "(202) 555-0143"):
        assert told in page
    for hidden in ("Quillfeather", place.patient.record_number, str(place.patient.public_id), by.name, *TELLING):
        assert hidden.casefold() not in page.casefold(), hidden


def test_a_form_and_preferences_tell_not_even_a_name_before_they_know_who_is_there(every: list[PatientLink]) -> None:
    for link in every[1:]:
        page = read(Client().get(path_of(link)))
        assert "when were you born?" in page
        for hidden in ("Juniper", "+14155550132", "person@example.org", *TELLING):
            assert hidden.casefold() not in page.casefold(), hidden


def test_pages_set_no_cookie_and_are_kept_and_told_nowhere(every: list[PatientLink]) -> None:
    answers = [Client().get(path_of(each)) for each in every]
    answers += [
        press(every[1], "who"),
        Client().get(reverse("link", args=[EXAMPLE])),
        Client().get(reverse("link_left")),
    ]
    for answer in answers:
        assert not answer.cookies
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        page = shown(answer)
        assert '<meta name="referrer" content="no-referrer">' in page and "csrf" not in page
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)


def test_used_over_revoked_and_made_up_links_get_one_kind_page(
    every: list[PatientLink], by: Actor, settings: Any
) -> None:
    used, revoked, over = every
    verbs.confirm(by=verbs.bearer(used, NOW), now=NOW, link_id=used.public_id)
    verbs.revoke_link(by=by, now=NOW, link_id=revoked.public_id)
    gone = [Client().get(path_of(each)) for each in (used, revoked)]
    made_up = Client().get(reverse("link", args=[EXAMPLE]))
    mangled = Client().get(altered(path_of(over)))
    assert [each.status_code for each in (*gone, made_up, mangled)] == [410, 410, 404, 404]
    for answer in (*gone, made_up, mangled):
        assert "This page is not open" in shown(answer)
        assert "Juniper" not in shown(answer)
    assert all("(202) 555-0143" in shown(each) for each in gone)
    assert all("(202) 555-0143" not in shown(each) and "red door" not in shown(each) for each in (made_up, mangled))
    assert press(used, "call_off").status_code == 410
    assert Client().post(altered(path_of(over)), born(over.patient)).status_code == 404


def test_a_used_link_says_that_it_was_used_and_no_more(every: list[PatientLink], by: Actor, monkeypatch: Any) -> None:
    used, revoked, _open = every
    verbs.confirm(by=verbs.bearer(used, NOW), now=NOW, link_id=used.public_id)
    verbs.revoke_link(by=by, now=NOW, link_id=revoked.public_id)
    page = read(Client().get(path_of(used)))
    assert "It was used already. Nothing more is needed." in page and "(202) 555-0143" in page
    assert "Ya se usó. No hace falta nada más." in read(Client().get(f"{path_of(used)}?lang=es"))
    for hidden in ("Juniper", "Quillfeather", "Thursday", *TELLING):
        assert hidden.casefold() not in page.casefold(), hidden
    assert "It was used already" not in read(Client().get(path_of(revoked)))
    assert "It was used already" not in read(Client().get(altered(path_of(used))))
    monkeypatch.setattr("clinic.clock.now", lambda: used.expires_at)
    assert "It was used already" not in read(Client().get(path_of(used)))


def test_they_say_that_they_come(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    page = shown(press(link, "confirm"))
    assert "Thank you, Juniper" in page and "See you Thursday 18 June at 10:00." in page
    place.refresh_from_db()
    assert place.confirmed_at == NOW


def test_giving_a_time_up_is_asked_once_more(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    with nothing_written():
        assert "Shall we take you off?" in shown(press(link, "cannot"))
    assert "is given up" in shown(press(link, "call_off"))
    place.refresh_from_db()
    assert place.status == "cancelled_by_patient"


def test_another_time_is_wished_for(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    with nothing_written():
        page = shown(press(link, "times"))
    assert "Which time would suit you?" in page and "Wednesday 17 June, 12:30" in page
    wanted = offers_for(place, NOW)[0].starts_at
    assert press(link, "ask").status_code == 422
    assert press(link, "ask", at="tomorrow").status_code == 422
    assert "not free any more" in shown(press(link, "ask", at=NOW.isoformat()))
    assert "We will tell you whether" in shown(press(link, "ask", at=wanted.isoformat()))
    assert Reply.objects.get().attendance == place


def test_a_call_is_asked_for(place: Attendance, by: Actor) -> None:
    assert "We will call you." in shown(press(given.to_appointment(place, by=by), "call"))
    assert Reply.objects.get().needs_person


def test_an_act_that_is_none_shows_the_page_again(every: list[PatientLink]) -> None:
    for act in ("", "nothing", "keep", "send"):
        with nothing_written():
            assert press(every[0], act).status_code == 200
    for link in every[1:]:
        for act in ("confirm", "keep", "send", "stop_yes", "anyway", "mind"):
            with nothing_written():
                assert "when were you born?" in shown(press(link, act, phq9_1="3", **{"pass": "made.up"}))


def test_a_wrong_birth_date_is_answered_the_same_and_closes_the_link_at_last(
    every: list[PatientLink],
) -> None:
    link = every[1]
    wrong = [born(link.patient, born_year="1900"), born(link.patient, born_day="x"), {"act": "who"},
             born(link.patient, born_month="99")]  # fmt: skip
    answers = [Client().post(path_of(link), each) for each in wrong]
    assert {each.status_code for each in answers} == {422}
    assert len({shown(each) for each in answers}) == 1
    assert len(wrong) == MOST_WRONG_TRIES - 1
    assert Client().post(path_of(link), wrong[0]).status_code == 410
    assert Client().post(path_of(link), born(link.patient)).status_code == 410
    link.refresh_from_db()
    assert link.revoked_by == verbs.bearer(link, NOW)
    assert link.wrong_tries == MOST_WRONG_TRIES
    counted = [AuditEntry.objects.filter(action=name).count() for name in ("link.wrong_try", "link.lock")]
    assert counted == [MOST_WRONG_TRIES - 1, 1]


def test_wrong_birth_dates_are_remembered_whatever_becomes_of_the_counters(every: list[PatientLink]) -> None:
    link = every[2]
    wrong = born(link.patient, born_year="1900")
    for tries in range(1, MOST_WRONG_TRIES):
        cache.clear()
        assert Client().post(path_of(link), wrong).status_code == 422
        link.refresh_from_db()
        assert link.wrong_tries == tries
    cache.clear()
    assert Client().post(path_of(link), wrong).status_code == 410


def test_one_more_wrong_birth_date_is_no_matter_after_the_right_one(every: list[PatientLink]) -> None:
    link = every[1]
    assert Client().post(path_of(link), born(link.patient, born_year="1900")).status_code == 422
    assert "A few questions" in shown(Client().post(path_of(link), born(link.patient)))


def test_staff_are_told_of_a_link_that_closed_itself(
    client: Client, every: list[PatientLink], person: Patient, site: Site
) -> None:
    link = every[1]
    for _ in range(MOST_WRONG_TRIES):
        Client().post(path_of(link), born(person, born_year="1900"))
    nurse = make.sign_in(client, make.staff(roles=[Role.NURSE], sites=[site]))
    said = "Their own page was closed: wrong birth date too often"
    assert said in nurse.get(reverse("today"), {"scope": "site"}).content.decode()
    reply = Reply.objects.get(patient=person)
    assert (reply.effect, reply.needs_person, reply.text) == (ReplyEffect.LINK_LOCKED, True, "")
    for at in (reverse("replies"), reverse("reply", args=[reply.public_id])):
        assert "(wrong birth date too often on their own page)" in nurse.get(at).content.decode()
    assert "5 wrong birth dates" in nurse.get(reverse("patient_links", args=[person.public_id])).content.decode()


@pytest.mark.parametrize("month", ["number", "name", "nombre"])
def test_who_knows_the_birth_date_is_let_in(every: list[PatientLink], month: str) -> None:
    link = every[2]
    names = {"name": "January February March April May June July August September October November December",
             "nombre": "ene feb mar abr may jun jul ago sep oct nov dic"}  # fmt: skip
    day = link.patient.birth_date
    typed = str(day.month) if month == "number" else names[month].split()[day.month - 1]
    answer = Client().post(path_of(link), born(link.patient, born_month=typed))
    assert "How we write to you" in shown(answer)
    assert AuditEntry.objects.get(action="link.known").patient_ids == [link.patient.public_id]


def test_a_form_is_filled_in_and_a_serious_answer_names_help(every: list[PatientLink], person: Patient) -> None:
    link = every[1]
    answers = {key: str(value) for key, value in quiet("phq9").items()} | {"phq9_9": "1"}
    passing = {"pass": known(link), "seen": list(answers)}
    with nothing_written():
        assert "You are not alone with this" in shown(press(link, "mind", **passing, **answers))
    more = shown(press(link, "send", **passing, **answers))
    assert "A little more about that" in more and 'name="phq9_10"' in more
    seen = [*answers, "phq9_10"]
    done = shown(press(link, "send", **passing | {"seen": seen}, **answers, phq9_10="0"))
    assert "Your answers are with us." in done and "You are not alone with this" in done
    for number in ("tel:911", "tel:988", "sms:988"):
        assert number in done
    made = Assessment.objects.get(patient=person)
    assert (made.instrument, made.total) == ("phq9", 1)
    assert SafetyFlag.objects.get().alert_key == "phq9_suicide"
    assert "PHQ" not in more + done and "score" not in more + done


def test_a_serious_answer_is_kept_at_the_first_press_whatever_is_asked_after_it(
    every: list[PatientLink], person: Patient
) -> None:
    link, sent = every[1], {"phq9_1": "2", "phq9_9": "2"}
    passing = {"pass": known(link), "seen": list(quiet("phq9"))}
    assert "A little more about that" in shown(press(link, "send", **passing, **sent))
    flag = SafetyFlag.objects.get(patient=person)
    assert (flag.alert_key, flag.assessment, flag.raised_by) == ("phq9_suicide", None, verbs.bearer(link, NOW))
    assert set(AssessmentDraft.objects.get(patient=person).answers) == set(sent)
    passing["seen"] = [*passing["seen"], "phq9_10"]
    assert "questions left open" in shown(press(link, "send", **passing, **sent))
    assert "Your answers are with us." in shown(press(link, "anyway", **passing, **sent))
    made = Assessment.objects.get(patient=person)
    assert (made.scoring_status, made.alerts) == ("incomplete", ["phq9_suicide"])
    flag.refresh_from_db()
    assert (SafetyFlag.objects.count(), flag.assessment, flag.corrected_at) == (1, made, None)
    assert not AssessmentDraft.objects.exists()


def test_a_serious_answer_waits_for_no_form_that_staff_have_under_way(
    every: list[PatientLink], person: Patient, by: Actor
) -> None:
    link = every[1]
    findings.save_draft(
        patient=person, instrument="phq9", answers={"phq9_1": 0}, expected_version=None, by=by, now=NOW
    )  # fmt: skip
    done = shown(press(link, "send", **{"pass": known(link), "seen": list(quiet("phq9"))}, phq9_9="2"))
    assert "Your answers are with us." in done and "You are not alone with this" in done
    assert SafetyFlag.objects.get(patient=person).assessment == Assessment.objects.get(patient=person)
    assert AssessmentDraft.objects.get().answers == {"phq9_1": 0}


def test_an_answer_that_is_not_serious_is_only_thanked_for(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    answers = {key: str(value) for key, value in quiet("gad7").items()}
    done = shown(press(link, "send", **{"pass": known(link), "seen": list(answers)}, **answers))
    assert "Your answers are with us." in done and "You are not alone" not in done


def test_questions_may_be_left_open_once_it_is_said(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    passing = {"pass": known(link), "seen": list(quiet("gad7"))}
    nothing = press(link, "send", **passing)
    assert nothing.status_code == 422 and "answer at least one" in shown(nothing)
    asked = shown(press(link, "send", **passing, gad7_1="2"))
    assert "6 questions left open" in asked and "Send without these" in asked
    assert not Assessment.objects.exists()
    assert "Your answers are with us." in shown(press(link, "anyway", **passing, gad7_1="2"))
    assert Assessment.objects.get().scoring_status == "incomplete"


def test_answers_that_cannot_be_are_named(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    answer = press(link, "send", **{"pass": known(link), "seen": list(quiet("gad7"))}, gad7_1="17")
    assert answer.status_code == 422
    assert 'class="bad"' in shown(answer)


def test_wishes_are_kept(every: list[PatientLink], person: Patient) -> None:
    link = every[2]
    page = shown(Client().post(path_of(link), born(person)))
    assert "Text message" in page and "E-mail" in page and "A call" not in page
    typed = {
        "pass": known(link),
        "channel": "email",
        "language": "es",
        "reminders": "no",
        "opens": "10:00",
        "closes": "",
    }
    half = press(link, "keep", **typed)
    assert half.status_code == 422 and 'value="10:00"' in shown(half)
    never = press(link, "keep", **typed | {"opens": "20:00", "closes": "22:00"})
    assert never.status_code == 422 and "We write and call from 09:00 to 19:00." in shown(never)
    assert "from now on" in shown(press(link, "keep", **typed | {"closes": "16:00"}))
    kept = preference_of(person)
    assert kept is not None and (kept.preferred_channel, kept.reminders_wanted) == ("email", False)


def test_no_more_messages_is_asked_once_more(every: list[PatientLink], person: Patient) -> None:
    link = every[2]
    passing = {"pass": known(link)}
    assert "No more messages at all?" in shown(press(link, "stop", **passing))
    assert not Suppression.objects.exists()
    assert "You get no more messages" in shown(press(link, "stop_yes", **passing))
    assert Suppression.objects.get().patient == person


def test_a_pass_opens_no_other_link(every: list[PatientLink], by: Actor, site: Site) -> None:
    other = given.to_preferences(patients.patient(site, by=by), by=by)
    assert "when were you born?" in shown(press(other, "stop_yes", **{"pass": known(every[2])}))
    assert not Suppression.objects.exists()


def test_every_page_is_there_in_spanish(every: list[PatientLink]) -> None:
    appointment, form, wishes = (f"{path_of(each)}?lang=es" for each in every)
    page = shown(Client().get(appointment))
    assert '<html lang="es"' in page and "Hola, Juniper" in page and "jueves 18 de junio" in page
    assert "¿cuándo nació?" in shown(Client().get(form))
    assert "Cómo le escribimos" in shown(Client().post(wishes, born(every[2].patient)))
    asked = shown(Client().post(form, born(every[1].patient)))
    assert "están solo en inglés" in asked
    assert "Esta página no está abierta" in shown(Client().get(reverse("link", args=[EXAMPLE]) + "?lang=es"))
    assert "English" in page and "lang=en" in page


def test_the_page_begins_in_the_language_of_the_person(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by, language="es")
    assert "¿cuándo nació?" in shown(Client().get(path_of(given.to_preferences(person, by=by))))


def test_one_leaves_to_a_page_that_tells_nothing(every: list[PatientLink]) -> None:
    page = shown(Client().get(path_of(every[0])))
    assert f'href="{reverse("link_left")}?lang=en" data-leave' in page
    left = shown(Client().get(reverse("link_left")))
    assert "You can close this window now." in left
    assert "red door" not in left and "Stepwell" not in left


@pytest.fixture
def one_minute() -> Iterator[None]:
    """The calls of a test fall into the same minute."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("one_minute")
def test_a_link_is_asked_for_only_so_often(every: list[PatientLink]) -> None:
    for _ in range(PER_LINK):
        assert Client().get(path_of(every[0])).status_code == 200
    answer = Client().get(path_of(every[0]))
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert "try again in a few minutes" in shown(answer)
    assert Client().get(path_of(every[2]), REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.usefixtures("one_minute")
def test_whoever_asks_for_many_links_has_to_wait() -> None:
    answers = [Client().get(reverse("link", args=[f"{number:022d}"])).status_code for number in range(PER_ADDRESS + 20)]
    assert set(answers) == {404, 429}
    assert answers[-1] == 429


def test_the_host_of_the_links_has_nothing_else(every: list[PatientLink], client: Client, settings: Any) -> None:
    settings.PATIENT_LINK_HOST, settings.ALLOWED_HOSTS = "go.example", ["go.example", "testserver"]
    at = {"SERVER_NAME": "go.example"}
    for path in ("/", "/accounts/login/", "/api/v1/docs/", "/livez", reverse("today"), "/nowhere"):
        answer = client.get(path, **at)
        assert (answer.status_code, answer.content) == (404, b"")
    assert client.get(path_of(every[0]), **at).status_code == 200
    assert client.get(reverse("link_left"), **at).status_code == 200
    assert client.get("/accounts/login/").status_code == 200


def test_staff_who_open_a_link_in_their_own_browser_see_what_anybody_sees(
    client: Client, every: list[PatientLink], site: Site
) -> None:
    make.sign_in(client, make.staff(sites=[site], roles=[Role.CLINICIAN], theme="dark"))
    page = shown(client.get(path_of(every[0])))
    assert "Hello, Juniper" in page and "sw-nav" not in page and 'data-bs-theme="light"' in page


def test_no_line_of_the_log_holds_the_address(every: list[PatientLink], caplog: pytest.LogCaptureFixture) -> None:
    path = path_of(every[0])
    with caplog.at_level(logging.INFO):
        Client().get(path)
        Client().post(path, {"act": "confirm"})
        Client().get(path)
        Client().get(altered(path))
    lines = [str(vars(each)) for each in caplog.records if not each.name.startswith("django.request")]
    assert not [each for each in lines if path.split("/")[2][:11] in each]
    assert any("l/<str:token>/" in each for each in lines)


def test_a_link_is_given_shown_once_and_revoked(client: Client, person: Patient, place: Attendance, site: Site) -> None:
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    here = reverse("patient_links", args=[person.public_id])
    assert "No link has been given." in shown(client.get(here))
    page = shown(client.post(here, {"purpose": "appointment", "attendance": str(place.public_id)}))
    link = PatientLink.objects.get()
    assert address(link) in page
    later = shown(client.get(here))
    assert link.handle not in later and "an appointment" in later
    assert client.post(reverse("patient_link_revoke", args=[link.public_id])).status_code == 303
    assert "revoked" in shown(client.get(here))
    assert Client().get(path_of(link)).status_code == 410
    for wrong in ({"purpose": "party"}, {"purpose": "questionnaire", "instrument": ""}, {"purpose": "appointment"}):
        assert client.post(here, wrong).status_code == 422


def test_whether_a_link_was_used_is_seen(client: Client, place: Attendance, by: Actor, site: Site) -> None:
    press(given.to_appointment(place, by=by), "confirm")
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert "used" in shown(client.get(reverse("patient_links", args=[place.patient.public_id])))


def test_links_of_a_stranger_are_not_found(client: Client, every: list[PatientLink]) -> None:
    make.sign_in(client, make.staff(roles=[Role.FRONT_DESK]))
    assert client.get(reverse("patient_links", args=[every[0].patient.public_id])).status_code == 404
    assert client.post(reverse("patient_link_revoke", args=[every[0].public_id])).status_code == 404


def test_the_day_list_shows_who_wishes_for_another_time(
    client: Client, place: Attendance, by: Actor, site: Site
) -> None:
    link = given.to_appointment(place, by=by)
    press(link, "ask", at=offers_for(place, NOW)[0].starts_at.isoformat())
    make.sign_in(client, make.staff(roles=[Role.CLINICIAN], sites=[site]))
    day = shown(client.get(reverse("sessions"), {"day": "2026-06-18"}))
    assert "Asks for Wednesday 17 June 09:30 instead." in day
    reply = Reply.objects.get()
    assert reverse("reply", args=[reply.public_id]) in day
    assert "their own page" in shown(client.get(reverse("reply", args=[reply.public_id])))
