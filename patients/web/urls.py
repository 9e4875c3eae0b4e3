"""Addresses of the pages about people. They carry public ids and codes, never a name."""

from django.urls import path

from patients.web import contacts, duplicates, flags, patients

urlpatterns = [
    path("patients/register/", patients.register, name="patient_register"),
    path("patients/<uuid:public_id>/details/", patients.details, name="patient"),
    path("patients/<uuid:public_id>/correct/", patients.correct, name="patient_correct"),
    path("patients/<uuid:public_id>/sites", patients.add_site, name="patient_add_site"),
    path("patients/<uuid:public_id>/contacts/", contacts.contacts, name="patient_contacts"),
    path("patients/<uuid:public_id>/preference", contacts.prefer, name="patient_preference"),
    path("patients/<uuid:public_id>/suppress", contacts.suppress, name="patient_suppress"),
    path("patients/<uuid:public_id>/lift/<uuid:suppression>", contacts.lift, name="patient_lift"),
    path("contact-points/<uuid:public_id>/", contacts.change, name="contact_point"),
    path("contact-points/<uuid:public_id>/verify", contacts.verify, name="contact_point_verify"),
    path("contact-points/<uuid:public_id>/retire", contacts.retire, name="contact_point_retire"),
    path("contact-points/<uuid:public_id>/consent", contacts.consent, name="consent"),
    path("flags/", flags.flags, name="flags"),
    path("flags/<uuid:public_id>/", flags.flag, name="flag"),
    path("flags/<uuid:public_id>/take", flags.take, name="flag_take"),
    path("flags/<uuid:public_id>/close", flags.close, name="flag_close"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<uuid:public_id>/", duplicates.duplicate, name="duplicate"),
]
