"""Addresses of the REST doors about the course of care, under `/api/v1/`."""

from django.urls import path

from pathways.api import (
    attestations,
    levels,
    programs,
    returns,
)

_ATTESTATIONS = [
    path("attestations/", attestations.AttestationsDoor.as_view(), name="api_attestations"),
    path(
        "attestations/<uuid:public_id>/withdraw/",
        attestations.AttestationWithdrawDoor.as_view(),
        name="api_attestation_withdraw",
    ),
]

_LEVELS = [
    path("level-of-care-assessments/", levels.LevelAssessmentsDoor.as_view(), name="api_level_assessments"),
    path(
        "level-of-care-assessments/<uuid:public_id>/", levels.LevelAssessmentDoor.as_view(), name="api_level_assessment"
    ),
    path(
        "level-of-care-assessments/<uuid:public_id>/decide/", levels.LevelDecideDoor.as_view(), name="api_level_decide"
    ),
    path(
        "level-of-care-assessments/<uuid:public_id>/cosign/", levels.LevelCosignDoor.as_view(), name="api_level_cosign"
    ),
]

_PROGRAMS = [
    path("programs/", programs.ProgramsDoor.as_view(), name="api_programs"),
    path("programs/<slug:key>/", programs.ProgramDoor.as_view(), name="api_program"),
    path("programs/<slug:key>/versions/", programs.ProgramVersionsDoor.as_view(), name="api_program_versions"),
    path(
        "programs/<slug:key>/versions/<int:number>/",
        programs.ProgramVersionDoor.as_view(),
        name="api_program_version",
    ),
]

_RETURNS = [
    path("returns-to-use/", returns.ReturnsToUseDoor.as_view(), name="api_returns_to_use"),
    path("returns-to-use/<uuid:public_id>/", returns.ReturnToUseDoor.as_view(), name="api_return_to_use"),
]

urlpatterns = [*_ATTESTATIONS, *_LEVELS, *_PROGRAMS, *_RETURNS]
