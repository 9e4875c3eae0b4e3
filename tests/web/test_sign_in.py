"""Signing in and out, being locked out, and being signed off."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from clinic.actions import staff as acts
from clinic.clock import real_now
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
NAVIGATION = {"Sec-Fetch-Mode": "navigate"}
POLLING = {"HX-Request": "true", "Sec-Fetch-Mode": "cors"}


def _try(client: Client, email: str, password: str = "wrong"):  # type: ignore[no-untyped-def]
    return client.post(LOGIN, {"login": email, "password": password})


def test_the_right_password_leads_to_the_page_that_was_wanted(client: Client) -> None:
    person = make.staff()
    answer = client.post(
        f"{LOGIN}?next=/account/", {"login": person.user.email.upper(), "password": make.PASSWORD, "next": "/account/"}
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/account/"
    assert AuditEntry.objects.get(action="sign_in.in").actor == person.actor


def test_signing_out_ends_the_session_and_is_recorded(client: Client) -> None:
    person = make.staff()
    make.sign_in(client, person)
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/account/").status_code == 302
    assert AuditEntry.objects.get(action="sign_in.out").actor == person.actor


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Client) -> None:
    person = make.staff()
    known, unknown = _try(client, person.user.email), _try(Client(), "nobody@example.org")
    assert known.status_code == unknown.status_code == 200
    plain = known.content.decode().replace(person.user.email, "X")
    other = unknown.content.decode().replace("nobody@example.org", "X")
    assert _without_tokens(plain) == _without_tokens(other)


def _without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf" not in line]


def test_a_failed_try_is_recorded_with_the_account_but_never_with_what_was_typed(client: Client) -> None:
    person = make.staff()
    _try(client, person.user.email)
    _try(client, "my-secret-password@example.org")
    known, unknown = AuditEntry.objects.filter(action="sign_in.failed").order_by("id")
    assert known.subject_id == person.public_id
    assert known.outcome == "refused"
    assert unknown.subject_id is None
    assert "my-secret" not in str(unknown.details)


def test_after_five_failures_even_the_right_password_waits(client: Client) -> None:
    person = make.staff()
    for _ in range(5):
        last = _try(client, person.user.email)
    assert last.status_code == 429
    answer = _try(client, person.user.email, make.PASSWORD)
    assert answer.status_code == 429
    assert "paused for 15 minutes" in answer.content.decode()
    assert AuditEntry.objects.filter(action="sign_in.locked_out", subject_id=person.public_id).exists()


def test_lockout_counts_an_account_however_it_is_written_and_spares_other_addresses(client: Client) -> None:
    person = make.staff()
    for spelling in (str.upper, str.lower, str.title, str.upper, str.lower):
        _try(client, spelling(person.user.email))
    assert _try(client, person.user.email, make.PASSWORD).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert _try(elsewhere, person.user.email, make.PASSWORD).status_code == 302


def test_somebody_whose_access_ended_cannot_sign_in_and_their_session_is_over(client: Client) -> None:
    person, admin = make.staff(), make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])
    make.sign_in(client, person)
    assert client.get("/account/").status_code == 200
    acts.deactivate(member=person, by=admin.actor, now=real_now())
    assert client.get("/account/").status_code == 302
    assert _try(Client(), person.user.email, make.PASSWORD).status_code == 200


def test_a_session_of_the_time_before_is_still_over_when_somebody_comes_back(client: Client) -> None:
    person, admin = make.staff(), make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])
    make.sign_in(client, person)
    acts.deactivate(member=person, by=admin.actor, now=real_now())
    acts.reactivate(member=person, by=admin.actor, now=real_now())
    assert client.get("/account/").status_code == 302


def test_fifteen_minutes_without_a_person_sign_off_whatever_the_page_does_by_itself(client: Client) -> None:
    make.sign_in(client, make.staff())
    start = real_now()
    with time_machine.travel(start, tick=False) as moment:
        assert client.get("/account/", headers=NAVIGATION).status_code == 200
        for minutes in range(1, 16):
            moment.move_to(start + timedelta(minutes=minutes))
            assert client.get("/account/", headers=POLLING).status_code == 200, minutes
        moment.move_to(start + timedelta(minutes=15, seconds=1))
        assert client.get("/account/", headers=POLLING).status_code == 204
        answer = client.get(LOGIN)
        assert "You were signed off after 15 minutes without activity." in answer.content.decode()


@pytest.mark.parametrize("headers", [NAVIGATION, POLLING | {"X-Person-Activity": "1"}])
def test_what_a_person_does_keeps_the_session(client: Client, headers: dict[str, str]) -> None:
    make.sign_in(client, make.staff())
    start = real_now()
    with time_machine.travel(start, tick=False) as moment:
        client.get("/account/", headers=NAVIGATION)
        for minutes in (10, 20, 30):
            moment.move_to(start + timedelta(minutes=minutes))
            assert client.get("/account/", headers=headers).status_code == 200, minutes


def test_a_session_ends_after_one_working_day_even_of_somebody_busy(client: Client) -> None:
    make.sign_in(client, make.staff())
    start = real_now()
    with time_machine.travel(start, tick=False) as moment:
        for minutes in range(0, 12 * 60, 10):
            moment.move_to(start + timedelta(minutes=minutes))
            assert client.get("/account/", headers=NAVIGATION).status_code == 200, minutes
        moment.move_to(start + timedelta(hours=12, seconds=1))
        assert client.get("/account/", headers=NAVIGATION).status_code == 302


def test_a_forgotten_password_is_the_same_page_for_everybody_and_a_neutral_letter_for_one(client: Client) -> None:
    person = make.staff()
    pages = [
        client.post("/accounts/password/reset/", {"email": each}) for each in (person.user.email, "no@example.org")
    ]
    assert [page["Location"] for page in pages] == ["/accounts/password/reset/done/"] * 2
    letters = {letter.to[0]: letter.body for letter in mail.outbox}
    assert "/accounts/password/reset/key/" in letters[person.user.email]
    assert "/key/" not in letters["no@example.org"]
    for body in letters.values():
        assert not any(word in body.lower() for word in ("clinic", "addiction", "patient", "treatment"))


def test_the_link_of_a_letter_sets_the_password_once(client: Client) -> None:
    person = make.staff()
    client.post("/accounts/password/reset/", {"email": person.user.email})
    link = next(word for word in mail.outbox[0].body.split() if "/key/" in word)
    path = client.get(link)["Location"]
    new = "seven herons on the weir"
    assert client.post(path, {"password1": new, "password2": new}).status_code == 302
    assert _try(Client(), person.user.email, new).status_code == 302
    assert client.get(link).status_code == 200  # a page that says the link is used, no redirect to the form


def test_nobody_signs_up(client: Client) -> None:
    new = {"email": "me@example.org", "password1": make.PASSWORD, "password2": make.PASSWORD}
    client.post("/accounts/signup/", new)
    assert not acts.User.objects.filter(email="me@example.org").exists()


def test_an_administrator_of_a_real_clinic_sets_up_a_second_factor_first(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    make.practice(on=False)
    admin = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])
    make.sign_in(client, admin)
    assert client.get("/staff/")["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200
    Authenticator.objects.create(user=admin.user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/staff/").status_code == 200


def test_on_practice_data_nobody_has_to(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    make.practice(on=True)
    make.sign_in(client, make.staff(roles=[Role.SYSTEM_ADMINISTRATOR]))
    assert client.get("/staff/").status_code == 200
