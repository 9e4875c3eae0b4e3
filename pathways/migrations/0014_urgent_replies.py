"""Replies with words of danger in them are known by it, so that they stand first on Today."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pathways', '0013_time_in_a_message'),
    ]

    operations = [
        migrations.AddField(
            model_name='reply',
            name='urgent',
            field=models.BooleanField(db_default=False, default=False, help_text='Words of danger are in it.'),
        ),
    ]
