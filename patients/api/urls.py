"""Addresses of the REST doors about people, under `/api/v1/`."""

from django.urls import path

from patients.api import flags, instruments, patients

urlpatterns = [
    path("patients/", patients.PatientsDoor.as_view(), name="api_patients"),
    path("patients/search/", patients.SearchDoor.as_view(), name="api_patients_search"),
    path("patients/<uuid:public_id>/sites/", patients.PatientSitesDoor.as_view(), name="api_patient_sites"),
    path("instruments/", instruments.InstrumentsDoor.as_view(), name="api_instruments"),
    path("instruments/<str:key>/", instruments.InstrumentDoor.as_view(), name="api_instrument"),
    path("instruments/<str:key>/score", instruments.ScoreDoor.as_view(), name="api_instrument_score"),
    path("safety-flags/", flags.FlagsDoor.as_view(), name="api_flags"),
    path("safety-flags/<uuid:public_id>/", flags.FlagDoor.as_view(), name="api_flag"),
    path("safety-flags/<uuid:public_id>/take/", flags.TakingDoor.as_view(), name="api_flag_take"),
    path("safety-flags/<uuid:public_id>/close/", flags.ClosingDoor.as_view(), name="api_flag_close"),
]
