import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clinic', '0002_api_clients'),
    ]

    operations = [
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('record_number', models.CharField(max_length=20)),
                ('given_name', models.CharField(max_length=80)),
                ('family_name', models.CharField(max_length=80)),
                ('preferred_name', models.CharField(blank=True, max_length=80)),
                ('birth_date', models.DateField()),
                ('sex_for_clinical_use', models.CharField(choices=[('female', 'Female'), ('male', 'Male'), ('unknown', 'Not known or other')], default='unknown', max_length=8)),
                ('gender', models.CharField(blank=True, max_length=60)),
                ('pronouns', models.CharField(blank=True, max_length=40)),
                ('language', models.CharField(default='en', max_length=2)),
                ('time_zone', models.CharField(max_length=64)),
                ('registered_at', models.DateTimeField()),
                ('died_on', models.DateField(blank=True, null=True)),
                ('merged_at', models.DateTimeField(blank=True, null=True)),
                ('merged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='patients.patient')),
                ('registered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
            ],
            options={
                'indexes': [models.Index(fields=['family_name', 'given_name', 'id'], name='patient_by_name')],
                'constraints': [models.UniqueConstraint(fields=('record_number',), name='patient_record_number_once'), models.CheckConstraint(condition=models.Q(('birth_date__lte', django.db.models.expressions.CombinedExpression(models.F('registered_at'), '+', models.Value(datetime.timedelta(days=1))))), name='patient_born_before_registered'), models.CheckConstraint(condition=models.Q(models.Q(('merged_at__isnull', False), ('merged_by__isnull', False)), models.Q(('merged_at__isnull', True), ('merged_by__isnull', True)), _connector='OR'), name='patient_merged_at_by')],
            },
        ),
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('sections', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('opened_at', models.DateTimeField()),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intakes', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('signed_at__isnull', True)), fields=('patient',), name='intake_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('signed_at__isnull', False), ('signed_by__isnull', False)), models.Q(('signed_at__isnull', True), ('signed_by__isnull', True)), _connector='OR'), name='intake_signed_at_by')],
            },
        ),
        migrations.CreateModel(
            name='ContactPreference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1)),
                ('preferred_channel', models.CharField(blank=True, max_length=8)),
                ('reminders_wanted', models.BooleanField(default=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contact_preference', to='patients.patient')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ContactPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('channel', models.CharField(max_length=8)),
                ('address', models.CharField(max_length=254)),
                ('rank', models.PositiveSmallIntegerField(default=1)),
                ('ok_to_leave_message', models.BooleanField(default=False)),
                ('shared', models.BooleanField(default=False)),
                ('opens', models.TimeField(blank=True, null=True)),
                ('closes', models.TimeField(blank=True, null=True)),
                ('added_at', models.DateTimeField()),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('retired_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_points', to='patients.patient')),
            ],
            options={
                'ordering': ['rank', 'id'],
                'indexes': [models.Index(fields=['address'], name='contact_point_address')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('patient', 'channel', 'address'), name='contact_point_once'), models.CheckConstraint(condition=models.Q(models.Q(('verified_at__isnull', False), ('verified_by__isnull', False)), models.Q(('verified_at__isnull', True), ('verified_by__isnull', True)), _connector='OR'), name='contact_point_verified_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', False), ('retired_by__isnull', False)), models.Q(('retired_at__isnull', True), ('retired_by__isnull', True)), _connector='OR'), name='contact_point_retired_at_by')],
            },
        ),
        migrations.CreateModel(
            name='ContactConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('given', models.BooleanField()),
                ('method', models.CharField(help_text='in_person, phone, written, reply, link', max_length=16)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('contact_point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='patients.contactpoint')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_consents', to='patients.patient')),
            ],
            options={
                'indexes': [models.Index(fields=['contact_point', '-effective_at', '-id'], name='contact_consent_newest')],
            },
        ),
        migrations.CreateModel(
            name='AssessmentDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('instrument', models.CharField(max_length=40)),
                ('definition_version', models.PositiveIntegerField()),
                ('answers', models.JSONField(default=dict)),
                ('context', models.JSONField(default=dict)),
                ('effective_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField()),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('intake', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='patients.intake')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessment_drafts', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('patient', 'instrument'), name='assessment_draft_once')],
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('instrument', models.CharField(max_length=40)),
                ('definition_version', models.PositiveIntegerField()),
                ('definition_digest', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('final', 'Final'), ('amended', 'Amended'), ('entered_in_error', 'Entered in error')], default='final', max_length=16)),
                ('scoring_status', models.CharField(max_length=10)),
                ('answers', models.JSONField()),
                ('context', models.JSONField(default=dict)),
                ('points', models.JSONField(default=dict)),
                ('total', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True)),
                ('subscores', models.JSONField(default=dict)),
                ('band', models.JSONField(blank=True, null=True)),
                ('alerts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('preface_shown', models.BooleanField(default=False)),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('amendment_reason', models.CharField(blank=True, max_length=300)),
                ('retracted_at', models.DateTimeField(blank=True, null=True)),
                ('retraction_reason', models.CharField(blank=True, max_length=300)),
                ('amends', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_as', to='patients.assessment')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('retracted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site')),
                ('intake', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='patients.intake')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='patients.patient')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', 'instrument', '-effective_at', '-id'], name='assessment_newest_first')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('retracted_at__isnull', False), ('retracted_by__isnull', False)), models.Q(('retracted_at__isnull', True), ('retracted_by__isnull', True)), _connector='OR'), name='assessment_retracted_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('retracted_at__isnull', False), ('status', 'entered_in_error')), models.Q(models.Q(('status', 'entered_in_error'), _negated=True), ('retracted_at__isnull', True)), _connector='OR'), name='assessment_in_error_is_retracted')],
            },
        ),
        migrations.CreateModel(
            name='PatientSite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='site_stays', to='patients.patient')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('until__isnull', True)), fields=['site', 'patient'], name='patient_site_current')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('patient', 'site'), name='patient_site_once')],
            },
        ),
        migrations.CreateModel(
            name='PossibleDuplicate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reasons', models.JSONField(default=list)),
                ('opened_at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, max_length=12)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('patient', 'other'), name='possible_duplicate_once'), models.CheckConstraint(condition=models.Q(('patient', models.F('other')), _negated=True), name='possible_duplicate_of_another'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), _connector='OR'), name='possible_duplicate_decided_at_by')],
            },
        ),
        migrations.CreateModel(
            name='SafetyFlag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('source_id', models.UUIDField()),
                ('instrument', models.CharField(max_length=40)),
                ('alert_key', models.CharField(max_length=40)),
                ('severity', models.CharField(max_length=10)),
                ('raised_at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('corrected_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('action_taken', models.TextField(blank=True)),
                ('assessment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='safety_flags', to='patients.assessment')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('corrected_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='safety_flags', to='patients.patient')),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['patient'], name='safety_flag_open'), models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['site', 'raised_at'], name='safety_flag_open_at_site')],
                'constraints': [models.UniqueConstraint(fields=('source_id', 'alert_key'), name='safety_flag_once'), models.CheckConstraint(condition=models.Q(('severity__in', ['emergency', 'urgent', 'warning', 'info'])), name='safety_flag_severity'), models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('action_taken', ''), _negated=True), _connector='OR'), name='safety_flag_closed_with_what_was_done'), models.CheckConstraint(condition=models.Q(models.Q(('taken_at__isnull', False), ('taken_by__isnull', False)), models.Q(('taken_at__isnull', True), ('taken_by__isnull', True)), _connector='OR'), name='safety_flag_taken_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('corrected_at__isnull', False), ('corrected_by__isnull', False)), models.Q(('corrected_at__isnull', True), ('corrected_by__isnull', True)), _connector='OR'), name='safety_flag_corrected_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), _connector='OR'), name='safety_flag_closed_at_by')],
            },
        ),
        migrations.CreateModel(
            name='SearchToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('token', models.CharField(max_length=120)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='search_tokens', to='patients.patient')),
            ],
            options={
                'indexes': [models.Index(fields=['token'], name='search_token_prefix', opclasses=['varchar_pattern_ops'])],
                'constraints': [models.UniqueConstraint(fields=('patient', 'kind', 'token'), name='search_token_once')],
            },
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('channel', models.CharField(blank=True, max_length=8)),
                ('address', models.CharField(blank=True, max_length=254)),
                ('reason', models.CharField(max_length=24)),
                ('since', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('patient', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='suppressions', to='patients.patient')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('address', ''), _negated=True), ('patient__isnull', False), _connector='OR'), name='suppression_of_something'), models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('channel', 'address', 'patient'), name='suppression_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), _connector='OR'), name='suppression_lifted_at_by')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactconsent',
            trigger=pgtrigger.compiler.Trigger(name='contact_consent_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b3be777bd81cdf8904016ea3d3e8fc74a184a4f8', operation='UPDATE OR DELETE', pgid='pgtrigger_contact_consent_append_only_85ec0', table='patients_contactconsent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='assessment_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='8387cdb91f184f67b45c95200c1f9444e7c70aa4', operation='DELETE', pgid='pgtrigger_assessment_kept_052d9', table='patients_assessment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='assessment_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."intake_id" IS DISTINCT FROM (NEW."intake_id") OR OLD."instrument" IS DISTINCT FROM (NEW."instrument") OR OLD."definition_version" IS DISTINCT FROM (NEW."definition_version") OR OLD."definition_digest" IS DISTINCT FROM (NEW."definition_digest") OR OLD."scoring_status" IS DISTINCT FROM (NEW."scoring_status") OR OLD."answers" IS DISTINCT FROM (NEW."answers") OR OLD."context" IS DISTINCT FROM (NEW."context") OR OLD."points" IS DISTINCT FROM (NEW."points") OR OLD."total" IS DISTINCT FROM (NEW."total") OR OLD."subscores" IS DISTINCT FROM (NEW."subscores") OR OLD."band" IS DISTINCT FROM (NEW."band") OR OLD."alerts" IS DISTINCT FROM (NEW."alerts") OR OLD."preface_shown" IS DISTINCT FROM (NEW."preface_shown") OR OLD."effective_at" IS DISTINCT FROM (NEW."effective_at") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id") OR OLD."amends_id" IS DISTINCT FROM (NEW."amends_id") OR OLD."amendment_reason" IS DISTINCT FROM (NEW."amendment_reason"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='6b55a557e91bda2a5ca686af7c9722e4c21e505a', operation='UPDATE', pgid='pgtrigger_assessment_frozen_c4460', table='patients_assessment', when='BEFORE')),
        ),
    ]
