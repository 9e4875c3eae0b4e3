"""Record numbers come from the database, so that two registrations never meet."""

from django.db import migrations

_CREATE = "CREATE SEQUENCE patients_record_number"
_GRANT = """
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'stepwell_app') THEN
        GRANT USAGE ON SEQUENCE patients_record_number TO stepwell_app;
    END IF;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_people")]
    operations = [
        migrations.RunSQL(_CREATE, "DROP SEQUENCE patients_record_number"),
        migrations.RunSQL(_GRANT, migrations.RunSQL.noop),
    ]
