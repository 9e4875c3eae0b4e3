"""Coming in for the first time, and consents to be contacted and to tell others."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from clinic.rules.roles import Role
from pathways.actions import consents as course
from pathways.demo import steps
from pathways.demo.people import Reach
from pathways.demo.players import Player
from pathways.demo.verbs.later import Later
from patients.actions import consents, contacts, part2_consents, patients
from patients.models import Consent, ContactPoint
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    RecipientClass,
    RevocationMethod,
    SignatureMethod,
)

A_YEAR = timedelta(days=365)


def register(step: steps.Register, player: Player, now: datetime) -> Iterator[Later]:
    person = player.told.person
    by = player.who(Role.FRONT_DESK)
    player.patient = patients.register(
        by=by, now=now, site=player.site, given_name=person.given_name, family_name=person.family_name,
        preferred_name=person.preferred_name, birth_date=person.birth_date, sex_for_clinical_use=person.sex,
        pronouns=person.pronouns, language=person.language, time_zone=person.time_zone, contact_points=person.points,
        confirm_not_duplicate=True,
    )  # fmt: skip
    match person.reach:
        case Reach.NO_REMINDERS:
            contacts.prefer(
                patient=player.patient, expected_version=None, preferred_channel="", reminders_wanted=False,
                note="Rather gets a call.", by=by, now=now,
            )  # fmt: skip
        case Reach.WRONG_NUMBER:
            yield now + timedelta(days=9, hours=3), partial(_number_was_wrong, player)
        case Reach.WITHDREW:
            yield now + timedelta(days=23, hours=2), partial(_consent_withdrawn, player)


def _written_point(player: Player) -> ContactPoint:
    return ContactPoint.objects.select_related("patient").filter(patient=player.row, channel="sms").get()


def _number_was_wrong(player: Player, now: datetime) -> None:
    contacts.suppress(
        patient=player.row, reason="wrong_person", contact_point=_written_point(player), by=player.who(Role.NURSE),
        now=now,
    )  # fmt: skip


def _consent_withdrawn(player: Player, now: datetime) -> None:
    consents.record(
        contact_point=_written_point(player), given=False, method="phone", evidence="Said so on the telephone.",
        by=player.who(Role.FRONT_DESK), now=now,
    )  # fmt: skip


def sign_consent(step: steps.SignConsent, player: Player, now: datetime) -> Iterator[Later]:
    terms = _with_support(player, step) if step.support_person else _among_those_who_treat(player, step)
    part2_consents.record_consent(
        patient=player.row, terms=terms, by=player.who(Role.FRONT_DESK), now=now, site=player.site
    )
    yield from ()


def revoke_consent(step: steps.RevokeConsent, player: Player, now: datetime) -> Iterator[Later]:
    newest = Consent.objects.select_related("patient").filter(patient=player.row).order_by("-pk")[0]
    course.revoke_consent(
        consent=newest, method=RevocationMethod.SAID, by=player.who(Role.FRONT_DESK), now=now, note=step.note
    )
    yield from ()


def _among_those_who_treat(player: Player, step: steps.SignConsent) -> ConsentTerms:
    """Treatment, payment and operations in one consent that ends when it is taken back."""
    return ConsentTerms(
        kind=ConsentKind.TPO, patient_name=player.told.person.full_name, discloser=player.site.name,
        categories=(DisclosureCategory.EVERYTHING_BUT_NOTES,), recipient_class=RecipientClass.TREATING_PROVIDERS,
        purposes=(ConsentPurpose.TREATMENT, ConsentPurpose.PAYMENT, ConsentPurpose.OPERATIONS),
        expiry=ConsentExpiry.NONE, signer=ConsentSigner.PATIENT, signer_name=player.told.person.full_name,
        method=SignatureMethod.ON_SCREEN, signed_on=step.on,
    )  # fmt: skip


def _with_support(player: Player, step: steps.SignConsent) -> ConsentTerms:
    return ConsentTerms(
        kind=ConsentKind.SPECIFIC, patient_name=player.told.person.full_name, discloser=player.site.name,
        categories=(DisclosureCategory.ATTENDANCE, DisclosureCategory.PROGRESS),
        recipient_class=RecipientClass.SUPPORT_PERSON, recipient=step.support_person,
        purposes=(ConsentPurpose.FAMILY_SUPPORT,), expiry=ConsentExpiry.ON_DATE, expires_on=step.on + A_YEAR,
        signer=ConsentSigner.PATIENT, signer_name=player.told.person.full_name, method=SignatureMethod.ON_PAPER,
        signed_on=step.on,
    )  # fmt: skip
