"""How often somebody said wrongly whom a link is for, kept with the link: the last try there is closes it."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('pathways', '0009_turns_of_answers'),
    ]

    operations = [
        migrations.AddField(
            model_name='patientlink',
            name='wrong_tries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='How often somebody said wrongly whom it is for.'),
        ),
        AddConstraintNotValid(
            model_name='patientlink',
            constraint=models.CheckConstraint(condition=models.Q(('wrong_tries__lt', 5), models.Q(('revoked_at__isnull', False), ('wrong_tries', 5)), _connector='OR'), name='patient_link_locked'),
        ),
        ValidateConstraint(model_name='patientlink', name='patient_link_locked'),
    ]
