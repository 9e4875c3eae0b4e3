import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0006_rooms'),
        ('patients', '0003_intake_reason'),
    ]

    operations = [
        migrations.CreateModel(
            name='Observation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('panel', models.UUIDField()),
                ('code', models.CharField(max_length=40)),
                ('category', models.CharField(max_length=12)),
                ('quantity', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True)),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('result', models.CharField(blank=True, max_length=14)),
                ('choice', models.CharField(blank=True, max_length=40)),
                ('moment', models.DateTimeField(blank=True, help_text='Such as the time of the last use.', null=True)),
                ('cut_off', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True)),
                ('cut_off_unit', models.CharField(blank=True, max_length=20)),
                ('method', models.CharField(blank=True, max_length=40)),
                ('reference_low', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True)),
                ('reference_high', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True)),
                ('laboratory', models.CharField(blank=True, max_length=80)),
                ('specimen', models.CharField(blank=True, max_length=20)),
                ('specimen_validity', models.CharField(default='not_checked', max_length=12)),
                ('witnessed', models.BooleanField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('effective_at', models.DateTimeField()),
                ('resulted_on', models.DateField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('status', models.CharField(default='final', max_length=16)),
                ('amendment_reason', models.CharField(blank=True, max_length=300)),
                ('retracted_at', models.DateTimeField(blank=True, null=True)),
                ('retraction_reason', models.CharField(blank=True, max_length=300)),
                ('amends', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_as', to='patients.observation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='patients.patient')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('retracted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', 'code', '-effective_at', '-id'], name='observation_newest_first'), models.Index(fields=['panel'], name='observation_panel')],
                'constraints': [models.CheckConstraint(condition=models.Q(('category__in', ['vital', 'lab', 'drug_screen', 'exposure'])), name='observation_category'), models.CheckConstraint(condition=models.Q(('result__in', ['', 'negative', 'positive', 'indeterminate', 'invalid'])), name='observation_result'), models.CheckConstraint(condition=models.Q(('status__in', ['final', 'amended', 'entered_in_error'])), name='observation_status'), models.CheckConstraint(condition=models.Q(('specimen_validity__in', ['valid', 'dilute', 'substituted', 'adulterated', 'not_checked'])), name='observation_specimen_validity'), models.CheckConstraint(condition=models.Q(models.Q(('choice', ''), ('moment__isnull', True), ('quantity__isnull', False), ('result', '')), models.Q(('choice', ''), ('moment__isnull', True), ('quantity__isnull', True), models.Q(('result', ''), _negated=True)), models.Q(('moment__isnull', True), ('quantity__isnull', True), ('result', ''), models.Q(('choice', ''), _negated=True)), models.Q(('choice', ''), ('moment__isnull', False), ('quantity__isnull', True), ('result', '')), _connector='OR'), name='observation_one_value'), models.CheckConstraint(condition=models.Q(('reference_low__isnull', True), ('reference_high__isnull', True), ('reference_low__lte', models.F('reference_high')), _connector='OR'), name='observation_range_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('retracted_at__isnull', False), ('status', 'entered_in_error')), models.Q(models.Q(('status', 'entered_in_error'), _negated=True), ('retracted_at__isnull', True)), _connector='OR'), name='observation_in_error_is_retracted'), models.CheckConstraint(condition=models.Q(models.Q(('retracted_at__isnull', False), ('retracted_by__isnull', False)), models.Q(('retracted_at__isnull', True), ('retracted_by__isnull', True)), _connector='OR'), name='observation_retracted_at_by')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(max_length=20)),
                ('patient_name', models.CharField(help_text='As signed.', max_length=200)),
                ('discloser', models.CharField(help_text='Who may tell: a person, or the clinic.', max_length=200)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None)),
                ('details', models.CharField(blank=True, help_text='How much and what, where a category is too wide.', max_length=300)),
                ('recipient_class', models.CharField(max_length=20)),
                ('recipient', models.CharField(blank=True, help_text='By name, where it is not a class.', max_length=200)),
                ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ('purpose_text', models.CharField(blank=True, max_length=300)),
                ('form_version', models.CharField(help_text='The text that tells of the right to revoke.', max_length=40)),
                ('expiry', models.CharField(max_length=20)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('expiry_event', models.CharField(blank=True, max_length=200)),
                ('ended_on', models.DateField(blank=True, help_text='When the event or the end of treatment came.', null=True)),
                ('signer', models.CharField(max_length=16)),
                ('signer_name', models.CharField(max_length=200)),
                ('authority', models.CharField(blank=True, help_text='Why another may sign: the document.', max_length=200)),
                ('method', models.CharField(max_length=12)),
                ('digest', models.CharField(help_text='SHA-256 of what was signed, in canonical form.', max_length=64)),
                ('signed_on', models.DateField()),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revocation_method', models.CharField(blank=True, max_length=20)),
                ('revocation_note', models.CharField(blank=True, max_length=300)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='patients.patient')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='patients.consent')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', '-effective_at', '-id'], name='consent_newest_first')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['tpo', 'specific', 'counseling_notes', 'legal_proceeding', 'intermediary'])), name='consent_kind'), models.CheckConstraint(condition=models.Q(models.Q(('expires_on__isnull', False), ('expiry', 'on_date')), models.Q(models.Q(('expiry', 'on_date'), _negated=True), ('expires_on__isnull', True)), _connector='OR'), name='consent_expiry_date'), models.CheckConstraint(condition=models.Q(models.Q(('expiry', 'event'), _negated=True), models.Q(('expiry_event', ''), _negated=True), _connector='OR'), name='consent_expiry_event'), models.CheckConstraint(condition=models.Q(models.Q(('expiry__in', ['none', 'end_of_treatment']), _negated=True), ('kind', 'tpo'), _connector='OR'), name='consent_open_end_is_tpo'), models.CheckConstraint(condition=models.Q(('categories__len__gt', 0), ('purposes__len__gt', 0)), name='consent_says_what_and_why'), models.CheckConstraint(condition=models.Q(models.Q(('recipient_class', 'named'), _negated=True), models.Q(('recipient', ''), _negated=True), _connector='OR'), name='consent_names_recipient'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'counseling_notes'), _negated=True), ('categories', ['counseling_notes']), _connector='OR'), name='consent_notes_stand_alone'), models.CheckConstraint(condition=models.Q(('revoked_at__isnull', True), models.Q(('revocation_method', ''), _negated=True), _connector='OR'), name='consent_revoked_somehow'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), _connector='OR'), name='consent_revoked_at_by')],
            },
        ),
        migrations.AddField(
            model_name='safetyflag',
            name='observation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='safety_flags', to='patients.observation'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='consent_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b6fe6292142f623ef86cf53b03ebdcdcb8aeef95', operation='DELETE', pgid='pgtrigger_consent_kept_ed9b3', table='patients_consent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='consent_as_signed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."patient_name" IS DISTINCT FROM (NEW."patient_name") OR OLD."discloser" IS DISTINCT FROM (NEW."discloser") OR OLD."categories" IS DISTINCT FROM (NEW."categories") OR OLD."details" IS DISTINCT FROM (NEW."details") OR OLD."recipient_class" IS DISTINCT FROM (NEW."recipient_class") OR OLD."recipient" IS DISTINCT FROM (NEW."recipient") OR OLD."purposes" IS DISTINCT FROM (NEW."purposes") OR OLD."purpose_text" IS DISTINCT FROM (NEW."purpose_text") OR OLD."form_version" IS DISTINCT FROM (NEW."form_version") OR OLD."expiry" IS DISTINCT FROM (NEW."expiry") OR OLD."expires_on" IS DISTINCT FROM (NEW."expires_on") OR OLD."expiry_event" IS DISTINCT FROM (NEW."expiry_event") OR OLD."signer" IS DISTINCT FROM (NEW."signer") OR OLD."signer_name" IS DISTINCT FROM (NEW."signer_name") OR OLD."authority" IS DISTINCT FROM (NEW."authority") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."signed_on" IS DISTINCT FROM (NEW."signed_on") OR OLD."effective_at" IS DISTINCT FROM (NEW."effective_at") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5012163e809169c28673247edf8a94f6f8ab7290', operation='UPDATE', pgid='pgtrigger_consent_as_signed_61390', table='patients_consent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='observation',
            trigger=pgtrigger.compiler.Trigger(name='observation_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='981cbd6fd2fd691a719e76672c5213113222adec', operation='DELETE', pgid='pgtrigger_observation_kept_5806f', table='patients_observation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='observation',
            trigger=pgtrigger.compiler.Trigger(name='observation_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."patient_id" IS DISTINCT FROM (NEW."patient_id") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."panel" IS DISTINCT FROM (NEW."panel") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."category" IS DISTINCT FROM (NEW."category") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."unit" IS DISTINCT FROM (NEW."unit") OR OLD."result" IS DISTINCT FROM (NEW."result") OR OLD."choice" IS DISTINCT FROM (NEW."choice") OR OLD."moment" IS DISTINCT FROM (NEW."moment") OR OLD."cut_off" IS DISTINCT FROM (NEW."cut_off") OR OLD."cut_off_unit" IS DISTINCT FROM (NEW."cut_off_unit") OR OLD."method" IS DISTINCT FROM (NEW."method") OR OLD."reference_low" IS DISTINCT FROM (NEW."reference_low") OR OLD."reference_high" IS DISTINCT FROM (NEW."reference_high") OR OLD."laboratory" IS DISTINCT FROM (NEW."laboratory") OR OLD."specimen" IS DISTINCT FROM (NEW."specimen") OR OLD."specimen_validity" IS DISTINCT FROM (NEW."specimen_validity") OR OLD."witnessed" IS DISTINCT FROM (NEW."witnessed") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."effective_at" IS DISTINCT FROM (NEW."effective_at") OR OLD."resulted_on" IS DISTINCT FROM (NEW."resulted_on") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id") OR OLD."amends_id" IS DISTINCT FROM (NEW."amends_id") OR OLD."amendment_reason" IS DISTINCT FROM (NEW."amendment_reason"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a5cdd2f646b80892c95d2f7312bd46001672dfbe', operation='UPDATE', pgid='pgtrigger_observation_frozen_cc2da', table='patients_observation', when='BEFORE')),
        ),
    ]
