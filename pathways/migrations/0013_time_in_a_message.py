"""The time a message about a session says is kept with it, so that a late receipt shows who holds an old one."""

from django.db import migrations, models

KNOWN = """
    UPDATE pathways_reminder AS message SET appointment_at = place.starts_at
    FROM pathways_attendance AS place JOIN pathways_session AS session ON session.id = place.session_id
    WHERE message.attendance_id = place.id AND message.subject_version = session.plan_version
"""


class Migration(migrations.Migration):

    dependencies = [
        ('pathways', '0012_messages_for_a_person'),
    ]

    operations = [
        migrations.AddField(
            model_name='reminder',
            name='appointment_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
