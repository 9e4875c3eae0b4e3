"""What people say and sign: a named person's word, a consent, a level of care."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from itertools import product

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions import attestations, levels
from pathways.actions.rehearsals.forms import NOTE
from pathways.actions.rehearsals.players.registry import plays
from pathways.actions.rehearsals.world import World
from pathways.models import LevelOfCareAssessment
from pathways.queries.levels import suggestion_of
from pathways.rules.gates import Gate
from pathways.rules.gates.consents import ConsentInForce
from pathways.rules.gates.kinds import Attestation
from pathways.rules.gates.levels import LevelAtMost, LevelBasis
from pathways.rules.levels import NEUTRAL, Level, Need, Needs
from pathways.rules.rehearsals import EntryKind
from patients.actions import part2_consents
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    RecipientClass,
    SignatureMethod,
)

A_YEAR = timedelta(days=365)
TPO = frozenset({ConsentPurpose.TREATMENT, ConsentPurpose.PAYMENT, ConsentPurpose.OPERATIONS})
MOST_RATED = 2
"""Ratings tried, from all zero on, until the rules suggest a level that is low enough."""


@plays(Attestation)
def _attest(world: World, gate: Gate, kind: Attestation) -> bool:
    if not world.is_settled or world.enrollment is None:
        return False
    by = world.stage.who(Permission.ATTEST, *kind.roles)
    role = next((role for role in kind.roles if role.value in by.roles), kind.roles[0])
    attestations.attest(by=by, now=world.now, enrollment_id=world.enrollment, key=kind.attestation, role=role)
    world.tell(EntryKind.WORK, sentence("rehearsal.attested", statement=kind.statement, role=role))
    return True


@plays(ConsentInForce)
def _consent(world: World, gate: Gate, kind: ConsentInForce) -> bool:
    by = world.stage.who(Permission.CONSENT_RECORD, Role.FRONT_DESK)
    part2_consents.record_consent(patient=world.stage.patient, terms=_terms(world, kind), by=by, now=world.now)
    world.tell(EntryKind.WORK, sentence("rehearsal.consent", purpose=kind.purpose))
    return True


def _terms(world: World, kind: ConsentInForce) -> ConsentTerms:
    """What is signed: as little as the gate asks for."""
    categories = kind.categories or (DisclosureCategory.EVERYTHING_BUT_NOTES,)
    of = _consent_kind(kind)
    name = f"{world.stage.patient.given_name} {world.stage.patient.family_name}"
    open_end = of is ConsentKind.TPO
    return ConsentTerms(
        kind=of,
        patient_name=name,
        discloser=world.stage.site.name,
        categories=categories,
        recipient_class=kind.recipient or RecipientClass.TREATING_PROVIDERS,
        purposes=(kind.purpose,),
        expiry=ConsentExpiry.END_OF_TREATMENT if open_end else ConsentExpiry.ON_DATE,
        signer=ConsentSigner.PATIENT,
        signer_name=name,
        method=SignatureMethod.ON_SCREEN,
        signed_on=world.today,
        details=NOTE,
        recipient=NOTE if kind.recipient in NAMED else "",
        purpose_text=NOTE if kind.purpose is ConsentPurpose.OTHER else "",
        expires_on=None if open_end else world.today + A_YEAR,
    )


NAMED = frozenset({RecipientClass.NAMED, RecipientClass.SUPPORT_PERSON, RecipientClass.INTERMEDIARY})


def _consent_kind(kind: ConsentInForce) -> ConsentKind:
    if DisclosureCategory.COUNSELING_NOTES in kind.categories:
        return ConsentKind.COUNSELING_NOTES
    if kind.purpose is ConsentPurpose.LEGAL:
        return ConsentKind.LEGAL_PROCEEDING
    if kind.recipient is RecipientClass.INTERMEDIARY:
        return ConsentKind.INTERMEDIARY
    return ConsentKind.TPO if kind.purpose in TPO else ConsentKind.SPECIFIC


@plays(LevelAtMost)
def _rate(world: World, gate: Gate, kind: LevelAtMost) -> bool:
    """Rated low enough once things have settled, and before anybody has come in; for the actual level also decided."""
    if world.enrollment is not None and not world.is_settled:
        return False
    rated = ratings_for(kind.level)
    if rated is None:
        return False
    ratings, diagnosed = rated
    by = world.stage.who(Permission.LEVEL_DECIDE, Role.CLINICIAN)
    row = levels.rate(
        by=by, now=world.now, patient_id=world.stage.patient.public_id, ratings=ratings, sud_diagnosis=diagnosed
    )
    if kind.basis is LevelBasis.ACTUAL:
        _decide(world, row)
    world.tell(EntryKind.FINDING, sentence("rehearsal.rated", level=suggestion_of(row).level or kind.level))
    return True


def _decide(world: World, row: LevelOfCareAssessment) -> None:
    suggested = suggestion_of(row).level
    if suggested is not None:
        by = world.stage.who(Permission.LEVEL_DECIDE, Role.CLINICIAN)
        levels.decide(by=by, now=world.now, assessment_id=row.public_id, level=suggested)


@cache
def ratings_for(level: Level) -> tuple[Mapping[Need, int], bool] | None:
    """The lowest ratings, and whether with a diagnosis, for which the rules suggest the highest level that is low
    enough; None where there are none."""
    found: dict[int, tuple[Mapping[Need, int], bool]] = {}
    for diagnosed, values in product((True, False), product(range(MOST_RATED + 1), repeat=len(Need))):
        ratings = dict(zip(Need, values, strict=True))
        suggested = NEUTRAL.decide(Needs(**{need.value: value for need, value in ratings.items()}), diagnosed).level
        if suggested is not None and suggested.rank <= level.rank:
            found.setdefault(suggested.rank, (ratings, diagnosed))
    return found[max(found)] if found else None
