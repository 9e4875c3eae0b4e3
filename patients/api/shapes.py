"""Shapes of people, of the ways to reach them, and of flags."""

from rest_framework import serializers

from clinic.api import fields
from clinic.api.serializers import Body, Filters, Row
from patients.actions.details import LANGUAGES
from patients.models.patient import SexForClinicalUse
from patients.rules.contact import Channel
from patients.rules.instruments import Severity

METHODS = ["in_person", "phone", "written", "reply", "link"]


class PatientRow(Row):
    """Somebody in care. `same_person_as`: the record this one was found to repeat."""

    id = fields.PublicId(source="public_id")
    record_number = fields.Text()
    given_name = fields.Text()
    family_name = fields.Text()
    preferred_name = fields.Text(allow_blank=True)
    birth_date = fields.Day()
    sex_for_clinical_use = serializers.ChoiceField(choices=SexForClinicalUse.values)
    gender = fields.Text(allow_blank=True)
    pronouns = fields.Text(allow_blank=True)
    language = fields.Text()
    time_zone = fields.Text()
    registered_at = fields.Moment()
    same_person_as = fields.PublicId(source="merged_into.public_id", allow_null=True, default=None)
    version = fields.Whole()


class StayRow(Row):
    """A site that sees the person, and since when."""

    id = fields.PublicId(source="site.public_id")
    code = fields.Code(source="site.code")
    name = fields.Text(source="site.name")
    since = fields.Moment()


class ContactPointRow(Row):
    """A way to reach somebody; telephone numbers in E.164."""

    id = fields.PublicId(source="public_id")
    channel = serializers.ChoiceField(choices=[each.value for each in Channel])
    address = fields.Text()
    rank = fields.Whole()
    ok_to_leave_message = fields.YesNo()
    shared = fields.YesNo()
    opens = fields.WallTime(allow_null=True)
    closes = fields.WallTime(allow_null=True)
    verified_at = fields.Moment(allow_null=True)
    retired_at = fields.Moment(allow_null=True)
    version = fields.Whole()


class PatientDetailRow(PatientRow):
    """With the sites that see the person and the ways to reach them."""

    sites = StayRow(many=True, source="current_stays")
    contact_points = ContactPointRow(many=True, source="current_points")


class ContactPointBody(Body):
    """A way to reach somebody. A telephone number without a country is read as dialled at the person's site."""

    channel = fields.Choice(Channel)
    address = fields.Text(max_length=254)
    ok_to_leave_message = fields.YesNo(default=False)
    shared = fields.YesNo(default=False)
    opens = fields.WallTime(required=False, allow_null=True, default=None)
    closes = fields.WallTime(required=False, allow_null=True, default=None)


class NewContactPointBody(ContactPointBody):
    """`confirmed`: read back and confirmed by the person. `consent`: they agreed to be written to there."""

    confirmed = fields.YesNo(default=False)
    consent = fields.YesNo(default=False)
    consent_method = serializers.ChoiceField(choices=METHODS, default="in_person")


class DetailsBody(Body):
    """What is kept of who somebody is."""

    given_name = fields.Text(max_length=80)
    family_name = fields.Text(max_length=80)
    birth_date = fields.Day()
    preferred_name = fields.Text(max_length=80, required=False, allow_blank=True)
    sex_for_clinical_use = serializers.ChoiceField(choices=SexForClinicalUse.values, required=False)
    gender = fields.Text(max_length=60, required=False, allow_blank=True)
    pronouns = fields.Text(max_length=40, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    time_zone = fields.Text(max_length=64, required=False)


class RegistrationBody(DetailsBody):
    """A new person. `site` may be left out by a caller who works at one site."""

    site = fields.PublicId(required=False)
    contact_points = NewContactPointBody(many=True, required=False, max_length=20)  # type: ignore[call-arg]
    confirm_not_duplicate = fields.YesNo(default=False)


class CorrectionBody(DetailsBody):
    """Only what is to change."""

    given_name = fields.Text(max_length=80, required=False)
    family_name = fields.Text(max_length=80, required=False)
    birth_date = fields.Day(required=False)


class SearchBody(Body):
    """`text`: names, record number, telephone number or birth date, in any order; all of it must fit."""

    text = fields.Text(max_length=120)
    limit = fields.Whole(min_value=1, max_value=50, default=20)


class FoundRow(Row):
    """Whom a search found."""

    results = PatientRow(many=True)


class PatientFilters(Filters):
    """People of one site."""

    site = fields.PublicId(required=False)


class PatientSiteBody(Body):
    """A site that is to see the person."""

    site = fields.PublicId()


class ConsentRow(Row):
    """A decision on being written to at one address; the newest effective one counts."""

    id = fields.PublicId(source="public_id")
    contact_point = fields.PublicId(source="contact_point.public_id")
    given = fields.YesNo()
    method = fields.Code()
    evidence = fields.Text(allow_blank=True)
    effective_at = fields.Moment()
    recorded_at = fields.Moment()
    recorded_by = fields.Text(source="recorded_by.name")


class ConsentBody(Body):
    """What the person decided, how they said it, and where that is kept."""

    given = fields.YesNo()
    method = serializers.ChoiceField(choices=METHODS)
    evidence = fields.Text(max_length=300, required=False, allow_blank=True, default="")
    effective_at = fields.Moment(required=False)


class PreferenceRow(Row):
    """What the person said they like."""

    preferred_channel = serializers.ChoiceField(choices=["", *(each.value for each in Channel)])
    reminders_wanted = fields.YesNo()
    grace_hours = fields.Whole(help_text="How much longer than usual silence is waited for, on every step.")
    note = fields.Text(allow_blank=True)
    recorded_at = fields.Moment()
    version = fields.Whole()


class PreferenceBody(Body):
    """What the person likes; "" for no preference."""

    preferred_channel = serializers.ChoiceField(choices=["", *(each.value for each in Channel)], default="")
    reminders_wanted = fields.YesNo()
    grace_hours = fields.Whole(required=False, help_text="Left out: as before.")
    note = fields.Text(max_length=200, required=False, allow_blank=True, default="")


class FlagRow(Row):
    """Something somebody has to act on. `instrument`: the form, or the test that was measured, that raised it.

    `corrected_at`: what it rested on was put right since.
    """

    id = fields.PublicId(source="public_id")
    patient = fields.PublicId(source="patient.public_id")
    record_number = fields.Text(source="patient.record_number")
    instrument = fields.Code()
    alert = fields.Code(source="alert_key")
    severity = serializers.ChoiceField(choices=[each.value for each in Severity])
    assessment = fields.PublicId(source="assessment.public_id", allow_null=True, default=None)
    observation = fields.PublicId(source="observation.public_id", allow_null=True, default=None)
    raised_at = fields.Moment()
    taken_at = fields.Moment(allow_null=True)
    taken_by = fields.Text(source="taken_by.name", allow_null=True, default=None)
    corrected_at = fields.Moment(allow_null=True)
    closed_at = fields.Moment(allow_null=True)
    closed_by = fields.Text(source="closed_by.name", allow_null=True, default=None)
    action_taken = fields.Text(allow_blank=True)
    version = fields.Whole()


class FlagFilters(Filters):
    """Open flags, unless `state` is `all`."""

    patient = fields.PublicId(required=False)
    site = fields.PublicId(required=False)
    state = serializers.ChoiceField(choices=["open", "all"], default="open")


class ClosingBody(Body):
    """What was done."""

    action_taken = fields.Text(max_length=2000)
