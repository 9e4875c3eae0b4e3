"""Why a required section was not asked, said at the signature."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_record_numbers")]
    operations = [
        migrations.AddField("intake", "not_asked_reason", models.CharField(blank=True, max_length=300)),
    ]
