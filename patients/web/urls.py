"""Addresses of the pages about people. They carry public ids and codes, never a name."""

from django.urls import path

from patients.web import duplicates, flags, patients

urlpatterns = [
    path("patients/register/", patients.register, name="patient_register"),
    path("patients/<uuid:public_id>/details/", patients.details, name="patient"),
    path("patients/<uuid:public_id>/sites", patients.add_site, name="patient_add_site"),
    path("flags/", flags.flags, name="flags"),
    path("flags/<uuid:public_id>/", flags.flag, name="flag"),
    path("flags/<uuid:public_id>/take", flags.take, name="flag_take"),
    path("flags/<uuid:public_id>/close", flags.close, name="flag_close"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<uuid:public_id>/", duplicates.duplicate, name="duplicate"),
]
