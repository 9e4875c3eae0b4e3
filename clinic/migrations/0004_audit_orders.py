"""Orders in which the audit is read: as committed (the sealer), by who acted, by whose record."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_installation")]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["transaction_id", "id"], name="audit_in_order_of_commit"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor", "-recorded_at", "-id"], name="audit_of_an_actor"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.GinIndex(fields=["patient_ids"], name="audit_of_a_patient"),
        ),
    ]
