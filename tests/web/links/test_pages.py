"""Patients' own pages: looking changes nothing and tells no more than the message did; pressing acts, once."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clinic.models import Actor, AuditEntry, Site
from pathways.actions import links as verbs
from pathways.models import Attendance, PatientLink, Reply
from pathways.queries.offers import offers_for
from pathways.rules.links import EXAMPLE, MOST_WRONG_TRIES
from patients.models import Patient, Suppression
from patients.queries.contacts import preference_of
from tests.factories import links as given
from tests.factories import patients
from tests.factories.links import altered, born, known, path_of, press, shown
from tests.factories.patients import NOW
from tests.web.links.looking import nothing_written

pytestmark = pytest.mark.django_db
TELLING = ("Stepwell", "recovery", "treatment", "clinic", "PHQ", "kratom", "counsel", "therapy")


def read(answer: Any) -> str:
    """What stands on the page for whoever looks at it."""
    return re.sub(r"<[^>]+>", " ", shown(answer))


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
