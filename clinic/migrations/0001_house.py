import clinic.models.audit
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Actor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('staff', 'Staff'), ('api_client', 'Api Client'), ('job', 'Job'), ('patient_link', 'Patient Link')], max_length=12)),
                ('name', models.CharField(max_length=120)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, size=None)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'job')), fields=('name',), name='actor_job_name_once')],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField(unique=True)),
                ('entries', models.PositiveIntegerField()),
                ('entry_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('previous_digest', models.CharField(blank=True, max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DeliveryArming',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('installation_id', models.UUIDField()),
                ('system_identifier', models.CharField(max_length=32)),
                ('database', models.CharField(max_length=63)),
                ('armed_at', models.DateTimeField()),
                ('disarmed_at', models.DateTimeField(blank=True, null=True)),
                ('armed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('disarmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('disarmed_at__isnull', True)), fields=('database',), name='delivery_armed_once'), models.CheckConstraint(condition=models.Q(models.Q(('disarmed_at__isnull', False), ('disarmed_by__isnull', False)), models.Q(('disarmed_at__isnull', True), ('disarmed_by__isnull', True)), _connector='OR'), name='delivery_disarmed_at_by')],
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(max_length=40, unique=True)),
                ('beat_at', models.DateTimeField()),
                ('counts', models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='IdempotentAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('headers', models.JSONField(default=dict)),
                ('body', models.BinaryField()),
                ('answered_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.actor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('actor', 'key'), name='idempotent_answer_once')],
            },
        ),
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('only', models.BooleanField(default=True, editable=False, unique=True)),
                ('installation_id', models.UUIDField(default=uuid.uuid4)),
                ('practice', models.BooleanField(default=False, help_text='Holds demonstration data.')),
                ('clock_offset', models.DurationField(default=datetime.timedelta(0))),
                ('clock_moved_at', models.DateTimeField(blank=True, null=True)),
                ('clock_moved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('only', True)), name='installation_only_one')],
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('code', models.SlugField(max_length=32)),
                ('name', models.CharField(max_length=120)),
                ('discreet_name', models.CharField(max_length=40)),
                ('time_zone', models.CharField(default='America/New_York', max_length=64)),
                ('region', models.CharField(default='US', help_text='For telephone numbers written without a country.', max_length=2)),
                ('contact_opens', models.TimeField(default=datetime.time(9, 0))),
                ('contact_closes', models.TimeField(default=datetime.time(19, 0))),
                ('phone', models.CharField(max_length=20)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('code',), name='site_code_once'), models.CheckConstraint(condition=models.Q(('contact_opens__lt', models.F('contact_closes'))), name='site_opens_before_it_closes'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), _connector='OR'), name='site_closed_at_by')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False, help_text="May open the operators' read-only admin.")),
                ('date_joined', models.DateTimeField(auto_now_add=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once')],
            },
        ),
        migrations.CreateModel(
            name='StaffMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('full_name', models.CharField(max_length=120)),
                ('title', models.CharField(blank=True, max_length=80)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('theme', models.CharField(choices=[('auto', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='auto', max_length=5)),
                ('language', models.CharField(default='en', max_length=2)),
                ('single_keys', models.BooleanField(default=True, help_text='Keys such as j and k work on pages.')),
                ('invited_at', models.DateTimeField()),
                ('deactivated_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='staff_member', to='clinic.actor')),
                ('current_site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clinic.site')),
                ('deactivated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='staff_member', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['full_name'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('deactivated_at__isnull', False), ('deactivated_by__isnull', False)), models.Q(('deactivated_at__isnull', True), ('deactivated_by__isnull', True)), _connector='OR'), name='staff_deactivated_at_by')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('recorded_at', models.DateTimeField()),
                ('action', models.CharField(max_length=80)),
                ('outcome', models.CharField(default='done', max_length=16)),
                ('subject_type', models.CharField(blank=True, max_length=40)),
                ('subject_id', models.UUIDField(blank=True, null=True)),
                ('patient_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('transaction_id', clinic.models.audit.Xid8(db_default=clinic.models.audit.CurrentTransaction(), editable=False)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
                ('on_behalf_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.actor')),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'indexes': [models.Index(fields=['-recorded_at', '-id'], name='audit_newest_first'), models.Index(fields=['subject_type', 'subject_id'], name='audit_of_a_subject')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditseal',
            trigger=pgtrigger.compiler.Trigger(name='seal_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a6448f9950dfb02a143cbb3336e3595918ce12ce', operation='UPDATE OR DELETE', pgid='pgtrigger_seal_append_only_a0e75', table='clinic_auditseal', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='actor',
            name='sites',
            field=models.ManyToManyField(blank=True, related_name='actors', to='clinic.site'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='audit_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='579483918631fa96b71cb9d8158c586297f6ec31', operation='UPDATE OR DELETE', pgid='pgtrigger_audit_append_only_b8bb6', table='clinic_auditentry', when='BEFORE')),
        ),
    ]
