"""This copy of the software gets its identity."""

from django.db import migrations


def found(apps, schema_editor):
    apps.get_model("clinic", "Installation").objects.get_or_create(only=True)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0002_api_clients")]
    operations = [migrations.RunPython(found, migrations.RunPython.noop, elidable=False)]
